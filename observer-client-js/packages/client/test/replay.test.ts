import type { eventWithTime } from "@rrweb/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDrops, type Drops } from "../src/drops";
import type { ReplayBatch } from "../src/event/types";
import type { ReplayMode } from "../src/options";
import type { RecorderOptions } from "../src/replay/recorder";
import { createReplay, type Replay } from "../src/replay/replay";

interface Sent {
  readonly batch: ReplayBatch;
  /** What the test recorded, by name. */
  readonly names: string[];
}

let replay: Replay;
let sent: Sent[];
let drops: Drops;
let session: string;
let made: number;
/** A recorder at the test's hand: it emits a snapshot when it starts and when it is asked. */
let recorder: { options: RecorderOptions; checkouts: number; stopped: boolean } | undefined;
let loading: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 10) });
  sent = [];
  drops = createDrops();
  session = "session-1";
  made = 0;
  recorder = undefined;
  loading = async () => {};
});
afterEach(() => vi.useRealTimers());

/** Opens and lets the recorder load. */
async function open(mode: ReplayMode): Promise<void> {
  replay = createReplay({
    settings: { mode, maskAllText: false },
    drops,
    newId: () => `recording-${++made}`,
    sessionId: () => session,
    maskTyped: (text) => text,
    emit(emission) {
      if (emission.kind !== "replay") throw new Error(emission.kind);
      sent.push({ batch: emission.batch, names: emission.events.map(nameOf) });
    },
    load: async () => {
      await loading();
      return {
        startRecorder(options) {
          const mine = { options, checkouts: 0, stopped: false };
          recorder = mine;
          snapshot();
          return {
            checkout() {
              mine.checkouts++;
              snapshot();
            },
            stop() {
              mine.stopped = true;
            },
          };
        },
      };
    },
  });
  await vi.advanceTimersByTimeAsync(0);
}

function nameOf(json: string): string {
  const event = JSON.parse(json);
  return event.data.href ? "meta" : (event.data.tag ?? `source-${event.data.source}`);
}

function snapshot(): void {
  const data = { href: location.href, width: 1, height: 1 };
  recorder?.options.emit({ type: 4, data, timestamp: Date.now() }, true);
}

/** Something that happened on the page by itself. */
function event(tag: string, payload: unknown = ""): void {
  recorder?.options.emit({ type: 5, data: { tag, payload }, timestamp: Date.now() }, false);
}

function scroll(): void {
  const scrolled: eventWithTime = {
    type: 3,
    data: { source: 3, id: 1, x: 0, y: 1 },
    timestamp: Date.now(),
  };
  recorder?.options.emit(scrolled, false);
}

const names = () => sent.flatMap((one) => one.names);

test("off loads nothing and records nothing", async () => {
  loading = () => Promise.reject(new Error("must not load"));
  await open("off");
  replay.errorHappened();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([]);
  expect(drops.read()).toEqual({});
});

test("always sends the beginning promptly, then a batch every 5 s, numbered from 0", async () => {
  await open("always");
  event("a");
  await vi.advanceTimersByTimeAsync(200);
  expect(sent).toEqual([
    {
      names: ["meta", "a"],
      batch: {
        session_id: "session-1",
        recording_id: "recording-1",
        sequence: 0,
        start_time: "2026-11-22T10:00:00.000Z",
        initial_url: location.href,
      },
    },
  ]);
  event("b");
  await vi.advanceTimersByTimeAsync(4_000);
  event("c");
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent[1]).toMatchObject({ names: ["b", "c"], batch: { sequence: 1 } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(2);
});

test("a batch does not wait when it is large", async () => {
  await open("always");
  await vi.advanceTimersByTimeAsync(200);
  event("large", "x".repeat(210 * 1024));
  expect(sent[1]?.names).toEqual(["large"]);
});

test("on-error sends nothing until an error, then at least the last 30 s, then goes on", async () => {
  await open("on-error");
  for (let second = 0; second < 100; second++) {
    event(`at-${second}`);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(sent).toEqual([]);
  replay.errorHappened();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.names[0]).toBe("meta");
  for (let second = 70; second < 100; second++) expect(names()).toContain(`at-${second}`);
  expect(names()).not.toContain("at-0");
  expect(names().length).toBeLessThan(70);
  expect(Date.parse(sent[0]?.batch.start_time ?? "")).toBeGreaterThan(Date.UTC(2026, 10, 22, 10));
  event("after");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent[1]).toMatchObject({ names: ["after"], batch: { sequence: 1 } });
});

