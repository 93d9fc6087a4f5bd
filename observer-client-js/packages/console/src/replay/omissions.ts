import { isObject, text } from "../api/decode";
import type { ReplayEvent } from "./load";

/**
 * What the recorder left out by itself, as it says in the recording: to spare a page that was busy
 * `no_moves`, the pointer between clicks; `coarse`, also what the page was like within a second; `paused`,
 * everything; and with `idle` everything, because nobody had touched the page for minutes.
 */
export type OmissionKind = "no_moves" | "coarse" | "paused" | "idle";

/** A stretch of a recording in which something was left out on purpose. */
export interface Omission {
  readonly kind: OmissionKind;
  readonly start: number;
  readonly end: number;
}

const CUSTOM = 5;
const EFFORTS: readonly unknown[] = ["no_moves", "coarse", "paused"] satisfies OmissionKind[];

/** The stretches in which something was left out, oldest first; `events` in their order, `end` the recording's. */
export function omissionsOf(events: readonly ReplayEvent[], end: number): readonly Omission[] {
  const found: Omission[] = [];
  let effort: { readonly kind: OmissionKind; readonly start: number } | undefined;
  let idleSince: number | undefined;
  const add = (kind: OmissionKind, start: number, until: number) => {
    if (until > start) found.push({ kind, start, end: until });
  };
  for (const event of events) {
    // Whatever comes after it: somebody is back.
    if (idleSince !== undefined) add("idle", idleSince, event.timestamp);
    idleSince = undefined;
    if (event.type !== CUSTOM || !isObject(event.data)) continue;
    const { tag, payload } = event.data;
    if (tag === "observer_idle") idleSince = event.timestamp;
    if (tag !== "observer_effort" || !isObject(payload)) continue;
    const said = text(payload.effort);
    if (effort?.kind === said) continue;
    if (effort !== undefined) add(effort.kind, effort.start, event.timestamp);
    effort = isEffort(said) ? { kind: said, start: event.timestamp } : undefined;
  }
  if (idleSince !== undefined) add("idle", idleSince, end);
  if (effort !== undefined) add(effort.kind, effort.start, end);
  return found.sort((a, b) => a.start - b.start);
}

function isEffort(said: unknown): said is OmissionKind {
  return EFFORTS.includes(said);
}
