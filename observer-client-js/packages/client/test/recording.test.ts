import type { eventWithTime } from "@rrweb/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unpack } from "../../console/src/replay/unpack";
import { createDrops, type Drops } from "../src/drops";
import type { ReplayBatch } from "../src/event/types";
import type { RecorderOptions } from "../src/replay/recorder";
import { type Recording, startRecording } from "../src/replay/recording";

interface Sent {
  readonly batch: ReplayBatch;
  /** What the test recorded, by name. */
  readonly names: string[];
}

let recording: Recording;
let sent: Sent[];
let drops: Drops;
let session: string;
let made: number;
/** A recorder at the test's hand: it emits a snapshot when it starts and when it is asked. */
let recorder: { options: RecorderOptions; checkouts: number; asleep: boolean; stopped: boolean };

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 10) });
  sent = [];
  drops = createDrops(() => {});
  session = "session-1";
  made = 0;
});
afterEach(() => vi.useRealTimers());

function open(mode: "always" | "on-error", minDurationMs = 0): void {
  recording = startRecording(
    {
      settings: { maskAllText: false, minDurationMs },
      drops,
      newId: () => `recording-${++made}`,
      sessionId: () => session,
      typed: { mask: (text) => text, remember: () => {} },
      emit(emission) {
        if (emission.kind !== "replay") throw new Error(emission.kind);
        const { events, ...batch } = JSON.parse(`{${emission.part}}`);
        sent.push({ batch, names: unpack(events).map(nameOf) });
      },
    },
    mode === "on-error",
    (options) => {
      const mine = { options, checkouts: 0, asleep: false, stopped: false };
      recorder = mine;
      setTimeout(snapshot, 0);
      return {
        checkout() {
          mine.checkouts++;
          mine.asleep = false;
          snapshot();
        },
        flush() {},
        sleep() {
          mine.asleep = true;
        },
        stop() {
          mine.stopped = true;
        },
      };
    },
  );
  vi.advanceTimersByTime(0);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever was recorded
function nameOf(event: any): string {
  return event.data.href ? "meta" : (event.data.tag ?? `source-${event.data.source}`);
}

function snapshot(): void {
  const data = { href: location.href, width: 1, height: 1 };
  recorder.options.emit({ type: 4, data, timestamp: Date.now() }, true);
}

/** Something that happened on the page by itself. */
function event(tag: string, payload: unknown = ""): void {
  recorder.options.emit({ type: 5, data: { tag, payload }, timestamp: Date.now() }, false);
}

/** The visitor scrolls. */
function scroll(): void {
  recorder.options.acted();
  scrollByItself();
}

function scrollByItself(): void {
  const scrolled: eventWithTime = {
    type: 3,
    data: { source: 3, id: 1, x: 0, y: 1 },
    timestamp: Date.now(),
  };
  recorder.options.emit(scrolled, false);
}

/** A change of the document. */
function change(): void {
  recorder.options.emit(
    {
      type: 3,
      data: { source: 0, adds: [], removes: [], texts: [], attributes: [] },
      timestamp: Date.now(),
    },
    false,
  );
}

const names = () => sent.flatMap((one) => one.names);

test("always sends the beginning promptly, then a batch every 5 s, numbered from 0", () => {
  open("always");
  event("a");
  vi.advanceTimersByTime(200);
  expect(sent).toEqual([
    {
      names: ["meta", "a"],
      batch: {
        session_id: "session-1",
        recording_id: "recording-1",
        sequence: 0,
        start_time: "2026-11-22T10:00:00.000Z",
        initial_url: location.href,
        encoding: "packed-2",
      },
    },
  ]);
  event("b");
  vi.advanceTimersByTime(4_000);
  event("c");
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  expect(sent[1]).toMatchObject({ names: ["b", "c"], batch: { sequence: 1 } });
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(2);
});

test("a batch does not wait when it is large", () => {
  open("always");
  vi.advanceTimersByTime(200);
  event("large", "x".repeat(140 * 1024));
  expect(sent[1]?.names).toEqual(["large"]);
});

test("on-error sends nothing until an error, then at least the last 30 s, then goes on", () => {
  open("on-error");
  for (let second = 0; second < 100; second++) {
    event(`at-${second}`);
    vi.advanceTimersByTime(1_000);
  }
  expect(sent).toEqual([]);
  recording.send();
  // Not in the task in which the error was told.
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.names[0]).toBe("meta");
  for (let second = 70; second < 100; second++) expect(names()).toContain(`at-${second}`);
  expect(names()).not.toContain("at-0");
  expect(names().length).toBeLessThan(70);
  expect(Date.parse(sent[0]?.batch.start_time ?? "")).toBeGreaterThan(Date.UTC(2026, 10, 22, 10));
  event("after");
  vi.advanceTimersByTime(5_000);
  expect(sent[1]).toMatchObject({ names: ["after"], batch: { sequence: 1 } });
});

