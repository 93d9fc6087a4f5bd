import { query } from "@solidjs/router";
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from "@trpc/client";
import type { Form } from "../pottery/forms";
import type { Glaze } from "../pottery/glazes";
import type * as server from "./app-router";

/** What the shop sells. Money is in cents. */
export interface Product extends server.Product {
  readonly form: Form;
  readonly glaze: Glaze;
}

export type { Flag, Sale, SignUp, Taste, User } from "./app-router";
export type OrderLine = Readonly<server.Line>;
export type OrderStep = server.Step;

/** The back end said no; `fields` says which inputs it means. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** @param traceId by which the back end's side of it is found */
  constructor(
    message: string,
    readonly status: number,
    readonly fields: Readonly<Record<string, string>> = {},
    readonly traceId?: string,
  ) {
    super(message);
  }
}

const url = "/api/trpc";
const trpc = createTRPCClient<server.AppRouter>({
  links: [
    splitLink({
      condition: (call) => call.type === "subscription",
      true: httpSubscriptionLink({ url }),
      false: httpBatchLink({ url }),
    }),
  ],
});

export const getProducts = query(
  () => answer(trpc.products.list.query()) as Promise<readonly Product[]>,
  "products",
);

export const getProduct = query(
  (id: string) => answer(trpc.products.byId.query({ id })) as Promise<Product>,
  "product",
);

export function placeOrder(order: server.Order): Promise<server.Placed> {
  return answer(trpc.orders.place.mutate(order));
}

/** Tells how an order gets on, until it is on its way. Returns how to stop listening. */
export function followOrder(order_id: string, tell: (step: OrderStep) => void): () => void {
  const following = trpc.orders.progress.subscribe(
    { order_id },
    { onData: ({ step }) => tell(step) },
  );
  return () => following.unsubscribe();
}

/** The first step of signing up: whether the address will do. */
export async function beginSignUp(email: string): Promise<void> {
  await answer(trpc.users.begin.mutate({ email }));
}

export function signUp(said: server.SignUp): Promise<server.User> {
  return answer(trpc.users.signUp.mutate(said));
}

/** Which flags are on, for the visitors of this bucket. */
export async function getSwitches(bucket: number): Promise<Readonly<Record<string, boolean>>> {
  const switches = await answer(trpc.flags.forVisitor.query({ bucket }));
  return Object.fromEntries(switches.map(({ name, on }) => [name, on]));
}

/** What is behind the counter. */
export const getCounter = query(async () => {
  const [orders, users, flags] = await answer(
    Promise.all([trpc.orders.latest.query(), trpc.users.latest.query(), trpc.flags.list.query()]),
  );
  return { orders, users, flags };
}, "counter");

/** Turns a flag up or down, for so many of a hundred visitors. */
export async function setFlag(flag: server.Flag): Promise<void> {
  await answer(trpc.flags.set.mutate(flag));
}

/** Asks for what the back end cannot give. */
export async function restock(product_id: string): Promise<void> {
  await answer(trpc.kiln.restock.mutate({ product_id }));
}

async function answer<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw error instanceof TRPCClientError ? refusal(error) : error;
  }
}

function refusal(error: TRPCClientError<server.AppRouter>): ApiError {
  const errors = error.data?.errors ?? [];
  return new ApiError(
    errors.length > 0 ? "Please look at the marked fields." : error.message,
    error.data?.httpStatus ?? 0,
    Object.fromEntries(errors.map(({ pointer, reason }) => [pointer.split("/")[1], reason])),
    error.data?.trace_id,
  );
}
