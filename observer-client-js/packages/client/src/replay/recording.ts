/** The replay chunk: loaded when a session is recorded, and only then. */
import type { eventWithTime } from "@rrweb/types";
import type { Typed } from "../activity/typed";
import type { Drops } from "../drops";
import { replayPart } from "../event/envelope";
import { clip, LIMITS } from "../event/limits";
import type { Emit, ReplayBatch } from "../event/types";
import { scrubAddress } from "./addresses";
import { createPacker, ENCODING } from "./packed";
import { type Recorder, type RecorderOptions, startRecorder } from "./recorder";

/** What a recording needs of the page it records. */
export interface RecordingControl {
  readonly settings: RecordingSettings;
  readonly emit: Emit;
  readonly drops: Drops;
  readonly newId: () => string;
  /** The current session; asking keeps it alive. */
  readonly sessionId: () => string;
  readonly typed: Pick<Typed, "mask" | "remember">;
}

export interface RecordingSettings {
  readonly maskAllText: boolean;
  /** A recording that ends sooner is not sent, unless for an error. */
  readonly minDurationMs: number;
}

/** The recording of this document, until it is stopped. */
export interface Recording {
  /** Sends what was kept, and from now on all. */
  send(): void;
  /**
   * Hands on what was recorded so far, as one batch that fits into `maxBytes` and one of the rest.
   * Not from inside a task of the page: the recorder looks at the document first.
   */
  cut(maxBytes?: number): void;
  stop(): void;
}

/** A batch goes when this much was recorded, or after this long. Bytes are those of the packed form. */
const BATCH_BYTES = 128 * 1024;
const BATCH_MS = 5_000;
/** With this much it goes soon: at its end a page can send no more than some 60 KB, for everything. */
const SOON_BYTES = 16 * 1024;
const SOON_MS = 500;
/** The first batch, with the snapshot, does not wait: the shortest visit is then seen too. */
const FIRST_BATCH_MS = 200;
/** A part can be read alone: where what is left at the end of a page may be divided. */
const PART_BYTES = 32 * 1024;
/** Less than what a server inflates (64 MiB). */
const LARGEST_EVENT_BYTES = 48 * 1024 * 1024;
/** Unsent, the snapshot before last is kept, hence between one and two of these, of time or of changes. */
const KEPT_MS = 30_000;
const KEPT_BYTES = 4 * 1024 * 1024;
/** A lost batch then costs a viewer at most this much. */
const SNAPSHOT_EVERY_MS = 5 * 60_000;
/** Without anything done by the visitor for so long, a page that changes by itself is not recorded. */
const IDLE_MS = 5 * 60_000;
/** So exact is the time when the visitor last did something. */
const ACTED_MS = 1_000;

/** What was recorded from one full snapshot, or so many bytes, to the next. */
interface Part {
  /** Where the page was, when a full snapshot begins it. */
  readonly url: string | undefined;
  readonly startedAt: number;
  readonly entries: string[];
  bytes: number;
}

/** One recording under its own id. */
interface Run {
  readonly id: string;
  readonly sessionId: string;
  readonly packer: ReturnType<typeof createPacker>;
  /** Not yet handed on. */
  parts: Part[];
  firstAt: number;
  snapshotAt: number;
  /** Since the snapshot, without it. */
  changed: number;
  actedAt: number;
  idle: boolean;
  sequence: number;
  startTime: string;
  initialUrl: string;
}

/**
 * Starts to record.
 * @param keeps on-error: nothing is sent until {@link Recording.send}
 * @param recorder for tests
 */
