import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLocks } from "../src/activity/locks";
import { createDrops, type Drops } from "../src/drops";
import { replayPart } from "../src/event/envelope";
import type { Kind, ReplayBatch } from "../src/event/types";
import { createQueue, type Queue } from "../src/queue";
import { createTransport, type Transport } from "../src/transport";
import { giveDatabase } from "./disk";
import { accepted, problem, startServer, type TestServer } from "./server";

let server: TestServer;
let drops: Drops;
let queue: Queue;
let transport: Transport;
let warnings: string[];
let allowed: boolean;

const ENDPOINT = "http://shop.example/api/observer";

/** A page; without a disk, unless told otherwise. */
function open(onDisk = false): void {
  drops = createDrops((losses) => queue.lost(losses));
  queue = createQueue({
    endpoint: ENDPOINT,
    random: () => 0.5,
    drops,
    now: Date.now,
    cookieless: !onDisk,
    maxBytes: 10e6,
  });
  transport = createTransport({
    endpoint: ENDPOINT,
    key: "pk 1",
    queue,
    drops,
    identity: { isOptedOut: () => !allowed },
    exclusively: createLocks().exclusively,
    random: () => 0.5,
    fetch: server.fetch,
    warn: (message) => warnings.push(message),
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  server = startServer();
  warnings = [];
  allowed = true;
  open();
});
afterEach(() => {
  transport.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function add(kind: "error" | "event", id: string, filler = ""): void {
  const json = JSON.stringify({ event_id: id, filler });
  queue.add(kind, '{"release":"1"}', json);
  transport.wake(kind);
}

function addReplay(sequence: number, filler = ""): void {
  const json = JSON.stringify({ type: 3, filler });
  const replay: ReplayBatch = {
    session_id: "session-1",
    recording_id: "recording-1",
    sequence,
    start_time: "2026-11-22T10:00:00.000Z",
    initial_url: "http://shop.example/",
    encoding: "packed-2",
  };
  queue.add("replay", "{}", replayPart(replay, [json]));
  transport.wake("replay");
}

const ids = (path: string) =>
  server.items(path).map((item) => Reflect.get(Object(item), "event_id"));
const waiting = (kind: Kind) => queue.waiting(kind).items;

/** Lets real streams (gzip) and the promises behind them finish; they do not run on fake time. */
async function settled(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 5_000, interval: 5 });
}

test("items of one second travel together, with the key in the address and no preflight", async () => {
  add("event", "a");
  await vi.advanceTimersByTimeAsync(500);
  add("event", "b");
  await vi.advanceTimersByTimeAsync(600);
  expect(server.received).toHaveLength(1);
  expect(server.received[0]).toMatchObject({ path: "/api/observer/events", key: "pk 1" });
  expect(ids("events")).toEqual(["a", "b"]);
});

test("an error waits 200 ms only, a full batch not at all", async () => {
  add("error", "e");
  await vi.advanceTimersByTimeAsync(210);
  expect(ids("errors")).toEqual(["e"]);
  for (let i = 0; i < 50; i++) add("event", String(i));
  await vi.advanceTimersByTimeAsync(1);
  await settled(() => server.received.length === 2);
  expect(ids("events")).toHaveLength(50);
});

test("a large body is gzip, a small one is not", async () => {
  add("event", "small");
  await transport.flush();
  add("event", "large", "x".repeat(5000));
  await transport.flush();
  expect(server.received.map((request) => request.gzip)).toEqual([false, true]);
  expect(server.received[1]?.bytes).toBeLessThan(1000);
});

test.each(["network error", 503, 500, 429] as const)(
  "after %s the same items are sent again",
  async (failure) => {
    server.answer(typeof failure === "number" ? problem(failure) : failure);
    add("event", "a");
    await vi.advanceTimersByTimeAsync(1000);
    expect(ids("events")).toEqual([]);
    add("event", "b");
    await vi.advanceTimersByTimeAsync(3000);
    expect(ids("events")).toEqual(["a", "b"]);
    expect(server.received[1]?.json.events[0]).toEqual(server.received[0]?.json.events[0]);
    expect(drops.read()).toEqual({});
  },
);

test("sent_at is the time of the attempt, or the server would move the clock of the items", async () => {
  server.answer("network error");
  add("event", "a");
  await vi.advanceTimersByTimeAsync(5000);
  const [first, second] = server.received.map((request) => Date.parse(request.json.sent_at));
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(500);
});

test("a replay batch is sent again with the time of that attempt; that it was there already is well", async () => {
  server.answer(problem(503), problem(409));
  addReplay(0);
  await vi.advanceTimersByTimeAsync(5000);
  const [first, second] = server.received.map((request) => request.json);
  expect(second).toEqual({ ...first, sent_at: second.sent_at });
  expect(Date.parse(second.sent_at) - Date.parse(first.sent_at)).toBeGreaterThanOrEqual(500);
  expect(server.received).toHaveLength(2);
  expect(waiting("replay")).toBe(0);
  expect(drops.read()).toEqual({});
});

test("retries back off, and Retry-After is obeyed", async () => {
  server.answer(problem(503), problem(503), problem(503, { "Retry-After": "60" }));
  add("event", "a");
  await vi.advanceTimersByTimeAsync(1000 + 750 + 1500);
  expect(server.received).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(server.received).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ids("events")).toEqual(["a"]);
});

