import type { ObserverRecord } from "../api/records";
import type { Recording } from "../api/sessions";

/** Records of any number of pages as one line of time: each once, oldest first. */
export function timeline(records: Iterable<ObserverRecord>): readonly ObserverRecord[] {
  const byId = new Map<string, ObserverRecord>();
  for (const record of records) byId.set(record.eventId, record);
  return [...byId.values()].sort(
    (a, b) => a.timestamp - b.timestamp || a.eventId.localeCompare(b.eventId),
  );
}

const MEASUREMENTS = new Set(["observer.web_vital", "observer.page_leave", "observer.long_tasks"]);

/** Whether the SDK measured this by itself: nothing that the visitor did. */
export function isMeasurement(record: ObserverRecord): boolean {
  return record.kind === "custom_event" && MEASUREMENTS.has(record.eventName);
}

/** The index of the last record at or before `time`, or -1: what was going on at a moment of the replay. */
export function currentIndex(records: readonly ObserverRecord[], time: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.timestamp ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The recording that most likely shows `time`: the last one started by then, since a recording is one document load.
 * A record may be a moment older than the recorder, which loads lazily: within `toleranceMs` the next one counts.
 */
export function recordingAt(
  recordings: readonly Recording[],
  time: number,
  toleranceMs = 5_000,
): Recording | undefined {
  return (
    recordings.findLast(({ startTime }) => startTime !== undefined && startTime <= time) ??
    recordings.find(({ startTime }) => startTime !== undefined && startTime - time <= toleranceMs)
  );
}