export function startRecording(
  control: RecordingControl,
  keeps: boolean,
  recorderOf: (options: RecorderOptions) => Recorder = startRecorder,
): Recording {
  const { settings, emit, drops } = control;
  // What led to an error is worth sending however short it was.
  const minDurationMs = keeps ? 0 : settings.minDurationMs;
  let unsent = keeps;
  let run: Run | undefined;
  let recorder: Recorder | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let soon = false;

  function begin(): void {
    const begun: Run = {
      id: control.newId(),
      sessionId: control.sessionId(),
      packer: createPacker(),
      parts: [],
      firstAt: 0,
      snapshotAt: 0,
      changed: 0,
      actedAt: Date.now(),
      idle: false,
      sequence: 0,
      startTime: "",
      initialUrl: "",
    };
    run = begun;
    recorder = recorderOf({
      ...settings,
      maskTyped: control.typed.mask,
      typed: control.typed.remember,
      acted: () => {
        if (run === begun) act(begun);
      },
      onError: () => drops.count("recorder_error", "replay"),
      emit: (event, begins) => {
        if (run === begun) take(begun, event, begins);
      },
    });
  }

  function end(): void {
    recorder?.stop();
    cut();
    run = undefined;
    recorder = undefined;
  }

  /** The visitor did something; a page that changes by itself does not prolong a visit. */
  function act(of: Run): void {
    const now = Date.now();
    if (Math.abs(now - of.actedAt) < ACTED_MS) return;
    of.actedAt = now;
    if (control.sessionId() !== of.sessionId) {
      // The visit ended while the page stayed open: the new one gets a recording of its own, this one no more.
      of.idle = true;
      renew(of);
    } else if (of.idle) {
      of.idle = false;
      checkoutSoon(of, now);
    }
  }

  function take(of: Run, event: eventWithTime, begins: boolean): void {
    if (of.idle && event.type === 3) return;
    add(of, event, begins);
    if (!of.idle && event.timestamp - of.actedAt > IDLE_MS) {
      of.idle = true;
      recorder?.sleep();
      add(of, noteOf("observer_idle", event.timestamp), false);
    }
    schedule(of, event.timestamp);
  }

  function add(of: Run, event: eventWithTime, begins: boolean): void {
    let part = of.parts.at(-1);
    // Kept parts end with a snapshot only: they are dropped as wholes.
    if (begins || part === undefined || (!unsent && part.bytes > PART_BYTES)) {
      of.packer.restart();
      part = {
        url: begins ? location.href : undefined,
        startedAt: event.timestamp,
        entries: [],
        bytes: 0,
      };
      of.parts.push(part);
    }
    if (begins) {
      of.snapshotAt = event.timestamp;
      of.changed = 0;
    }
    of.firstAt ||= event.timestamp;
    const entry = of.packer.pack(event);
    if (entry.length > LARGEST_EVENT_BYTES) {
      // Nothing after it could be played.
      drops.count("too_large", "replay");
      setTimeout(end, 0);
      return;
    }
    part.entries.push(entry);
    part.bytes += entry.length + 1;
    if (event.type !== 2) of.changed += entry.length;
  }

  function schedule(of: Run, now: number): void {
    if (unsent) {
      // The current snapshot with what followed and, as that may have just begun, the one before.
      while (of.parts.length > 2) of.parts.shift();
      if (of.idle) return;
      if (now - of.snapshotAt > KEPT_MS || of.changed > KEPT_BYTES) checkoutSoon(of, now);
      return;
    }
    if (!of.idle && now - of.snapshotAt > SNAPSHOT_EVERY_MS) checkoutSoon(of, now);
    const bytes = of.parts.reduce((sum, part) => sum + part.bytes, 0);
    if (of.sequence === 0) timer ??= setTimeout(cut, Math.max(FIRST_BATCH_MS, minDurationMs));
    else if (bytes >= BATCH_BYTES) handOn(of);
    else if (bytes < SOON_BYTES) timer ??= setTimeout(cut, BATCH_MS);
    else if (!soon) {
      soon = true;
      clearTimeout(timer);
      timer = setTimeout(cut, SOON_MS);
    }
  }

  /** Not from inside the recorder's own callback. */
  function checkoutSoon(of: Run, now: number): void {
    of.snapshotAt = now;
    of.changed = 0;
    setTimeout(() => {
      if (run === of) recorder?.checkout();
    }, 0);
  }

  function renew(of: Run): void {
    setTimeout(() => {
      if (run !== of) return;
      end();
      begin();
    }, 0);
  }

  function cut(maxBytes?: number): void {
    recorder?.flush();
    if (run !== undefined) handOn(run, maxBytes);
  }

  function handOn(of: Run, maxBytes = Number.POSITIVE_INFINITY): void {
    clearTimeout(timer);
    timer = undefined;
    soon = false;
    const [first] = of.parts;
    if (unsent || first === undefined) return;
    if (of.sequence === 0) {
      const last = of.parts.at(-1);
      if (Date.now() - of.firstAt < minDurationMs) return;
      of.startTime = new Date(first.startedAt).toISOString();
      const url = first.url ?? last?.url ?? location.href;
      of.initialUrl = clip(control.typed.mask(scrubAddress(url)), LIMITS.urlBytes);
    }
    const { parts } = of;
    of.parts = [];
    let fits = 0;
    for (let bytes = 0; fits < parts.length; fits++) {
      bytes += parts[fits]?.bytes ?? 0;
      if (bytes > maxBytes) break;
    }
    for (const some of [parts.slice(0, fits), parts.slice(fits)]) {
      if (some.length === 0) continue;
      const batch: ReplayBatch = {
        session_id: of.sessionId,
        recording_id: of.id,
        sequence: of.sequence++,
        start_time: of.startTime,
        initial_url: of.initialUrl,
        encoding: ENCODING,
      };
      const events = some.flatMap((part) => part.entries);
      emit({ kind: "replay", part: replayPart(batch, events) });
    }
  }

  begin();
  return {
    send() {
      if (!unsent) return;
      unsent = false;
      // An error is told in the middle of a task of the page.
      setTimeout(cut, 0);
    },
    cut,
    stop: end,
  };
}

function noteOf(tag: string, timestamp: number): eventWithTime {
  return { type: 5, data: { tag, payload: {} }, timestamp };
}
