import { beforeEach, expect, test } from "vitest";
import { createFolding, type Folding } from "../src/activity/folding";
import { createErrors, type Errors } from "../src/capture/errors";
import type { ErrorItem } from "../src/event/types";

let errors: Errors;
let seen: ErrorItem[];
let captured = 0;
let folding: Folding;

beforeEach(() => {
  seen = [];
  captured = 0;
  let made = 0;
  folding = createFolding(
    () => 0,
    (item) => seen.push(item),
  );
  errors = createErrors({
    emit: (emission) => emission.kind === "error" && seen.push(emission.item),
    stamp: () => ({ event_id: `id-${++made}`, timestamp: "2026-11-22T10:00:00.000Z" }),
    place: () => ({ url: "https://shop.example/", trace_id: "t" }),
    activity: () => ({ breadcrumbs: () => undefined, fold: folding.fold }),
    flags: () => undefined,
    onCaptured: () => captured++,
  });
});

test("an error object is reported once, by whichever way it comes first", () => {
  const error = new Error("x");
  expect(errors.capture(error, { mechanism: "error_boundary" })).toBe("id-1");
  expect(errors.capture(error, { mechanism: "onerror" })).toBeUndefined();
  expect(errors.capture(Object.freeze(new Error("frozen")))).toBe("id-2");
  expect(seen.map((item) => item.mechanism)).toEqual(["error_boundary", "manual"]);
});

test("a word that is caught, reported and thrown on is one error", async () => {
  errors.capture("no stock");
  expect(errors.capture("no stock", { mechanism: "onerror" })).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(errors.capture("no stock", { mechanism: "onerror" })).toBeDefined();
  expect(seen).toHaveLength(2);
});

test("the same word reported twice is two errors", () => {
  for (const thrown of ["x", "x", null, null, 7, 7]) errors.capture(thrown);
  expect(seen).toHaveLength(6);
});

test("a storm is folded, and only what passed whole is a reason to send a replay", () => {
  for (let i = 0; i < 1000; i++) errors.capture(new Error(`x ${i}`), { mechanism: "onerror" });
  expect(captured).toBe(seen.length);
  const whole = seen.length;
  expect(whole).toBeLessThanOrEqual(10);
  folding.settle();
  const counted = seen.slice(whole).map((item) => Number(item.properties?.occurrences));
  expect(counted.reduce((a, b) => a + b) + whole).toBe(1000);
});

test("a trace that is given wins over the page's", () => {
  errors.capture(new Error("a"));
  errors.capture(new Error("b"), { traceId: "mine", spanId: "s" });
  expect(seen).toMatchObject([{ trace_id: "t" }, { trace_id: "mine", span_id: "s" }]);
});
