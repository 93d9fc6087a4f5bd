import { json } from "./json";
import type { Dropped, Kind, ReplayBatch } from "./types";

/** Set by the build from package.json. */
declare const __OBSERVER_VERSION__: string;

/** As JSON. */
export const SDK = `{"name":"@observer/client","version":"${__OBSERVER_VERSION__}"}`;

/**
 * The body of a request: `POST {base}/errors`, `/events` or `/replay-events`.
 *
 * Items come as JSON because they are serialised once, when they happen: their size is then known,
 * and nothing the page does to an object later can change what is sent.
 *
 * @param sentAt the time of this attempt: the server corrects the clock of the items by it
 * @param context a `Context` as JSON
 * @param items items as JSON; of `replay` one part as {@link replayPart} makes it
 * @param dropped what was lost before; not with a replay
 */
export function bodyOf(
  kind: Kind,
  sentAt: string,
  context: string,
  items: readonly string[],
  dropped: readonly Dropped[] = [],
): string {
  const losses = dropped[0] ? `"dropped":${json(dropped)},` : "";
  const list = kind === "replay" ? items : `${losses}"${kind}s":[${items}]`;
  return `{"sent_at":"${sentAt}","sdk":${SDK},"context":${context},${list}}`;
}

/** What a replay batch says in a body. `events` comes last, so that the server can check while it streams. */
export function replayPart(batch: ReplayBatch, events: readonly string[]): string {
  return `${json(batch).slice(1, -1)},"events":[${events}]`;
}
