import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Disk, openDisk } from "../src/disk";
import { createDrops, type Drops } from "../src/drops";
import type { Kind } from "../src/event/types";
import { type Batch, createQueue, idOf, type Queue, type QueueOptions } from "../src/queue";
import { giveDatabase } from "./disk";

const ENDPOINT = "https://shop.example/api/observer";
const DAY = 24 * 60 * 60_000;
const NONE: ReadonlySet<string> = new Set();
let at: number;
let drops: Drops;
let pages: number;
let takeDatabase: () => void;

beforeEach(() => {
  at = Date.parse("2026-11-22T10:00:00Z");
  pages = 0;
  takeDatabase = giveDatabase();
});
afterEach(() => takeDatabase());

/** The queue of another page, or of another visit. */
function open(options: Partial<QueueOptions> = {}): Queue {
  const ownDrops = createDrops((losses) => queue.lost(losses));
  const queue = createQueue({
    endpoint: ENDPOINT,
    random: () => ++pages / 1024,
    drops: ownDrops,
    now: () => at,
    maxBytes: 1e6,
    ...options,
  });
  drops = ownDrops;
  return queue;
}

const add = (queue: Queue, kind: Kind, name: string, bytes = 0, context = "{}") =>
  queue.add(kind, context, name.padEnd(bytes, " "));
const names = (batch: Batch | undefined) => batch?.entries.map(({ json }) => json.trim()) ?? [];

/** Takes batch after batch as if the server had acknowledged each. */
async function drain(queue: Queue, kind: Kind): Promise<string[][]> {
  const taken: string[][] = [];
  for (;;) {
    const batch = await queue.next(kind, 100, 1000);
    if (batch === undefined) return taken;
    taken.push(names(batch));
    await queue.done(batch.entries);
  }
}

describe.each([
  ["on disk", {}],
  ["in memory", { cookieless: true }],
] as const)("%s", (_, options) => {
  test("a batch holds the oldest entries of one kind and one context, and stays until it is done", async () => {
    const queue = open(options);
    for (const [name, context] of [
      ["a", "1"],
      ["b", "1"],
      ["c", "2"],
    ] as const) {
      add(queue, "event", name, 0, context);
    }
    add(queue, "error", "e");
    expect(names(await queue.next("event", 100, 1000))).toEqual(["a", "b"]);
    expect(await drain(queue, "event")).toEqual([["a", "b"], ["c"]]);
    expect(await drain(queue, "error")).toEqual([["e"]]);
    expect(queue.waiting("event")).toEqual({ items: 0, bytes: 0 });
  });

  test("a batch is bounded by items and bytes, but an entry too large comes alone", async () => {
    const queue = open(options);
    for (const [name, bytes] of [
      ["a", 40],
      ["b", 40],
      ["big", 500],
      ["c", 1],
      ["d", 1],
    ] as const) {
      add(queue, "event", name, bytes);
    }
    const taken: string[][] = [];
    for (let i = 0; i < 4; i++) {
      const batch = await queue.next("event", 2, 100);
      taken.push(names(batch));
      await queue.done(batch?.entries ?? []);
    }
    expect(taken).toEqual([["a", "b"], ["big"], ["c", "d"], []]);
  });

  test("each replay batch is a request of its own", async () => {
    const queue = open(options);
    for (const name of ["0", "1"]) add(queue, "replay", name);
    expect(await drain(queue, "replay")).toEqual([["0"], ["1"]]);
  });

  test("what one millisecond brings keeps its order", async () => {
    const queue = open(options);
    const all = Array.from({ length: 50 }, (_, i) => String(i));
    for (const name of all) add(queue, "event", name);
    expect((await drain(queue, "event")).flat()).toEqual(all);
  });

  test("losses go with the next batch that is no replay, once, summed", async () => {
    const queue = open(options);
    add(queue, "replay", "r");
    drops.count("queue_full", "replay", 2);
    await Promise.resolve();
    drops.count("queue_full", "replay");
    drops.count("refused_403", "event");
    await Promise.resolve();
    expect((await queue.next("replay", 1, 1000))?.losses).toEqual([]);
    expect(await queue.next("event", 1, 1000)).toBeUndefined();
    add(queue, "event", "a");
    const batch = await queue.next("event", 1, 1000);
    expect(batch?.losses).toEqual([
      { reason: "queue_full", kind: "replay", count: 3 },
      { reason: "refused", kind: "event", count: 1 },
    ]);
    expect((await queue.next("event", 1, 1000))?.losses).toEqual([]);
    queue.lost(batch?.losses ?? []);
    expect((await queue.next("event", 1, 1000))?.losses).toEqual(batch?.losses);
    expect(drops.read()).toEqual({ "queue_full:replay": 3, "refused_403:event": 1 });
  });

  test("a page at its end has its own entries at once, but for those that survive it anyway", () => {
    const queue = open(options);
    for (const [name, bytes] of [
      ["a", 40],
      ["big", 500],
      ["b", 40],
      ["c", 40],
    ] as const) {
      add(queue, "event", name, bytes);
    }
    const first = queue.last("event", 1, 100, NONE);
    expect(names(first)).toEqual(["a"]);
    const surviving = new Set(first?.entries.map(idOf));
    expect(names(queue.last("event", 100, 100, surviving))).toEqual(["b", "c"]);
  });

  test("what was captured before the clock was set back travels alone, stamped by that clock", async () => {
    const queue = open(options);
    at += 2 * DAY;
    add(queue, "event", "ahead");
    const ahead = at;
    at -= 2 * DAY;
    add(queue, "event", "right");
    const batches: [string[], number][] = [];
    for (let i = 0; i < 2; i++) {
      const batch = await queue.next("event", 100, 1000);
      batches.push([names(batch), batch?.sentAt ?? 0]);
      await queue.done(batch?.entries ?? []);
    }
    expect(batches).toEqual(
      expect.arrayContaining([
        [["ahead"], ahead],
        [["right"], at],
      ]),
    );
  });

  test("after clear there is nothing", async () => {
    const queue = open(options);
    add(queue, "event", "a");
    await queue.clear();
    expect(await queue.next("event", 1, 1000)).toBeUndefined();
    expect(queue.last("event", 1, 1000, NONE)).toBeUndefined();
  });
});

