// Compiled, never run: the types of the back end's procedures are what its Java says. Where an error
// is expected and there is none, `tsc` fails.
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { AppRouter } from "../src/shop/app-router";

const trpc = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "/api/trpc" })] });

export async function types(): Promise<number> {
  const products = await trpc.products.list.query();
  const product = await trpc.products.byId.query({ id: "dawn-vase" });
  const placed = await trpc.orders.place.mutate({
    name: "Ada",
    email: "ada@example.org",
    card_number: "4242",
    lines: [{ product_id: "dawn-vase", quantity: 1 }],
  });
  trpc.orders.progress.subscribe(
    { order_id: placed.order_id },
    {
      onData(progress) {
        const step: "RECEIVED" | "WRAPPED" | "ON_ITS_WAY" = progress.step;
        return step;
      },
      onError: (error) => error.data?.trace_id,
    },
  );

  // @ts-expect-error an id is a text
  await trpc.products.byId.query({ id: 7 });
  // @ts-expect-error a product is named
  await trpc.products.byId.query();
  // @ts-expect-error a mutation cannot be queried
  await trpc.orders.place.query({ lines: [] });
  // @ts-expect-error there is no such procedure
  await trpc.products.sell.mutate();
  // @ts-expect-error a name that Java has not
  product.priceCents;

  const names: string[] = products.map((one) => one.name);
  return names.length + product.price_cents + placed.total_cents;
}
