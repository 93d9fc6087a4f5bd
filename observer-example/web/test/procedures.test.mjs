// The official client against a running shop, whose address is in SHOP_URL. Started by ProceduresIT.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from "@trpc/client";
import { EventSource } from "eventsource";

const url = new URL("/api/trpc", process.env.SHOP_URL).toString();
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };

const ORDER = {
  name: "Ada",
  email: "ada@example.org",
  card_number: "4242 4242 4242 4242",
  note: "",
  lines: [
    { product_id: "ember-teapot", quantity: 2 },
    { product_id: "moss-mug", quantity: 1 },
  ],
};

async function refused(call) {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof TRPCClientError, String(error));
    return error;
  }
  return assert.fail("nothing was refused");
}

let requests = 0;
const counting = (input, init) => {
  requests++;
  return fetch(input, init);
};

for (const [name, link] of Object.entries({ httpLink, httpBatchLink, httpBatchStreamLink })) {
  const trpc = createTRPCClient({ links: [link({ url, headers, fetch: counting })] });

  test(`${name}: queries and mutations are answered`, async () => {
    const products = await trpc.products.list.query();
    assert.equal(products.length, 8);
    assert.deepEqual(await trpc.products.byId.query({ id: products[2].id }), products[2]);
    const placed = await trpc.orders.place.mutate(ORDER);
    assert.equal(placed.total_cents, 2 * 12_600 + 2_800);
    assert.match(placed.customer_id, /^customer-[0-9a-f]{10}$/);
  });

  test(`${name}: calls of one moment are answered each, the failing ones too`, async () => {
    requests = 0;
    const answers = await Promise.allSettled([
      trpc.products.list.query(),
      trpc.products.byId.query({ id: "ember-teapot" }),
      trpc.products.byId.query({ id: "no-such-thing" }),
    ]);
    assert.deepEqual(
      answers.map((answer) => answer.status),
      ["fulfilled", "fulfilled", "rejected"],
    );
    assert.equal(answers[1].value.name, "Ember teapot");
    assert.equal(answers[2].reason.data.code, "NOT_FOUND");
    assert.equal(answers[2].reason.data.path, "products.byId");
    assert.equal(answers[2].reason.shape.code, -32004);
    assert.equal(requests, name === "httpLink" ? 3 : 1);
  });

  test(`${name}: a wrong input is named by its place`, async () => {
    const lines = [{ product_id: "moss-mug", quantity: 10 }];
    const error = await refused(trpc.orders.place.mutate({ ...ORDER, email: "nobody", lines }));
    assert.equal(error.data.code, "BAD_REQUEST");
    assert.deepEqual(error.data.errors, [
      { pointer: "/email", reason: "This does not look like an e-mail address." },
      { pointer: "/lines/0/quantity", reason: "We sell 1 to 9 of each." },
    ]);
  });

  test(`${name}: a failure has a code, a message and the trace`, async () => {
    const error = await refused(trpc.kiln.restock.mutate({ product_id: "ember-teapot" }));
    assert.equal(error.message, "The kiln is too hot to open.");
    assert.equal(error.data.code, "INTERNAL_SERVER_ERROR");
    assert.equal(error.data.httpStatus, 500);
    assert.equal(error.data.trace_id, TRACE);
    assert.equal(error.data.stack, undefined);
  });

  test(`${name}: what is unknown is said to be`, async () => {
    const error = await refused(trpc.products.sell.mutate());
    assert.equal(error.data.code, "NOT_FOUND");
  });

  test(`${name}: a call can be given up`, async () => {
    const giveUp = new AbortController();
    const asked = trpc.products.list.query(undefined, { signal: giveUp.signal });
    giveUp.abort();
    const error = await refused(asked);
    assert.equal(error.cause?.name, "AbortError");
    assert.equal((await trpc.products.list.query()).length, 8);
  });
}

const subscribing = createTRPCClient({
  links: [
    splitLink({
      condition: (call) => call.type === "subscription",
      true: httpSubscriptionLink({ url, EventSource }),
      false: httpBatchLink({ url }),
    }),
  ],
});

test("who signs up and buys is one customer, in both lists", async () => {
  const email = "grace@example.org";
  await subscribing.users.begin.mutate({ email });
  const said = { email, name: "Grace", taste: "BOWLS", agreed: true };
  const user = await subscribing.users.signUp.mutate(said);
  const again = await refused(subscribing.users.begin.mutate({ email }));
  assert.equal(again.data.code, "CONFLICT");
  assert.equal(again.data.errors[0].pointer, "/email");
  const placed = await subscribing.orders.place.mutate({ ...ORDER, email });
  assert.equal(placed.customer_id, user.user_id);
  assert.deepEqual((await subscribing.users.latest.query())[0], user);
  const [order] = await subscribing.orders.latest.query();
  assert.equal(order.order_id, placed.order_id);
  assert.equal(order.pieces, 3);
});

test("a subscription tells, and ends", async () => {
  const told = [];
  await new Promise((resolve, reject) => {
    subscribing.orders.progress.subscribe(
      { order_id: "L-1001" },
      { onData: ({ step }) => told.push(step), onComplete: resolve, onError: reject },
    );
  });
  assert.deepEqual(told, ["RECEIVED", "WRAPPED", "ON_ITS_WAY"]);
});

test("a subscription with a wrong input is refused", async () => {
  const error = await new Promise((resolve, reject) => {
    subscribing.orders.progress.subscribe(
      { order_id: " " },
      { onError: resolve, onComplete: () => reject(new Error("it ended well")) },
    );
  });
  assert.equal(error.data.code, "BAD_REQUEST");
  assert.deepEqual(error.data.errors, [{ pointer: "/order_id", reason: "must not be blank" }]);
});

test("a subscription can be given up", async () => {
  const told = [];
  await new Promise((resolve) => {
    const following = subscribing.orders.progress.subscribe(
      { order_id: "L-1001" },
      {
        onData({ step }) {
          told.push(step);
          following.unsubscribe();
        },
        onComplete: resolve,
      },
    );
  });
  assert.deepEqual(told, ["RECEIVED"]);
});