test("replays pause while errors flow when the server says so", async () => {
  const paused = Response.json(
    { accepted: 1, rejected: [] },
    { status: 202, headers: { "Observer-Retry": "30;replay" } },
  );
  server.answer(paused);
  add("error", "e1");
  await vi.advanceTimersByTimeAsync(300);
  addReplay(0);
  add("error", "e2");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(server.received.map((request) => request.path)).toEqual([
    "/api/observer/errors",
    "/api/observer/errors",
  ]);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(server.received.at(-1)?.path).toBe("/api/observer/replay-events");
});

test("resume ends the wait", async () => {
  server.answer(problem(503, { "Retry-After": "600" }));
  add("event", "a");
  await vi.advanceTimersByTimeAsync(1100);
  transport.resume();
  await vi.advanceTimersByTimeAsync(1);
  expect(ids("events")).toEqual(["a"]);
});

test("a final refusal is counted by status and said once", async () => {
  server.answer(problem(403), problem(403));
  add("event", "a");
  await vi.advanceTimersByTimeAsync(1000);
  add("event", "b");
  await vi.advanceTimersByTimeAsync(1000);
  expect(drops.read()).toEqual({ "refused_403:event": 2 });
  expect(warnings).toEqual(["http://shop.example/api/observer/events answers 403: data is lost"]);
  expect(waiting("event")).toBe(0);
});

test("items refused from an accepted batch are counted, whatever else the answer names", async () => {
  server.answer(
    accepted(2, [
      { pointer: "/events/0/event_name", reason: "must not be blank" },
      { pointer: "/events/0/url", reason: "must be a string" },
      { pointer: "/dropped/0/kind", reason: "is required" },
    ]),
  );
  for (const id of ["a", "b", "c"]) add("event", id);
  await vi.advanceTimersByTimeAsync(1000);
  expect(drops.read()).toEqual({ "rejected:event": 1 });
});

test("of a batch that is too large less is tried; an item that is too large alone is counted", async () => {
  server.answer(problem(413), problem(413));
  for (const id of ["a", "b", "c"]) add("event", id);
  await transport.flush();
  expect(server.received.map((request) => request.json.events.length)).toEqual([3, 2, 1, 2]);
  expect(new Set(ids("events"))).toEqual(new Set(["a", "b", "c"]));
  server.answer(problem(413));
  add("event", "huge");
  await transport.flush();
  expect(drops.read()).toEqual({ "too_large:event": 1 });
});

