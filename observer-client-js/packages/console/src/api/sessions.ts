import { count, isObject, list, object, text, time } from "./decode";

/** One session, counted from its records. Times are milliseconds since the epoch. */
export interface Session {
  readonly sessionId: string;
  readonly visitorId: string | undefined;
  readonly userId: string | undefined;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly pageViews: number;
  readonly customEvents: number;
  readonly errors: number;
  readonly entryUrl: string | undefined;
  readonly hasReplay: boolean;
}

/** One stored batch; `bytes` is the size of the stored, gzipped object. */
export interface BatchListing {
  readonly sequence: number;
  readonly bytes: number;
}

/** One recording, which is one document load. `missing` are sequences the server knows it never got. */
export interface Recording {
  readonly recordingId: string;
  /** Not known while the server has batches but has not yet delivered the record of the start. */
  readonly startTime: number | undefined;
  readonly initialUrl: string | undefined;
  readonly batches: readonly BatchListing[];
  readonly missing: readonly number[];
}

export interface SessionDetail extends Session {
  readonly recordings: readonly Recording[];
}

export function readSession(json: unknown): Session | undefined {
  if (!isObject(json)) return undefined;
  const sessionId = text(json.session_id);
  const firstTime = time(json.first_time);
  if (sessionId === undefined || firstTime === undefined) return undefined;
  return {
    sessionId,
    visitorId: text(json.visitor_id),
    userId: text(json.user_id),
    firstTime,
    lastTime: Math.max(firstTime, time(json.last_time) ?? firstTime),
    pageViews: count(json.page_views),
    customEvents: count(json.custom_events),
    errors: count(json.errors),
    entryUrl: text(json.entry_url),
    hasReplay: json.has_replay === true,
  };
}

export function readSessionDetail(json: unknown): SessionDetail | undefined {
  const session = readSession(json);
  if (session === undefined) return undefined;
  const recordings = list(object(json).recordings)
    .map(readRecording)
    .filter((recording) => recording !== undefined)
    .sort((a, b) => (a.startTime ?? Number.MAX_VALUE) - (b.startTime ?? Number.MAX_VALUE));
  return { ...session, recordings };
}

export function readRecording(json: unknown): Recording | undefined {
  const { recording_id, start_time, initial_url, batches, missing } = object(json);
  const recordingId = text(recording_id);
  if (recordingId === undefined) return undefined;
  return {
    recordingId,
    startTime: time(start_time),
    initialUrl: text(initial_url),
    batches: list(batches)
      .map((batch) => ({
        sequence: count(object(batch).sequence),
        bytes: count(object(batch).bytes),
      }))
      .sort((a, b) => a.sequence - b.sequence),
    missing: list(missing).filter((sequence) => typeof sequence === "number"),
  };
}
