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

export interface Address {
  email: string;
}

export interface Bucket {
  bucket: number;
}

export interface Flag {
  name: string;
  percent: number;
}

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

export interface Sale {
  order_id: string;
  customer_id: string;
  pieces: number;
  total_cents: number;
  placed_at: string;
}

export interface SignUp {
  email: string;
  name: string;
  taste: Taste;
  agreed: boolean;
}

export type Step = "RECEIVED" | "WRAPPED" | "ON_ITS_WAY";

export interface Switch {
  name: string;
  on: boolean;
}

export type Taste = "CUPS" | "BOWLS" | "VASES";

export interface User {
  user_id: string;
  name: string;
  taste: Taste;
  since: string;
}

export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  {
    flags: {
      forVisitor: Query<Bucket, Switch[]>;
      list: Query<void, Flag[]>;
      set: Mutation<Flag, Flag>;
    };
    kiln: {
      restock: Mutation<Restock, undefined>;
    };
    orders: {
      latest: Query<void, Sale[]>;
      place: Mutation<Order, Placed>;
      progress: Subscription<OrderId, Progress>;
    };
    products: {
      byId: Query<ProductId, Product>;
      list: Query<void, Product[]>;
    };
    users: {
      begin: Mutation<Address, undefined>;
      latest: Query<void, User[]>;
      signUp: Mutation<SignUp, User>;
    };
  }
>;
