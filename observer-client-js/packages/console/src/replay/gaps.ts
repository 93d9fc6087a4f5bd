import type { Recording } from "../api/sessions";

/** Sequences that are not there, as whole runs. `from` and `to` are inclusive. */
export interface SequenceRun {
  readonly from: number;
  readonly to: number;
}

/** A part of a recording that is not there. Times are the recording's own; `end` is when the page is whole again, if ever. */
export interface Gap extends SequenceRun {
  readonly start: number;
  readonly end: number | undefined;
}

/**
 * The sequences of a recording that are not there: those the server lists, holes between the batches it lists, and
 * `unread` ones that could not be fetched. What was lost after the last batch cannot be known.
 */
export function missingRuns(
  recording: Recording,
  unread: Iterable<number> = [],
): readonly SequenceRun[] {
  const absent = new Set([...recording.missing, ...unread]);
  const listed = recording.batches.map((batch) => batch.sequence);
  const present = listed.filter((sequence) => !absent.has(sequence)).sort((a, b) => a - b);
  const end =
    listed.concat([...absent]).reduce((last, sequence) => Math.max(last, sequence), -1) + 1;
  // By what is there, of which there is no more than was sent: a recording of one batch may claim to miss a million.
  const runs: SequenceRun[] = [];
  let next = 0;
  for (const sequence of [...present, end]) {
    if (sequence > next) runs.push({ from: next, to: sequence - 1 });
    next = sequence + 1;
  }
  return runs;
}

/** What a batch spans: the times of its first and last event, and of the full snapshots in it. */
export interface BatchSpan {
  readonly sequence: number;
  readonly first: number;
  readonly last: number;
  readonly snapshots: readonly number[];
}

/**
 * Places missing runs in time. After a hole the page as replayed may be wrong until it was captured in full again, so
 * a gap lasts until the next full snapshot after it. A run before all batches starts where the recording starts.
 */
export function gapsInTime(
  runs: readonly SequenceRun[],
  spans: readonly BatchSpan[],
  startTime: number,
): readonly Gap[] {
  const ordered = [...spans].sort((a, b) => a.sequence - b.sequence);
  return runs.map((run) => {
    const before = ordered.findLast((span) => span.sequence < run.from);
    const after = ordered.filter((span) => span.sequence > run.to);
    return {
      ...run,
      start: before?.last ?? Math.min(startTime, after[0]?.first ?? startTime),
      end: after.flatMap((span) => span.snapshots).sort((a, b) => a - b)[0],
    };
  });
}
