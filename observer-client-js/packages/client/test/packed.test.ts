// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unpack } from "../../console/src/replay/unpack";
import { AddedNodes } from "../src/replay/added-nodes";
import { createPacker, type Packer } from "../src/replay/packed";

/** What the console reads of what the page wrote. */
function read(entries: readonly string[]): readonly unknown[] {
  return unpack(JSON.parse(`[${entries.join(",")}]`));
}

/** As JSON would carry it: without what is undefined. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** A generator of the same numbers in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
}

const KEYS =
  "id parentId nextId rootId timestamp timeOffset type source tagName attributes childNodes textContent isSVG data node adds __proto__ constructor 0 é fresh".split(
    " ",
  );
const STRINGS = ["", "div", "*", '"\\\n\u2028', "😀", "\ud800", "[1,2]", "fresh", "<script>"];
const NUMBERS = [0, 1, -1, 7, 2 ** 31, -(2 ** 31), 2 ** 53, 2 ** 52 - 1, 1.5, -0.1, 1e21, 1e-7];
const TIMES = [1764064800000, 1764064800123, 0, 5, -5, 12.5];

function anything(random: (below: number) => number, depth: number): unknown {
  switch (random(depth > 0 ? 10 : 7)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return STRINGS[random(STRINGS.length)];
    case 3:
      return NUMBERS[random(NUMBERS.length)];
    case 4:
      return TIMES[random(TIMES.length)];
    case 5:
      return random(5000);
    case 6:
      return random(2) === 0 ? [] : {};
    case 7:
      return Array.from({ length: random(5) }, () => anything(random, depth - 1));
    default:
      return object(random, depth - 1);
  }
}

function object(random: (below: number) => number, depth: number): object {
  return Object.fromEntries(
    Array.from({ length: random(7) }, () => [
      KEYS[random(KEYS.length)] ?? "",
      random(20) === 0 ? undefined : anything(random, depth),
    ]),
  );
}

test("any JSON value comes back as it was, whatever its shape", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = numbers(seed);
    const packer = createPacker();
    const events = Array.from({ length: 1 + random(30) }, () => object(random, 5));
    const entries = events.map((event) => {
      if (random(10) === 0) packer.restart();
      return packer.pack(event);
    });
    expect(read(entries)).toEqual(plain(events));
  }
});

test("from where a packer was restarted on, an entry needs none before it", () => {
  const random = numbers(99);
  const packer = createPacker();
  const events = Array.from({ length: 40 }, () => object(random, 4));
  const entries = events.map((event, i) => {
    if (i % 10 === 0) packer.restart();
    return packer.pack(event);
  });
  for (const from of [0, 10, 20, 30]) {
    expect(read(entries.slice(from))).toEqual(plain(events.slice(from)));
  }
});

test("the first entry needs none before it", () => {
  expect(createPacker().pack({ a: 1 })).toBe('{"fresh":[["a",0],1]}');
});

test("an event that cannot be packed spoils none after it", () => {
  const packer = createPacker();
  const before = packer.pack({ id: 5, data: { a: 1 } });
  const cyclic: Record<string, unknown> = { id: 7, other: 1 };
  cyclic.self = cyclic;
  expect(() => packer.pack(cyclic)).toThrow(RangeError);
  const after = [packer.pack({ id: 9, other: 1 }), packer.pack({ id: 5, data: { a: 1 } })];
  expect(read([before, ...after])).toEqual([
    { id: 5, data: { a: 1 } },
    { id: 9, other: 1 },
    { id: 5, data: { a: 1 } },
  ]);
});

test("what a page hung onto prototypes does not get into a batch", () => {
  const hung = { configurable: true, value: () => "hung" };
  Object.defineProperty(Array.prototype, "toJSON", hung);
  Object.defineProperty(Object.prototype, "toJSON", hung);
  Object.defineProperty(String.prototype, "toJSON", hung);
  let entry: string;
  try {
    entry = createPacker().pack({ list: ["a", { b: "c" }] });
  } finally {
    for (const type of [Array, Object, String]) Reflect.deleteProperty(type.prototype, "toJSON");
  }
  expect(read([entry])).toEqual([{ list: ["a", { b: "c" }] }]);
});

const golden: { events: object[]; packed: unknown[] } = JSON.parse(
  readFileSync(
    new URL(
      "../../../../observer-core/src/test/resources/wire/replay-packed-1.json",
      import.meta.url,
    ),
    "utf8",
  ),
);

test("the form is the one of the golden file, and the golden file reads as its events", () => {
  const packer: Packer = createPacker();
  const packed = golden.events.map((event) => JSON.parse(packer.pack(event)));
  expect(packed).toEqual(golden.packed);
  expect(unpack(golden.packed)).toEqual(golden.events);
});

test("added nodes are written as the list that they are read as", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = numbers(seed);
    const packer = createPacker();
    const events = Array.from({ length: 1 + random(5) }, () => {
      const adds = new AddedNodes();
      let id = random(3000) + 1;
      for (let i = random(40); i > 0; i--) {
        const parent = random(4) === 0 ? random(5000) + 1 : id;
        const next = random(2) === 0 ? 0 : random(3) === 0 ? random(5000) + 1 : id;
        id += random(3) + 1;
        const string = () => STRINGS[random(STRINGS.length)] ?? "";
        switch (random(4)) {
          case 0:
            adds.add(parent, next, id, "", string());
            break;
          case 1:
            adds.add(parent, next, id, "", { type: 4, textContent: "", id });
            break;
          default: {
            const names = ["class", "type", "data-id", "__proto__", "timestamp"];
            const attributes = names.slice(random(6)).flatMap((name) => [name, string()]);
            adds.add(parent, next, id, random(2) === 0 ? "div" : "td", attributes);
          }
        }
      }
      return { type: 3, data: { source: 0, adds }, timestamp: 1764064800000 + id };
    });
    const entries = events.map((event) => {
      if (random(4) === 0) packer.restart();
      return packer.pack(event);
    });
    expect(read(entries)).toEqual(plain(events));
  }
});
