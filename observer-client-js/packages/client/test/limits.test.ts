import { describe, expect, test } from "vitest";
import { byteLength, clip, LIMITS, plain } from "../src/event/limits";
import { uuidv7 } from "../src/event/uuid";

describe("clip", () => {
  test("keeps what fits and marks what was cut", () => {
    expect(clip("short", 64)).toBe("short");
    expect(clip("x".repeat(100), 10)).toBe(`${"x".repeat(7)}…`);
  });

  test("counts bytes and never cuts inside a character", () => {
    const cut = clip("🛒".repeat(100), 21);
    expect(cut).toBe(`${"🛒".repeat(4)}…`);
    expect(byteLength(cut)).toBeLessThanOrEqual(21);
    expect(clip("日本", 6)).toBe("日本");
  });
});

describe("plain", () => {
  test("copies what JSON can say", () => {
    const value = { a: 1, b: "x", c: [true, null], d: { e: 2.5 } };
    expect(plain(value)).toEqual(value);
  });

  test("says in words what JSON cannot", () => {
    const copied = plain({
      when: new Date(0),
      never: new Date(Number.NaN),
      error: new TypeError("no"),
      map: new Map([["k", 1]]),
      set: new Set([1]),
      big: 12n,
      fn: () => {},
      nan: Number.NaN,
      node: document.createElement("p"),
      gone: undefined,
    });
    expect(JSON.parse(JSON.stringify(copied))).toEqual({
      when: "1970-01-01T00:00:00.000Z",
      never: "[unreadable]",
      error: "TypeError: no",
      map: { k: 1 },
      set: [1],
      big: "12",
      fn: "[function]",
      nan: "NaN",
      node: "[P]",
    });
  });

  test("a hostile getter costs only its own property", () => {
    const hostile = {
      fine: 1,
      get trap() {
        throw new Error("no");
      },
    };
    expect(plain(hostile)).toEqual({ fine: 1, trap: "[unreadable]" });
  });

  test("a hostile proxy is unreadable, not an exception", () => {
    const proxy = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error("no");
        },
      },
    );
    expect(plain({ proxy })).toEqual({ proxy: "[unreadable]" });
  });

  test("cycles end", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(plain(loop)).toEqual({ self: "[circular]" });
  });

  test("depth, number of values and bytes are bounded", () => {
    const deep: Record<string, unknown> = {};
    let at = deep;
    for (let i = 0; i < 100; i++) {
      at.next = {};
      at = at.next as Record<string, unknown>;
    }
    const nested = JSON.stringify(plain(deep)).split("{").length - 1;
    expect(nested).toBeLessThanOrEqual(LIMITS.properties.depth);
    const wide = plain({ list: Array.from({ length: 1e6 }, (_, i) => i) });
    expect(JSON.stringify(wide).split(",").length).toBeLessThanOrEqual(LIMITS.properties.values);
    const long = plain({ a: "x".repeat(1e6), b: "y".repeat(1e6) });
    expect(byteLength(JSON.stringify(long))).toBeLessThan(LIMITS.properties.bytes + 1000);
  });

  test("nothing to say is nothing", () => {
    expect(plain(undefined)).toBeUndefined();
    expect(plain(null)).toBeUndefined();
    expect(plain("text")).toBeUndefined();
    expect(plain({})).toBeUndefined();
  });
});

describe("uuidv7", () => {
  test("is version 7, variant 10, in lower case, and starts with the time", () => {
    const id = uuidv7(Date.UTC(2026, 10, 22));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 22));
  });

  test("sorts by time and does not repeat", () => {
    expect(uuidv7(1) < uuidv7(2)).toBe(true);
    expect(new Set(Array.from({ length: 1000 }, () => uuidv7(5))).size).toBe(1000);
  });
});
