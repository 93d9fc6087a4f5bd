import { describe, expect, test } from "vitest";
import { describeException } from "../src/capture/exception";
import { byteLength, LIMITS } from "../src/event/limits";

describe("describeException", () => {
  test("an error has its type, message and stack", () => {
    const described = describeException(new TypeError("x is undefined"));
    expect(described).toMatchObject({ error_type: "TypeError", message: "x is undefined" });
    expect(described.stack_trace).toContain("TypeError: x is undefined\n    at ");
    expect(described.causes).toBeUndefined();
  });

  test("causes are kept, outermost first", () => {
    const root = new RangeError("root");
    const middle = new Error("middle", { cause: root });
    const { causes } = describeException(new Error("outer", { cause: middle }));
    expect(causes?.map((cause) => cause.message)).toEqual(["middle", "root"]);
    expect(causes?.[1]?.error_type).toBe("RangeError");
  });

  test("the members of an AggregateError are causes", () => {
    const error = new AggregateError([new Error("one"), "two"], "all failed");
    const { causes } = describeException(error);
    expect(causes?.map((cause) => [cause.error_type, cause.message])).toEqual([
      ["Error", "one"],
      ["string", "two"],
    ]);
  });

  test("a cycle of causes ends, and a long chain is cut", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    expect(describeException(loop).causes).toBeUndefined();
    let chain = new Error("0");
    for (let i = 1; i < 100; i++) chain = new Error(String(i), { cause: chain });
    expect(describeException(chain).causes).toHaveLength(LIMITS.causes);
  });

  test.each([
    ["text", "string", "text"],
    ["", "string", "string"],
    [42, "number", "42"],
    [undefined, "undefined", "undefined"],
    [null, "null", "null"],
    [{ code: 7 }, "Object", '{"code":7}'],
    [Symbol("s"), "symbol", "Symbol(s)"],
    [new DOMException("gone", "AbortError"), "AbortError", "gone"],
  ])("thrown %s is kept as it is", (thrown, error_type, message) => {
    expect(describeException(thrown)).toMatchObject({ error_type, message });
  });

  test("a blank message becomes the type, because a message must not be blank", () => {
    expect(describeException(new TypeError("")).message).toBe("TypeError");
  });

  test("hostile getters do not throw", () => {
    const hostile = new Error("x");
    for (const key of ["stack", "name", "message", "cause", "errors", "constructor"]) {
      Object.defineProperty(hostile, key, {
        get() {
          throw new Error("trap");
        },
      });
    }
    expect(describeException(hostile).message).not.toBe("");
    const proxy = new Proxy(
      {},
      {
        get() {
          throw new Error("trap");
        },
        getPrototypeOf() {
          throw new Error("trap");
        },
        ownKeys() {
          throw new Error("trap");
        },
      },
    );
    expect(describeException(proxy).message).not.toBe("");
  });

  test("message and stacks are bounded", () => {
    const error = new Error("m".repeat(1e6), { cause: new Error("c".repeat(1e6)) });
    error.stack = "s".repeat(1e6);
    const described = describeException(error);
    expect(byteLength(described.message)).toBeLessThanOrEqual(LIMITS.messageBytes);
    expect(byteLength(described.stack_trace ?? "")).toBeLessThanOrEqual(LIMITS.stackBytes);
    expect(byteLength(described.causes?.[0]?.stack_trace ?? "")).toBeLessThanOrEqual(
      LIMITS.causeStackBytes,
    );
  });
});