test("an item that makes its batch unreadable is found and counted, and the others arrive", async () => {
  const isPoisoned = (body: string) => body.includes('"p"');
  server.refuse((text) => (isPoisoned(text) ? problem(400) : undefined));
  for (let i = 0; i < 20; i++) add("event", i === 7 ? "p" : `e${i}`);
  await transport.flush();
  expect(ids("events")).toHaveLength(19);
  expect(drops.read()).toEqual({ "refused_400:event": 1 });
  expect(server.received.length).toBeLessThan(16);
});

test("a batch of which each item was refused is not tried again", async () => {
  const errors = [{ pointer: "/events/0/url", reason: "is required" }];
  server.answer(Response.json({ status: 400, errors }, { status: 400 }));
  for (const id of ["a", "b", "c"]) add("event", id);
  await transport.flush();
  expect(server.received).toHaveLength(1);
  expect(drops.read()).toEqual({ "refused_400:event": 3 });
});

test("a request without an answer is given up after 30 s and repeated", async () => {
  // The browser's own clock, which no fake timer moves.
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), ms);
    return abort.signal;
  });
  server.answer("hang");
  add("event", "a");
  await vi.advanceTimersByTimeAsync(31_000);
  expect(ids("events")).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ids("events")).toEqual(["a"]);
});

test("when the page hides, errors go first and all stays below the shared 64 KiB", async () => {
  addReplay(0, "r".repeat(30_000));
  for (let i = 0; i < 30; i++) add("event", `event-${i}`, "x".repeat(900));
  add("error", "e", "y".repeat(5_000));
  transport.hide();
  await settled(() => ids("errors").length === 1 && ids("events").length > 0);
  const kept = server.received.filter((request) => request.keepalive);
  expect(kept[0]?.path).toBe("/api/observer/errors");
  expect(kept.reduce((sum, request) => sum + request.bytes, 0)).toBeLessThan(65_536);
  expect(ids("events")).toHaveLength(30);
});

test("what does not fit when the page hides waits for a page that lives on", async () => {
  for (let i = 0; i < 200; i++) add("event", `event-${i}`, "x".repeat(900));
  transport.hide();
  await vi.advanceTimersByTimeAsync(5_000);
  await settled(() => ids("events").length >= 200);
  expect(new Set(ids("events")).size).toBe(200);
  expect(drops.read()).toEqual({});
});