test("what a page did not deliver the next visit finds, with its losses", async () => {
  const queue = open();
  add(queue, "event", "a");
  add(queue, "error", "e");
  drops.count("capture_error", "event");
  await vi.waitUntil(async () => names(await open().next("error", 1, 1000)).length === 1);
  const later = open();
  expect(await drain(later, "event")).toEqual([["a"]]);
  expect(await drain(open(), "event")).toEqual([]);
});

test("what another page sent is forgotten, not sent again at the page's end", async () => {
  const [one, other] = [open(), open()];
  add(one, "event", "a");
  await vi.waitUntil(async () => (await drain(other, "event")).length === 1);
  at += 1;
  expect(await one.next("event", 1, 1000)).toBeUndefined();
  expect(one.last("event", 1, 1000, NONE)).toBeUndefined();
});

test("entries of another endpoint are left to its pages", async () => {
  add(open({ endpoint: "https://other.example/o" }), "event", "theirs");
  const queue = open();
  add(queue, "event", "ours");
  expect(await drain(queue, "event")).toEqual([["ours"]]);
  expect(await drain(open({ endpoint: "https://other.example/o" }), "event")).toEqual([["theirs"]]);
});

test("after seven days an entry is given up and counted", async () => {
  const first = open();
  add(first, "event", "old");
  await first.next("event", 1, 1000);
  at += 7 * DAY + 1;
  const queue = open();
  add(queue, "event", "new");
  await vi.waitUntil(() => drops.read()["expired:event"] === 1);
  expect(await drain(queue, "event")).toEqual([["new"]]);
});

test("the disk is bounded: the oldest replays go first, then the oldest events, then errors", async () => {
  // Losses need a little room too.
  const MB = 1024 * 1024 - 100;
  const queue = open({ maxBytes: 100 * MB });
  for (const [kind, name] of [
    ["error", "e"],
    ["event", "v"],
    ["replay", "r0"],
    ["replay", "r1"],
    ["replay", "r2"],
  ] as const) {
    at += 10;
    add(queue, kind, name, 8 * MB);
  }
  await vi.waitUntil(() => drops.read()["queue_full:replay"] === 1);
  const all = 100 * MB;
  expect(names(await queue.next("replay", 1, all))).toEqual(["r1"]);
  for (const name of ["e1", "e2", "e3"]) {
    at += 10;
    add(queue, "error", name, 8 * MB);
  }
  await vi.waitUntil(() => drops.read()["queue_full:event"] === 1);
  expect(drops.read()).toEqual({ "queue_full:replay": 3, "queue_full:event": 1 });
  expect(names(await queue.next("error", 9, all))).toEqual(["e", "e1", "e2", "e3"]);
});

