import { describe, expect, test } from "vitest";
import { groupStack, parseStack, withoutHead } from "../src/errors/stack";

function frames(trace: string) {
  return parseStack(trace).flatMap((line) =>
    line.kind === "frame"
      ? [[line.functionName, line.file, line.line, line.column, line.inApp]]
      : [],
  );
}

test("Chromium's frames: function, method, async, constructor, anonymous, eval", () => {
  const trace = `TypeError: x is undefined
    at priceOf (https://shop.example/assets/cart-4f9a1c.js?v=3:12:1834)
    at HTMLButtonElement.<anonymous> (https://shop.example/assets/checkout.js:1:9944)
    at async loadPrice (https://shop.example/assets/cart-4f9a1c.js:9:220)
    at new Order (https://shop.example/assets/order.js:3:1)
    at https://shop.example/assets/main.js:1:2
    at Array.map (<anonymous>)`;
  expect(frames(trace)).toEqual([
    ["priceOf", "/assets/cart-4f9a1c.js", 12, 1834, true],
    ["HTMLButtonElement.<anonymous>", "/assets/checkout.js", 1, 9944, true],
    ["async loadPrice", "/assets/cart-4f9a1c.js", 9, 220, true],
    ["new Order", "/assets/order.js", 3, 1, true],
    [undefined, "/assets/main.js", 1, 2, true],
    ["Array.map", "<anonymous>", undefined, undefined, false],
  ]);
});

test("Firefox's and Safari's frames", () => {
  const trace = `priceOf@https://shop.example/assets/cart.js:12:1834
@https://shop.example/assets/main.js:1:2
async*load@https://shop.example/assets/api.js:3:4
map@[native code]`;
  expect(frames(trace)).toEqual([
    ["priceOf", "/assets/cart.js", 12, 1834, true],
    [undefined, "/assets/main.js", 1, 2, true],
    ["async*load", "/assets/api.js", 3, 4, true],
    ["map", "[native code]", undefined, undefined, false],
  ]);
});

test("a JVM's frames, with modules, native and unknown sources, nested classes and lambdas", () => {
  const trace = `java.lang.IllegalStateException: order 8812 has no price
	at dev.shop.orders.OrderService.total(OrderService.java:88)
	at dev.shop.orders.Orders$Lazy.lambda$of$0(Orders.kt:4)
	at dev.shop.Main.<init>(Unknown Source)
	at io.undertow.server.Connectors.executeRootHandler(Connectors.java:395)
	at java.base/java.lang.Thread.run(Thread.java:840)
	at java.base/jdk.internal.misc.Unsafe.park(Native Method)
Caused by: java.sql.SQLException: reset
	... 5 more`;
  expect(frames(trace)).toEqual([
    ["dev.shop.orders.OrderService.total", "OrderService.java", 88, undefined, true],
    ["dev.shop.orders.Orders$Lazy.lambda$of$0", "Orders.kt", 4, undefined, true],
    ["dev.shop.Main.<init>", "Unknown Source", undefined, undefined, true],
    ["io.undertow.server.Connectors.executeRootHandler", "Connectors.java", 395, undefined, false],
    ["java.lang.Thread.run", "Thread.java", 840, undefined, false],
    ["jdk.internal.misc.Unsafe.park", "Native Method", undefined, undefined, false],
  ]);
});

describe("not the reader's own code", () => {
  test.each([
    "    at f (https://shop.example/node_modules/solid-js/dist/solid.js:460:12)",
    "    at f (chrome-extension://abcdef/content.js:1:2)",
    "f@moz-extension://abcdef/content.js:1:2",
    "    at node:internal/process/task_queues:95:5",
  ])("%s", (line) => {
    expect(parseStack(line)).toMatchObject([{ kind: "frame", inApp: false }]);
  });
});

describe("text stays text", () => {
  test.each([
    "Error: meet me at noon",
    "Error: mail ada@lovelace.example",
    "    at",
    "  at home we say (hello)",
    "Caused by: x",
  ])("%s", (line) => {
    expect(parseStack(line)).toEqual([{ kind: "text", text: line }]);
  });
});

test("no line of a trace is lost, whatever it looks like", () => {
  const trace = "Error: a\n\n  @@@\n    at \n\u0000:1:2\nat (((:1:1)\n".repeat(3);
  expect(parseStack(trace).map((line) => line.text)).toEqual(
    trace
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== ""),
  );
});

test("a hostile trace of one long line is read in time that grows with its length", () => {
  const started = performance.now();
  parseStack(`at ${"(a.".repeat(20_000)}`);
  parseStack(`at ${"a/".repeat(20_000)}x(`);
  parseStack(`${"a@".repeat(20_000)}`);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("what the page says already is not repeated, over several lines too", () => {
  const lines = parseStack("Error: one\ntwo\n    at f (https://a.example/a.js:1:2)");
  expect(withoutHead(lines, { errorType: "Error", message: "one\ntwo" })).toHaveLength(1);
  expect(withoutHead(lines, { errorType: "Error", message: "other" })).toEqual(lines);
});

describe("folding", () => {
  const own = "    at own (https://shop.example/a.js:1:2)";
  const other = "    at other (https://shop.example/node_modules/b.js:1:2)";

  test("runs of two or more frames of others are folded", () => {
    const groups = groupStack(parseStack([own, other, other, other, own, other].join("\n")));
    expect(groups.map((group) => [group.folded, group.lines.length])).toEqual([
      [false, 1],
      [true, 3],
      [false, 1],
      [false, 1],
    ]);
  });

  test("nothing is folded when all frames are of others: then they are all there is", () => {
    expect(groupStack(parseStack([other, other, other].join("\n")))).toMatchObject([
      { folded: false },
    ]);
  });
});
