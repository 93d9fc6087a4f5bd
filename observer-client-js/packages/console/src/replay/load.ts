import { type Api, ApiError } from "../api/client";
import { isObject, type JsonObject, list, number, text, time } from "../api/decode";
import type { Recording } from "../api/sessions";
import { createDefuser } from "./defuse";
import { type BatchSpan, type Gap, gapsInTime, missingRuns } from "./gaps";
import { type Omission, omissionsOf } from "./omissions";
import { unpack } from "./unpack";

/** An rrweb event as far as the console looks into it. */
export interface ReplayEvent extends JsonObject {
  readonly type: number;
  readonly timestamp: number;
}

/** A recording ready to be played. All times are on the server's clock, as records are. */
export interface LoadedRecording {
  readonly events: readonly ReplayEvent[];
  readonly start: number;
  readonly end: number;
  readonly gaps: readonly Gap[];
  readonly omissions: readonly Omission[];
  /** Where the page was, by time: the addresses of rrweb's meta events. */
  readonly addresses: readonly { readonly time: number; readonly url: string }[];
}

/** Why a recording cannot be played at all. */
export type Unplayable =
  | { readonly reason: "empty" }
  | { readonly reason: "no_snapshot" }
  | { readonly reason: "encoding"; readonly encoding: string };

const META = 4;
const FULL_SNAPSHOT = 2;
/** Enough to hide the round trip, few enough to leave the server its other readers. */
const PARALLEL = 4;
/** How often a batch is asked for again when the server is busy or cannot be reached. */
const RETRIES = 3;
/** Whoever waits for a replay is told rather than kept waiting for longer. */
const LONGEST_WAIT_SECONDS = 10;

/**
 * Fetches a recording batch by batch and joins what came. A batch that is gone or cannot be read leaves a gap and is
 * not an error; a server that refuses, or stays busy or out of reach, is, and is thrown as {@link ApiError}.
 * `progress` is called after each batch with how many are done.
 */