test("memory is bounded in the same order, and what is on disk is not lost by it", async () => {
  const queue = open({ cookieless: true, maxBytes: 100 });
  add(queue, "error", "e1", 40);
  add(queue, "event", "v1", 20);
  add(queue, "replay", "r1", 20);
  add(queue, "replay", "r2", 20);
  expect(drops.read()).toEqual({});
  add(queue, "error", "e2", 40);
  expect(drops.read()).toEqual({ "queue_full:replay": 2 });
  add(queue, "error", "e3", 40);
  expect(drops.read()).toEqual({
    "queue_full:replay": 2,
    "queue_full:event": 1,
    "queue_full:error": 1,
  });
  expect(names(queue.last("error", 100, 1000, NONE))).toEqual(["e2", "e3"]);

  const kept = open({ maxBytes: 100 });
  add(kept, "event", "v1", 60);
  await kept.next("event", 1, 1000);
  add(kept, "event", "v2", 60);
  expect(drops.read()).toEqual({});
  expect((await drain(kept, "event")).flat()).toEqual(["v1", "v2"]);
});

/** A disk that works until it is told not to. */
function breakable(): { open: () => Promise<Disk>; fail(): void } {
  let broken = false;
  return {
    fail() {
      broken = true;
    },
    async open() {
      const disk = await openDisk(ENDPOINT);
      const guard =
        <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
        (...args: A) =>
          broken ? Promise.reject(new DOMException("", "QuotaExceededError")) : act(...args);
      return {
        write: guard(disk.write),
        makeRoom: guard(disk.makeRoom),
        read: guard(disk.read),
        takeLosses: guard(disk.takeLosses),
        remove: guard(disk.remove),
        clear: guard(disk.clear),
      };
    },
  };
}

test("a disk that fails in the middle costs nothing that this page captured, and is counted once", async () => {
  const disk = breakable();
  const queue = open({ openDisk: disk.open });
  add(queue, "event", "a");
  await queue.next("event", 1, 1000);
  expect(queue.durable()).toBe(true);
  disk.fail();
  add(queue, "event", "b");
  expect(await drain(queue, "event")).toEqual([["a", "b"]]);
  expect(queue.durable()).toBe(false);
  add(queue, "event", "c");
  expect(await drain(queue, "event")).toEqual([["c"]]);
  expect(drops.read()).toEqual({ "storage_failed:event": 1 });
});

test.each([
  ["throws", () => Promise.resolve().then(() => openWith(() => thrown("SecurityError")))],
  ["refuses", () => openWith(() => failing("onerror"))],
  ["never answers", () => openWith(() => ({}))],
] as const)("where the database %s, memory serves the page", async (_, openDiskOf) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const queue = open({ openDisk: openDiskOf });
  add(queue, "event", "a");
  const next = queue.next("event", 1, 1000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(names(await next)).toEqual(["a"]);
  expect(drops.read()).toEqual({ "storage_failed:event": 1 });
  vi.useRealTimers();
});

function openWith(openDatabase: () => object): Promise<Disk> {
  Reflect.set(globalThis, "indexedDB", { open: openDatabase });
  return openDisk(ENDPOINT);
}
function thrown(name: string): never {
  throw new DOMException("", name);
}
function failing(handler: string): object {
  const request = {};
  queueMicrotask(() => Reflect.get(request, handler)(new Event("error")));
  return request;
}

test("a later version of the database takes over without waiting for this page", async () => {
  const queue = open();
  add(queue, "event", "a");
  await queue.next("event", 1, 1000);
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open("@observer/client", 2);
    opening.onsuccess = resolve;
    opening.onblocked = reject;
  });
  add(queue, "event", "b");
  expect(await drain(queue, "event")).toEqual([["a", "b"]]);
  expect(drops.read()).toEqual({ "storage_failed:event": 1 });
});

test("giving up counts what is in memory only", async () => {
  const queue = open({ cookieless: true });
  for (const name of ["a", "b", "c"]) add(queue, "event", name);
  queue.abandon();
  expect(drops.read()).toEqual({ "closed:event": 3 });
  expect(queue.waiting("event").items).toBe(0);
  const kept = open();
  add(kept, "event", "a");
  await kept.next("event", 1, 1000);
  kept.abandon();
  expect(drops.read()).toEqual({});
  expect(await drain(open(), "event")).toEqual([["a"]]);
});

test("clear forgets also what a disk has that could not be opened or failed since", async () => {
  const left = open();
  add(left, "event", "a");
  await left.next("event", 1, 1000);
  let tries = 0;
  const queue = open({
    openDisk: (endpoint) => (++tries === 1 ? Promise.reject(new Error()) : openDisk(endpoint)),
  });
  add(queue, "event", "b");
  expect(names(await queue.next("event", 1, 1000))).toEqual(["b"]);
  await queue.clear();
  add(queue, "event", "c");
  expect(await drain(queue, "event")).toEqual([["c"]]);
  expect(await drain(open(), "event")).toEqual([]);
});

test("clear forgets also what other pages and visits left", async () => {
  const left = open();
  add(left, "error", "e");
  await left.next("error", 1, 1000);
  await open().clear();
  expect(await drain(open(), "error")).toEqual([]);
});