test("what on-error keeps is bounded by bytes", async () => {
  await open("on-error");
  for (let i = 0; i < 40; i++) {
    event(`part-${i}`, "x".repeat(1024 * 1024));
    await vi.advanceTimersByTimeAsync(10);
  }
  replay.errorHappened();
  expect(names().length).toBeLessThan(25);
  expect(names().at(0)).toBe("meta");
  expect(names()).toContain("part-39");
});

test("starting by hand sends what on-error kept", async () => {
  await open("on-error");
  event("a");
  replay.start();
  expect(names()).toEqual(["meta", "a"]);
});

test("what is recorded before the recorder has loaded the page's error still records after", async () => {
  await open("off");
  let loaded = () => {};
  loading = () =>
    new Promise((resolve) => {
      loaded = resolve;
    });
  replay.start();
  replay.errorHappened();
  loaded();
  await vi.advanceTimersByTimeAsync(200);
  expect(names()).toEqual(["meta"]);
});

test("stop hands on the rest and ends the recorder; a new start is a new recording", async () => {
  await open("always");
  event("a");
  replay.stop();
  expect(recorder?.stopped).toBe(true);
  expect(names()).toEqual(["meta", "a"]);
  event("ignored");
  replay.start();
  await vi.advanceTimersByTimeAsync(200);
  expect(sent.map(({ batch }) => `${batch.recording_id}/${batch.sequence}`)).toEqual([
    "recording-1/0",
    "recording-2/0",
  ]);
});

test("when the session ends, the next interaction begins a recording of the new one", async () => {
  await open("always");
  await vi.advanceTimersByTimeAsync(200);
  session = "session-2";
  event("page-moves-by-itself");
  await vi.advanceTimersByTimeAsync(5_000);
  scroll();
  await vi.advanceTimersByTimeAsync(200);
  expect(
    sent.map(({ batch }) => `${batch.session_id} ${batch.recording_id} ${batch.sequence}`),
  ).toEqual(["session-1 recording-1 0", "session-1 recording-1 1", "session-2 recording-2 0"]);
});

test("a cut within bytes takes what fits and hands on the rest as the next batch", async () => {
  await open("always");
  await vi.advanceTimersByTimeAsync(200);
  for (const tag of ["a", "b", "c"]) event(tag, "x".repeat(1000));
  replay.cut(2_500);
  expect(sent.slice(1).map((one) => one.names)).toEqual([["a", "b"], ["c"]]);
  expect(sent.slice(1).map((one) => one.batch.sequence)).toEqual([1, 2]);
});

test("a busy page gets a new snapshot every 5 minutes, so that one lost batch is not the end", async () => {
  await open("always");
  for (let minute = 0; minute < 11; minute++) {
    event("tick");
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(recorder?.checkouts).toBe(1);
});

test("a recorder that cannot be loaded is a counted loss, and can be tried again", async () => {
  loading = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
  await open("always");
  expect(drops.read()).toEqual({ "recorder_unavailable:replay": 1 });
  loading = async () => {};
  replay.start();
  await vi.advanceTimersByTimeAsync(200);
  expect(names()).toEqual(["meta"]);
});

test("what the recorder throws is counted", async () => {
  await open("always");
  recorder?.options.onError();
  expect(drops.read()).toEqual({ "recorder_error:replay": 1 });
});

test("what may not fit into the last requests of a page goes soon, and not at every change", async () => {
  await open("always");
  await vi.advanceTimersByTimeAsync(200);
  event("a", "x".repeat(20 * 1024));
  await vi.advanceTimersByTimeAsync(1_000);
  event("b", "x".repeat(20 * 1024));
  await vi.advanceTimersByTimeAsync(400);
  event("c", "x".repeat(20 * 1024));
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(sent.slice(1).map((one) => one.names)).toEqual([["a", "b", "c"]]);
});
