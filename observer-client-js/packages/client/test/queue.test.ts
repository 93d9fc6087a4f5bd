import { expect, test } from "vitest";
import { createDrops } from "../src/drops";
import type { Kind } from "../src/event/types";
import { createQueue, type Entry } from "../src/queue";

function entry(kind: Kind, name: string, bytes = 10, context = "{}"): Entry {
  return { kind, context, json: name, bytes };
}

function names(batch: { readonly entries: readonly Entry[] } | undefined): string[] {
  return batch?.entries.map((one) => one.json) ?? [];
}

test("a batch holds the oldest entries of one kind and one context", () => {
  const queue = createQueue(1e6, createDrops());
  for (const [name, context] of [
    ["a", "1"],
    ["b", "1"],
    ["c", "2"],
  ] as const) {
    queue.add(entry("event", name, 10, context));
  }
  queue.add(entry("error", "e"));
  expect(names(queue.next("event", 100, 1e6))).toEqual(["a", "b"]);
  expect(names(queue.next("event", 100, 1e6))).toEqual(["c"]);
  expect(queue.next("event", 100, 1e6)).toBeUndefined();
  expect(names(queue.next("error", 100, 1e6))).toEqual(["e"]);
});

test("a batch is bounded by items and bytes, but an entry too large comes alone", () => {
  const queue = createQueue(1e6, createDrops());
  for (const [name, bytes] of [
    ["a", 40],
    ["b", 40],
    ["big", 500],
    ["c", 1],
    ["d", 1],
  ] as const) {
    queue.add(entry("event", name, bytes));
  }
  expect(names(queue.next("event", 2, 100))).toEqual(["a", "b"]);
  expect(names(queue.next("event", 2, 100))).toEqual(["big"]);
  expect(names(queue.next("event", 1, 100))).toEqual(["c"]);
});

test("each replay batch is a request of its own", () => {
  const queue = createQueue(1e6, createDrops());
  queue.add(entry("replay", "0"));
  queue.add(entry("replay", "1"));
  expect(names(queue.next("replay", 100, 1e6))).toEqual(["0"]);
  expect(names(queue.next("replay", 100, 1e6))).toEqual(["1"]);
});

test("what comes back is taken again as it was, before newer entries", () => {
  const queue = createQueue(1e6, createDrops());
  queue.add(entry("event", "a"));
  const batch = queue.next("event", 100, 1e6);
  queue.add(entry("event", "b"));
  if (batch === undefined) throw new Error("no batch");
  queue.giveBack(batch);
  expect(queue.waiting("event")).toEqual({ items: 2, bytes: 20, retry: true });
  expect(queue.next("event", 100, 1e6)).toBe(batch);
  queue.done(batch);
  queue.giveBack(batch);
  expect(queue.waiting("event")).toEqual({ items: 1, bytes: 10, retry: false });
});

test("halves hold the same entries in the same order", () => {
  const queue = createQueue(1e6, createDrops());
  for (const name of ["a", "b", "c"]) queue.add(entry("event", name));
  const batch = queue.next("event", 100, 1e6);
  if (batch === undefined) throw new Error("no batch");
  queue.giveBackHalved(batch);
  expect(names(queue.next("event", 100, 1e6))).toEqual(["a", "b"]);
  expect(names(queue.next("event", 100, 1e6))).toEqual(["c"]);
});

test("when full, replays go before events and events before errors, and each loss is counted", () => {
  const drops = createDrops();
  const queue = createQueue(50, drops);
  queue.add(entry("error", "e1"));
  queue.add(entry("event", "a"));
  queue.add(entry("event", "b"));
  queue.add(entry("replay", "0"));
  queue.add(entry("replay", "1"));
  expect(drops.read()).toEqual({});
  queue.add(entry("error", "e2"));
  expect(drops.read()).toEqual({ "queue_full:replay": 1 });
  expect(names(queue.next("replay", 1, 1e6))).toEqual(["0"]);
  for (let i = 0; i < 3; i++) queue.add(entry("error", `more${i}`));
  expect(drops.read()).toEqual({
    "queue_full:replay": 1,
    "queue_full:event": 2,
    "queue_full:error": 1,
  });
  expect(names(queue.next("error", 100, 1e6))).toEqual(["e2", "more0", "more1", "more2"]);
});

test("a batch in flight still counts as held until it is done", () => {
  const drops = createDrops();
  const queue = createQueue(20, drops);
  queue.add(entry("event", "a", 15));
  const batch = queue.next("event", 1, 1e6);
  queue.add(entry("event", "b", 15));
  expect(drops.read()).toEqual({ "queue_full:event": 1 });
  if (batch !== undefined) queue.done(batch);
  queue.add(entry("event", "c", 15));
  expect(names(queue.next("event", 9, 1e6))).toEqual(["c"]);
});

test("giving up counts all that is left, waiting, returned or in flight", () => {
  const drops = createDrops();
  const queue = createQueue(1e6, drops);
  for (const name of ["a", "b", "c"]) queue.add(entry("event", name, 10, name));
  queue.next("event", 1, 1e6);
  const second = queue.next("event", 1, 1e6);
  if (second !== undefined) queue.giveBack(second);
  queue.abandon();
  expect(drops.read()).toEqual({ "closed:event": 3 });
  expect(queue.waiting("event").items).toBe(0);
});