test("a replay under way when the page hides is sent again, the same, in a request that survives", async () => {
  server.answer("hang");
  addReplay(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(server.received).toHaveLength(1);
  transport.hide();
  await vi.advanceTimersByTimeAsync(1);
  expect(server.received.map((request) => request.keepalive)).toEqual([false, true]);
  expect(server.received[1]?.json.events).toEqual(server.received[0]?.json.events);
  // The first attempt is aborted later; the batch is with the server and stays done.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.received).toHaveLength(2);
  expect(waiting("replay")).toBe(0);
});

const told = () => server.received.map((request) => request.json.dropped);

test("losses are told with the next batch, summed, and once", async () => {
  drops.count("queue_full", "replay", 2);
  drops.count("refused_401", "event");
  drops.count("refused_403", "event", 4);
  drops.count("queue_full", "replay");
  addReplay(0);
  await transport.flush();
  add("event", "a");
  await transport.flush();
  add("event", "b");
  await transport.flush();
  expect(told()).toEqual([
    undefined,
    [
      { reason: "queue_full", kind: "replay", count: 3 },
      { reason: "refused", kind: "event", count: 5 },
    ],
    undefined,
  ]);
  expect(drops.read()).toEqual({
    "queue_full:replay": 3,
    "refused_401:event": 1,
    "refused_403:event": 4,
  });
});

test.each(["network error", 503, 413, 403] as const)(
  "losses told to %s are told again, with those since",
  async (failure) => {
    server.answer(typeof failure === "number" ? problem(failure) : failure);
    drops.count("capture_error", "error", 2);
    add("event", "a");
    await transport.flush();
    drops.count("capture_error", "error");
    add("error", "b");
    await transport.flush();
    const again = told().slice(1).flat();
    expect(told()[0]).toEqual([{ reason: "capture_error", kind: "error", count: 2 }]);
    expect(again).toContainEqual({ reason: "capture_error", kind: "error", count: 3 });
    add("error", "c");
    await transport.flush();
    expect(told().at(-1)).toBeUndefined();
  },
);

test("two batches under way at once do not tell the same loss", async () => {
  server.answer("hang");
  drops.count("queue_full", "event");
  add("error", "a");
  await vi.advanceTimersByTimeAsync(300);
  add("event", "b");
  await vi.advanceTimersByTimeAsync(1_100);
  expect(told()).toEqual([[{ reason: "queue_full", kind: "event", count: 1 }], undefined]);
});

test("losses are told when the page hides and they would end with it", async () => {
  drops.count("queue_full", "replay", 3);
  await Promise.resolve();
  add("error", "a");
  transport.hide();
  await vi.advanceTimersByTimeAsync(1);
  expect(server.received[0]?.keepalive).toBe(true);
  expect(told()).toEqual([[{ reason: "queue_full", kind: "replay", count: 3 }]]);
});

test("nothing is sent after stop", async () => {
  add("event", "a");
  transport.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.received).toEqual([]);
});

test("what an earlier visit left goes out soon, and leaves the disk when it is acknowledged", async () => {
  const takeDatabase = giveDatabase();
  vi.useRealTimers();
  open(true);
  add("event", "left");
  await queue.next("event", 1, 1000);
  transport.stop();
  open(true);
  transport.recover();
  await settled(() => ids("events").length === 1);
  await transport.flush();
  expect(await queue.next("event", 1, 1000)).toBeUndefined();
  expect(ids("events")).toEqual(["left"]);
  takeDatabase();
});

test("a page at its end obeys a pause that the server asked for, unless that would lose something", async () => {
  server.answer(problem(503, { "Retry-After": "60" }));
  add("error", "memory");
  await transport.flush();
  transport.hide();
  await vi.advanceTimersByTimeAsync(1);
  expect(server.received).toHaveLength(2);
  transport.stop();

  const takeDatabase = giveDatabase();
  vi.useRealTimers();
  open(true);
  server.answer(problem(503, { "Retry-After": "60" }));
  add("error", "disk");
  await transport.flush();
  add("event", "another kind");
  transport.hide();
  await settled(() => ids("events").length === 1);
  expect(server.received.map((request) => request.path.slice("/api/observer/".length))).toEqual([
    "errors",
    "errors",
    "errors",
    "events",
  ]);
  takeDatabase();
});

test("a page at its end tries again after a mere failure", async () => {
  server.answer("network error");
  add("error", "e");
  await transport.flush();
  transport.hide();
  await vi.advanceTimersByTimeAsync(1);
  expect(ids("errors")).toEqual(["e"]);
});

test("a clock that was set back a day in a pause does not prolong it", async () => {
  server.answer(problem(503, { "Retry-After": "10" }));
  add("event", "a");
  await vi.advanceTimersByTimeAsync(1100);
  vi.setSystemTime(Date.now() - 24 * 60 * 60_000);
  add("event", "b");
  await vi.advanceTimersByTimeAsync(11_000);
  expect(new Set(ids("events"))).toEqual(new Set(["a", "b"]));
});

test("once the visitor opted out nothing is sent, and what waited is gone", async () => {
  add("event", "a");
  allowed = false;
  transport.hide();
  await vi.advanceTimersByTimeAsync(2_000);
  allowed = true;
  await transport.flush();
  expect(server.received).toEqual([]);
});
