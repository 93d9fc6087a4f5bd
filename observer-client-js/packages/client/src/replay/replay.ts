import type { eventWithTime } from "@rrweb/types";
import type { Drops } from "../drops";
import { byteLength, clip, LIMITS } from "../event/limits";
import type { Emit } from "../event/types";
import type { ReplayMode, ReplayOptions } from "../options";
import type { Recorder, RecorderOptions } from "./recorder";

/** Loads the chunk with the recorder. */
export type LoadRecorder = () => Promise<{
  startRecorder: (options: RecorderOptions) => Recorder;
}>;

/** Recording of the current document, in batches. */
export interface Replay {
  /** Records from now on; what `on-error` has kept is sent. */
  start(): void;
  stop(): void;
  /** An error was captured: `on-error` sends what it has kept and goes on. */
  errorHappened(): void;
  /** Hands on what was recorded so far, as one batch of at most `maxBytes` and one of the rest. */
  cut(maxBytes: number): void;
}

export interface ReplayControl {
  readonly settings: Required<ReplayOptions>;
  readonly emit: Emit;
  readonly load: LoadRecorder;
  readonly drops: Drops;
  readonly newId: () => string;
  /** The current session; asking keeps it alive. */
  readonly sessionId: () => string;
  readonly maskTyped: (text: string) => string;
}

/** A batch goes when this much was recorded, or after this long. */
const BATCH_BYTES = 200 * 1024;
const BATCH_MS = 5_000;
/** With this much it goes soon: at its end a page can send no more than some 60 KB, for everything. */
const SOON_BYTES = 24 * 1024;
const SOON_MS = 500;
/** The first batch, with the snapshot, does not wait: the shortest visit is then seen too. */
const FIRST_BATCH_MS = 200;
/** Less than what a server inflates (64 MiB). */
const LARGEST_EVENT_BYTES = 48 * 1024 * 1024;
/** `on-error` keeps the snapshot before last, hence between one and two of these, of time or of changes. */
const KEPT_MS = 30_000;
const KEPT_BYTES = 4 * 1024 * 1024;
/** A lost batch then costs a viewer at most this much. */
const SNAPSHOT_EVERY_MS = 5 * 60_000;

/** What was recorded from one full snapshot, or from the last batch, to the next. */
interface Segment {
  readonly url: string;
  readonly startedAt: number;
  readonly events: string[];
  bytes: number;
  /** Of `bytes`, those that are not the snapshot. */
  changes: number;
}

interface Recording {
  readonly id: string;
  readonly sessionId: string;
  recorder: Recorder | undefined;
  /** Not yet handed on. While nothing is sent: at most the last two. */
  segments: Segment[];
  snapshotAt: number;
  sequence: number;
  startTime: string;
  initialUrl: string;
}

