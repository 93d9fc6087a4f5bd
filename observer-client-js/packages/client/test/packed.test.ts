// @vitest-environment node
import { readFileSync } from "node:fs";
import type { addedNodeMutation } from "@rrweb/types";
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

function goldenOf(name: string): { readonly events: AddedEvent[]; readonly packed: unknown[] } {
  const file = `../../../../observer-core/src/test/resources/wire/${name}.json`;
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}

interface AddedEvent {
  readonly data: { readonly adds?: readonly addedNodeMutation[] };
}

/** The event as the recorder makes it. */
function recorded(event: AddedEvent): object {
  const { adds } = event.data;
  if (adds === undefined) return event;
  const nodes = new AddedNodes();
  for (const { parentId, nextId, node } of adds) {
    const tag = node.type === 2 ? node.tagName : "";
    const content =
      node.type === 3
        ? node.textContent
        : node.type === 2 && Object.keys(node).length === 5
          ? Object.entries(node.attributes as Record<string, string>).flat()
          : node;
    nodes.add(parentId, nextId ?? 0, node.id, tag, content);
  }
  return { ...event, data: { ...event.data, adds: nodes } };
}

test("the form is the one of the golden file, and the golden file reads as its events", () => {
  const golden = goldenOf("replay-packed-2");
  const packer: Packer = createPacker();
  const packed = golden.events.map((event) => JSON.parse(packer.pack(recorded(event))));
  expect(packed).toEqual(golden.packed);
  expect(unpack(golden.packed)).toEqual(golden.events);
});

test("batches of the form before it are read, too", () => {
  const golden = goldenOf("replay-packed-1");
  expect(unpack(golden.packed)).toEqual(golden.events);
});

test.each([
  ["a kind that was not said", [[], [0], [-1, 1, 0, -3, 5], []]],
  ["a place above the first", [[], [0], [-1, 1, 0, -1, 5, 2, 0], ["a", "b"]]],
  ["a place before any", [[], [0], [1, 0], ["a"]]],
  ["a text that is missing", [[], [0], [-1, 1, 0, -1, 5], []]],
  ["a text too many", [[], [0], [-1, 1, 0, -1, 5], ["a", "b"]]],
  ["a number too few", [[], [0], [-1, 1, 0, -1], ["a"]]],
  ["a node without an id", [[], [0, [["type", 0], 4]], [-1, 1, 0, 1], []]],
  ["a node that is missing", [[], [0], [-1, 1, 0, 1], []]],
  ["a kind with half an attribute", [[["p", "class"]], [0], [], []]],
  ["more attributes than an element has", [[["p", ...Array(514).fill("a")]], [0], [], []]],
  ["a list that is none", [[], [0], 7, []]],
])("a tree with %s ends the batch", (_, parts) => {
  expect(() => unpack([{ fresh: ["tree", ...parts] }])).toThrow(Error);
});

test("what nearly all elements of a list are costs a few characters each", () => {
  const entries = [10, 20].map((count) => {
    const added = new AddedNodes();
    for (let i = count; i > 0; i--) {
      added.add(1, i === count ? 0 : 100 + i + 1, 100 + i, "li", ["class", "item", "role", "row"]);
    }
    return createPacker().pack({ adds: added });
  });
  const [ten = "", twenty = ""] = entries;
  expect((twenty.length - ten.length) / 10).toBeLessThan(10);
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
            if (random(30) === 0) names.push(...Array.from({ length: 300 }, (_, i) => `data-${i}`));
            // More values than a kind can say.
            const value = () => (random(2) === 0 ? string() : `${random(90)}`.repeat(random(90)));
            const attributes = names.slice(random(6)).flatMap((name) => [name, value()]);
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
