import { isObject } from "../api/decode";
import type { ReplayEvent } from "./load";

/** A stretch without anything done by the visitor. */
export interface Quiet {
  readonly start: number;
  readonly end: number;
}

const INCREMENTAL = 3;
/** rrweb's sources that a person causes, as its player counts them: pointer, click, scroll, resize, input. */
const BY_PERSON = new Set([1, 2, 3, 4, 5]);

/** Doing nothing for longer than this is idling. The player takes it times the speed. */
export const IDLE_MS = 5_000;

/** The stretches longer than `thresholdMs` in which the visitor did nothing, oldest first. */
export function quietStretches(
  events: readonly ReplayEvent[],
  start: number,
  end: number,
  thresholdMs = IDLE_MS,
): readonly Quiet[] {
  const acts = events.filter(
    (event) =>
      event.type === INCREMENTAL &&
      isObject(event.data) &&
      BY_PERSON.has(Number(event.data.source)),
  );
  const moments = [start, ...acts.map((event) => event.timestamp), end];
  return moments.flatMap((moment, index) => {
    const next = moments[index + 1];
    return next !== undefined && next - moment > thresholdMs ? [{ start: moment, end: next }] : [];
  });
}