export function createReplay(control: ReplayControl): Replay {
  const { settings, emit, drops } = control;
  let mode: ReplayMode = settings.mode;
  let current: Recording | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let soon = false;

  function begin(): void {
    const recording: Recording = {
      id: control.newId(),
      sessionId: control.sessionId(),
      recorder: undefined,
      segments: [],
      snapshotAt: 0,
      sequence: 0,
      startTime: "",
      initialUrl: "",
    };
    current = recording;
    control
      .load()
      .then(({ startRecorder }) => {
        if (current !== recording) return;
        recording.recorder = startRecorder({
          maskAllText: settings.maskAllText,
          maskTyped: control.maskTyped,
          onError: () => drops.count("recorder_error", "replay"),
          emit: (event, begins) => {
            if (current === recording) take(recording, event, begins);
          },
        });
      })
      .catch(() => {
        drops.count("recorder_unavailable", "replay");
        if (current === recording) current = undefined;
      });
  }

  function take(recording: Recording, event: eventWithTime, begins: boolean): void {
    if (isInteraction(event) && control.sessionId() !== recording.sessionId) {
      // The visit ended while the page stayed open: the new one gets a recording of its own.
      end();
      begin();
      return;
    }
    const json = JSON.stringify(event);
    const bytes = byteLength(json);
    if (bytes > LARGEST_EVENT_BYTES) {
      drops.count("too_large", "replay");
      return;
    }
    let segment = recording.segments.at(-1);
    if (begins || segment === undefined) {
      segment = {
        url: location.href,
        startedAt: event.timestamp,
        events: [],
        bytes: 0,
        changes: 0,
      };
      recording.segments.push(segment);
    }
    if (begins) recording.snapshotAt = event.timestamp;
    segment.events.push(json);
    segment.bytes += bytes + 1;
    if (event.type !== 2) segment.changes += bytes;
    if (mode === "on-error") {
      keep(recording, segment, event.timestamp);
      return;
    }
    renewSnapshot(recording, event.timestamp, SNAPSHOT_EVERY_MS);
    const total = recording.segments.reduce((sum, each) => sum + each.bytes, 0);
    if (recording.sequence === 0) timer ??= setTimeout(cut, FIRST_BATCH_MS);
    else if (total >= BATCH_BYTES) cut();
    else if (total < SOON_BYTES) timer ??= setTimeout(cut, BATCH_MS);
    else if (!soon) {
      soon = true;
      clearTimeout(timer);
      timer = setTimeout(cut, SOON_MS);
    }
  }

  /** Holds the last 30 s: the current segment and, as that may have just begun, the one before. */
  function keep(recording: Recording, segment: Segment, now: number): void {
    if (recording.segments.length > 2) recording.segments.shift();
    renewSnapshot(recording, now, segment.changes > KEPT_BYTES ? 0 : KEPT_MS);
  }

  function renewSnapshot(recording: Recording, now: number, everyMs: number): void {
    if (now - recording.snapshotAt <= everyMs) return;
    recording.snapshotAt = now;
    // Not from inside the recorder's own callback.
    setTimeout(() => {
      if (current === recording) recording.recorder?.checkout();
    }, 0);
  }

  function cut(maxBytes = Number.POSITIVE_INFINITY): void {
    clearTimeout(timer);
    timer = undefined;
    soon = false;
    const recording = current;
    if (recording === undefined || mode === "on-error") return;
    const [first] = recording.segments;
    if (first === undefined) return;
    if (recording.sequence === 0 && recording.startTime === "") {
      recording.startTime = new Date(first.startedAt).toISOString();
      recording.initialUrl = clip(first.url, LIMITS.urlBytes);
    }
    const events = recording.segments.flatMap((segment) => segment.events);
    recording.segments = [];
    let fits = 0;
    for (let bytes = 0; fits < events.length; fits++) {
      bytes += byteLength(events[fits] ?? "") + 1;
      if (bytes > maxBytes) break;
    }
    for (const part of [events.slice(0, fits), events.slice(fits)]) {
      if (part.length > 0) handOn(recording, part);
    }
  }

  function handOn(recording: Recording, events: readonly string[]): void {
    emit({
      kind: "replay",
      batch: {
        session_id: recording.sessionId,
        recording_id: recording.id,
        sequence: recording.sequence++,
        start_time: recording.startTime,
        initial_url: recording.initialUrl,
      },
      events,
    });
  }

  function end(): void {
    cut();
    current?.recorder?.stop();
    current = undefined;
  }

  function send(): void {
    mode = "always";
    cut();
  }

  if (mode !== "off") begin();
  return {
    start() {
      send();
      if (current === undefined) begin();
    },
    stop() {
      end();
      mode = "off";
    },
    errorHappened() {
      if (mode === "on-error") send();
    },
    cut,
  };
}

/** Something the visitor did; a page that changes by itself does not prolong a visit. */
function isInteraction(event: eventWithTime): boolean {
  // Mouse move, click, scroll, input, touch.
  return event.type === 3 && [1, 2, 3, 5, 6].includes(event.data.source);
}