export async function loadRecording(
  api: Pick<Api, "replayBatch">,
  sessionId: string,
  recording: Recording,
  signal: AbortSignal,
  progress: (done: number) => void = () => {},
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<LoadedRecording | Unplayable> {
  const bodies = new Map<number, JsonObject>();
  const unread: number[] = [];
  const waiting = recording.batches.map((batch) => batch.sequence);
  let done = 0;

  /** Undefined when it is gone or cannot be read. */
  async function fetchBatch(sequence: number): Promise<JsonObject | undefined> {
    for (let retry = 0; ; retry++) {
      try {
        return await api.replayBatch(sessionId, recording.recordingId, sequence, signal);
      } catch (caught) {
        const refusal = caught instanceof ApiError ? caught.refusal : undefined;
        if (refusal?.kind === "not_found" || refusal?.kind === "unreadable") return undefined;
        const seconds =
          (refusal?.kind === "busy" ? refusal.retryAfterSeconds : undefined) ?? 2 ** retry;
        const passing = refusal?.kind === "busy" || refusal?.kind === "unreachable";
        if (!passing || retry === RETRIES || seconds > LONGEST_WAIT_SECONDS) throw caught;
        await wait(seconds * 1_000, signal);
      }
    }
  }

  async function fetchWaiting(): Promise<void> {
    for (let sequence = waiting.shift(); sequence !== undefined; sequence = waiting.shift()) {
      const body = await fetchBatch(sequence).catch((caught: unknown) => {
        // Nobody will see the others.
        waiting.length = 0;
        throw caught;
      });
      if (body === undefined) unread.push(sequence);
      else bodies.set(sequence, body);
      progress(++done);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, fetchWaiting));
  return join(recording, bodies, unread);
}

/** Waits; an abort ends it early, and whatever is asked next is not sent. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Joins the bodies of batches, by sequence, into one recording. */
export function join(
  recording: Recording,
  bodies: ReadonlyMap<number, JsonObject>,
  unread: readonly number[],
): LoadedRecording | Unplayable {
  const skew = skewOf(recording, bodies);
  const recordedEvents: ReplayEvent[] = [];
  const spans: BatchSpan[] = [];
  const broken: number[] = [];
  for (const [sequence, body] of [...bodies].sort(([a], [b]) => a - b)) {
    const encoding = text(body.encoding) ?? "rrweb";
    const reader = READERS.get(encoding);
    if (reader === undefined) return { reason: "encoding", encoding };
    const recorded = eventsOf(body, reader);
    if (recorded === undefined) {
      broken.push(sequence);
      continue;
    }
    const batch = recorded
      .map(readEvent)
      .filter((event) => event !== undefined)
      .map((event): ReplayEvent => ({ ...event, timestamp: event.timestamp + skew }));
    const times = batch.map((event) => event.timestamp);
    if (times.length === 0) continue;
    spans.push({
      sequence,
      first: times.reduce((a, b) => Math.min(a, b)),
      last: times.reduce((a, b) => Math.max(a, b)),
      snapshots: batch
        .filter((event) => event.type === FULL_SNAPSHOT)
        .map((event) => event.timestamp),
    });
    // Not by spreading: a batch may hold more events than a call takes arguments.
    for (const event of batch) recordedEvents.push(event);
  }
  // Stable, so that events of one millisecond stay in the order they were recorded.
  recordedEvents.sort((a, b) => a.timestamp - b.timestamp);
  const defuse = createDefuser(); // in the order in which they are played
  const events = recordedEvents.map(
    (event): ReplayEvent => ({ ...defuse(event), type: event.type, timestamp: event.timestamp }),
  );
  const first = events[0];
  const last = events.at(-1);
  if (first === undefined || last === undefined || events.length < 2) return { reason: "empty" };
  if (!events.some((event) => event.type === FULL_SNAPSHOT)) return { reason: "no_snapshot" };
  return {
    events,
    start: first.timestamp,
    end: last.timestamp,
    gaps: gapsInTime(missingRuns(recording, [...unread, ...broken]), spans, first.timestamp),
    omissions: omissionsOf(events, last.timestamp),
    addresses: events.flatMap((event) => {
      const url = event.type === META && isObject(event.data) ? text(event.data.href) : undefined;
      return url === undefined ? [] : [{ time: event.timestamp, url }];
    }),
  };
}

type Reader = (entries: readonly unknown[]) => readonly unknown[];
/** The forms of a batch's events that can be played. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["rrweb", (entries) => entries],
  ["packed-1", unpack],
  ["packed-2", unpack],
]);

/** Undefined when the batch is not of the form it names. */
function eventsOf(body: JsonObject, reader: Reader): readonly unknown[] | undefined {
  try {
    return reader(list(body.events));
  } catch {
    return undefined;
  }
}

/** The server corrects a clock only from this difference on; less is the way from browser to server. */
const CORRECTED_FROM_MS = 60_000;

/**
 * What the browser's clock was off by. The server corrects the times of records and of the listing, but keeps the
 * bodies of batches as they came; both name the recording's start, so the difference of the two is the correction.
 */
function skewOf(recording: Recording, bodies: ReadonlyMap<number, JsonObject>): number {
  const earliest = [...bodies.keys()].sort((a, b) => a - b)[0];
  const claimed = earliest === undefined ? undefined : time(bodies.get(earliest)?.start_time);
  if (claimed === undefined || recording.startTime === undefined) return 0;
  const skew = recording.startTime - claimed;
  return Math.abs(skew) < CORRECTED_FROM_MS ? 0 : skew;
}

function readEvent(json: unknown): ReplayEvent | undefined {
  if (!isObject(json)) return undefined;
  const type = number(json.type);
  const timestamp = number(json.timestamp);
  return type === undefined || timestamp === undefined ? undefined : { ...json, type, timestamp };
}
