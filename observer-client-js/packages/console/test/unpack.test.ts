// @vitest-environment node
import { describe, expect, test } from "vitest";
import { unpack } from "../src/replay/unpack";

// What the SDK writes is read back in packages/client/test/packed.test.ts.

describe("packed events", () => {
  test("shapes are said once, ids and times as differences", () => {
    expect(
      unpack([
        { fresh: [["type", [4], "id", 1, "timestamp", 2], 10, 1_000] },
        [1, 2, 50],
        [["parentId", 3, "nextId", [null], "list", 0], -1, [0, "a", [[]], [1, -12, 0]]],
      ]),
    ).toEqual([
      { type: 4, id: 10, timestamp: 1_000 },
      { type: 4, id: 12, timestamp: 1_050 },
      { parentId: 11, nextId: null, list: ["a", {}, { type: 4, id: 0, timestamp: 1_050 }] },
    ]);
  });

  test("a fresh entry forgets all before it", () => {
    const fresh = { fresh: [["id", 1], 5] };
    expect(unpack([fresh, fresh])).toEqual([{ id: 5 }, { id: 5 }]);
    expect(() => unpack([fresh, { fresh: [1, 5] }, [2, 5]])).toThrow();
  });

  test.each([
    ["a shape that was not said", [[1, 5]]],
    ["no shape at all", [["x"]]],
    ["an object inside", [{ fresh: [["a", 0], { b: 1 }] }]],
    ["too few values", [{ fresh: [["a", 0]] }]],
    ["too many values", [{ fresh: [["a", 0], 1, 2] }]],
    ["a difference that is a text", [{ fresh: [["id", 1], "5"] }]],
    ["an unknown code", [{ fresh: [["a", 9], 1] }]],
    ["a constant that holds something", [{ fresh: [["a", [["x"]]]] }]],
    ["a field without a name", [{ fresh: [[1, 0], 1] }]],
  ])("%s is refused", (_, entries) => {
    expect(() => unpack(entries)).toThrow();
  });

  test.each([
    [
      "a shape of many fields, repeated",
      [
        {
          fresh: [
            Array(500_000)
              .fill(["a", ["x"]])
              .flat(),
          ],
        },
        ...Array(10).fill([1]),
      ],
    ],
    [
      "a node of many attributes, repeated",
      [
        {
          fresh: [
            "tree",
            [["p", ...Array(256).fill(["a", "x"]).flat()]],
            [0],
            [-1, 9, 0, -3, 1, ...Array(20_000).fill([0, 2]).flat()],
            [],
          ],
        },
      ],
    ],
  ])("%s, is refused before it fills the memory", { timeout: 30_000 }, (_, entries) => {
    expect(() => unpack(entries)).toThrow("more than a batch can hold");
  });

  test("a field called __proto__ is a field", () => {
    const [event] = unpack([{ fresh: [["__proto__", 0], [["polluted", [true]]]] }]);
    expect(Object.keys(event as object)).toEqual(["__proto__"]);
    expect((event as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
