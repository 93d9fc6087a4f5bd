import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFolding, type Folding } from "../src/activity/folding";
import type { ErrorItem } from "../src/event/types";

let folding: Folding;
let handedOn: ErrorItem[];
let made = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22) });
  handedOn = [];
  folding = createFolding(Date.now, (error) => handedOn.push(error));
});
afterEach(() => vi.useRealTimers());

function thrown(message: string, more: Partial<ErrorItem> = {}): ErrorItem {
  return {
    event_id: `id-${++made}`,
    timestamp: new Date().toISOString(),
    level: "error",
    error_type: "TypeError",
    message,
    stack_trace: `TypeError: ${message}\n    at render (app.js:1:2)`,
    mechanism: "onerror",
    handled: false,
    url: "https://shop.example/",
    ...more,
  };
}

/** Passes on or folds; returns what passed. */
function storm(n: number, error: (i: number) => ErrorItem): ErrorItem[] {
  const errors = Array.from({ length: n }, (_, i) => error(i));
  return errors.filter((one) => folding.fold(one) === undefined);
}
const occurrences = () => handedOn.map((error) => error.properties?.occurrences);

test("of a storm the first pass whole, and one more says how many it stands for", () => {
  const passed = storm(1000, () => thrown("x is undefined"));
  expect(passed).toHaveLength(5);
  expect(handedOn).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(occurrences()).toEqual([995]);
  expect(handedOn[0]).toMatchObject({
    message: "x is undefined",
    mechanism: "onerror",
    properties: { last_time: "2026-11-22T00:00:00.000Z" },
  });
});

test("what is folded is told by the id of the error that stands for it", () => {
  storm(5, () => thrown("x"));
  const stands = thrown("x");
  expect(folding.fold(stands)).toBe(stands.event_id);
  expect(folding.fold(thrown("x"))).toBe(stands.event_id);
  folding.settle();
  expect(handedOn.map((error) => error.event_id)).toEqual([stands.event_id]);
});

test("messages that differ in an id are one kind, other places in the code are another", () => {
  expect(storm(100, (i) => thrown(`order ${i} is gone`))).toHaveLength(5);
  expect(storm(100, () => thrown("x", { stack_trace: "TypeError: x\n    at b" }))).toHaveLength(5);
  expect(storm(100, (i) => thrown(`timeout ${i}`, { stack_trace: undefined }))).toHaveLength(5);
  expect(storm(1, () => thrown("gone", { stack_trace: undefined }))).toHaveLength(1);
  folding.settle();
  expect(occurrences()).toEqual([95, 95, 95]);
});

test("a storm of a thousand kinds stays small, and none of it is uncounted", () => {
  const passed = storm(1000, (i) => thrown("x", { error_type: `Error${i}` }));
  expect(passed).toHaveLength(25);
  folding.settle();
  expect(occurrences()).toEqual([975]);
});

test("what was folded keeps its own properties", () => {
  storm(6, () => thrown("x", { properties: { cart: 3 } }));
  folding.settle();
  expect(handedOn[0]?.properties).toMatchObject({ cart: 3, occurrences: 1 });
});

test("after a minute the first pass again, and what was counted is not lost", () => {
  storm(7, () => thrown("x"));
  vi.setSystemTime(Date.now() + 61_000);
  expect(storm(7, () => thrown("x"))).toHaveLength(5);
  expect(occurrences()).toEqual([2]);
  folding.settle();
  folding.settle();
  expect(occurrences()).toEqual([2, 2]);
});

test("a clock that is set back folds no longer than a minute", () => {
  storm(7, () => thrown("x"));
  vi.setSystemTime(Date.now() - 3_600_000);
  expect(storm(1, () => thrown("x"))).toHaveLength(1);
});
