// Made from the procedures of the server. Do not edit: the build makes it anew.
import type {
  TRPCBuiltRouter,
  TRPCDefaultErrorData,
  TRPCDefaultErrorShape,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from "@trpc/server";

/** What is wrong at one place of the input, a JSON pointer. */
export interface Violation {
  pointer: string;
  reason: string;
}

export interface ErrorShape extends TRPCDefaultErrorShape {
  data: TRPCDefaultErrorData & { trace_id: string; errors?: Violation[] };
}

type Query<I, O> = TRPCQueryProcedure<{ input: I; output: O; meta: object }>;
type Mutation<I, O> = TRPCMutationProcedure<{ input: I; output: O; meta: object }>;
type Subscription<I, O> = TRPCSubscriptionProcedure<{
  input: I;
  output: AsyncIterable<O, void, unknown>;
  meta: object;
}>;

export interface Line {
  product_id: string;
  quantity: number;
}

export interface Order {
  name: string;
  email: string;
  card_number: string;
  note?: string | null;
  lines: Line[];
}

export interface OrderId {
  order_id: string;
}

export interface Placed {
  order_id: string;
  customer_id: string;
  total_cents: number;
}

export interface Product {
  id: string;
  name: string;
  tagline: string;
  description: string;
  details: string[];
  price_cents: number;
  form: string;
  glaze: string;
}

export interface ProductId {
  id: string;
}

export interface Progress {
  step: Step;
}

export interface Restock {
  product_id: string;
}

export type Step = "RECEIVED" | "WRAPPED" | "ON_ITS_WAY";

export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  {
    kiln: {
      restock: Mutation<Restock, undefined>;
    };
    orders: {
      place: Mutation<Order, Placed>;
      progress: Subscription<OrderId, Progress>;
    };
    products: {
      byId: Query<ProductId, Product>;
      list: Query<void, Product[]>;
    };
  }
>;