test("what on-error keeps is bounded by bytes", () => {
  open("on-error");
  for (let i = 0; i < 40; i++) {
    event(`part-${i}`, "x".repeat(1024 * 1024));
    vi.advanceTimersByTime(10);
  }
  recording.send();
  vi.advanceTimersByTime(0);
  expect(names().length).toBeLessThan(25);
  expect(names().at(0)).toBe("meta");
  expect(names()).toContain("part-39");
});

test("when the session ends, the next interaction begins a recording of the new one", () => {
  open("always");
  vi.advanceTimersByTime(200);
  session = "session-2";
  event("page-moves-by-itself");
  vi.advanceTimersByTime(5_000);
  scroll();
  vi.advanceTimersByTime(250);
  expect(names()).toEqual(["meta", "page-moves-by-itself", "meta"]);
  expect(
    sent.map(({ batch }) => `${batch.session_id} ${batch.recording_id} ${batch.sequence}`),
  ).toEqual(["session-1 recording-1 0", "session-1 recording-1 1", "session-2 recording-2 0"]);
});

test("a busy page gets a new snapshot every 5 minutes, so that one lost batch is not the end", () => {
  open("always");
  for (let minute = 0; minute < 11; minute++) {
    scroll();
    vi.advanceTimersByTime(60_000);
  }
  expect(recorder.checkouts).toBe(1);
});

test("what the recorder throws is counted", () => {
  open("always");
  recorder.options.onError();
  expect(drops.read()).toEqual({ "recorder_error:replay": 1 });
});

test("what may not fit into the last requests of a page goes soon, and not at every change", () => {
  open("always");
  vi.advanceTimersByTime(200);
  event("a", "x".repeat(12 * 1024));
  vi.advanceTimersByTime(1_000);
  event("b", "x".repeat(12 * 1024));
  vi.advanceTimersByTime(400);
  event("c", "x".repeat(12 * 1024));
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(sent.slice(1).map((one) => one.names)).toEqual([["a", "b", "c"]]);
});

test("stop hands on the rest and ends the recorder", () => {
  open("always");
  event("a");
  recording.stop();
  expect(recorder.stopped).toBe(true);
  expect(names()).toEqual(["meta", "a"]);
  event("ignored");
  vi.advanceTimersByTime(10_000);
  expect(sent).toHaveLength(1);
});

test("a cut within bytes takes the parts that fit, and each batch can be read alone", () => {
  open("always");
  vi.advanceTimersByTime(200);
  for (const tag of ["a", "b", "c", "d"]) event(tag, "x".repeat(20 * 1024));
  recording.cut(60_000);
  expect(sent.slice(1).map((one) => one.names)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  expect(sent.slice(1).map((one) => one.batch.sequence)).toEqual([1, 2]);
});

test("a recording that ends before its time is not sent, and none of it is a loss", () => {
  open("always", 3_000);
  event("a");
  vi.advanceTimersByTime(2_900);
  recording.cut();
  recording.stop();
  expect(sent).toEqual([]);
  expect(drops.read()).toEqual({});
});

test("one that lasts is sent from its beginning", () => {
  open("always", 3_000);
  event("a");
  vi.advanceTimersByTime(2_900);
  event("b");
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(names()).toEqual(["meta", "a", "b"]);
});

test("an error's recording is sent however short it was", () => {
  open("on-error", 60_000);
  event("a");
  recording.send();
  vi.advanceTimersByTime(0);
  expect(names()).toEqual(["meta", "a"]);
});

test("a page that nobody touches for 5 minutes is not recorded until somebody does", () => {
  open("always");
  scroll();
  for (let minute = 0; minute < 7; minute++) {
    event("tick");
    change();
    scrollByItself();
    vi.advanceTimersByTime(60_000);
  }
  expect(recorder.asleep).toBe(true);
  expect(names().at(-1)).toBe("observer_idle");
  const before = names().length;
  change();
  scrollByItself();
  vi.advanceTimersByTime(60_000);
  expect(names()).toHaveLength(before);
  scroll();
  vi.advanceTimersByTime(5_000);
  expect(recorder.asleep).toBe(false);
  expect(names().slice(before)).toEqual(["source-3", "meta"]);
});

test("an event that no server takes ends the recording, and is a counted loss", () => {
  open("always");
  vi.advanceTimersByTime(200);
  event("huge", "x".repeat(49 * 1024 * 1024));
  vi.advanceTimersByTime(0);
  expect(drops.read()).toEqual({ "too_large:replay": 1 });
  expect(recorder.stopped).toBe(true);
  expect(names()).toEqual(["meta"]);
});

test("a start address is told without its query", () => {
  history.replaceState(null, "", "/page?email=me@x.example");
  open("always");
  vi.advanceTimersByTime(200);
  history.replaceState(null, "", "/");
  expect(sent[0]?.batch.initial_url).toMatch(/\/page\?email=\*$/);
});
