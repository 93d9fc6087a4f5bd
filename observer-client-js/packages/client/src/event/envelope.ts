import { json } from "./json";
import type { Dropped, ReplayBatch } from "./types";

/** Set by the build from package.json. */
declare const __OBSERVER_VERSION__: string;

export const SDK = { name: "@observer/client", version: __OBSERVER_VERSION__ } as const;

/**
 * The body of `POST {base}/events` or `/errors`.
 *
 * Items come as JSON because they are serialised once, when they happen: their size is then known,
 * and nothing the page does to an object later can change what is sent.
 *
 * @param sentAt the time of this attempt: the server corrects the clock of the items by it
 * @param context a `Context` as JSON
 * @param dropped what was lost before
 */
export function itemsBody(
  list: "events" | "errors",
  sentAt: string,
  context: string,
  items: readonly string[],
  dropped: readonly Dropped[] = [],
): string {
  const losses = dropped.length > 0 ? `,"dropped":${json(dropped)}` : "";
  return `${head(sentAt)},"context":${context}${losses},"${list}":[${items.join(",")}]}`;
}

/** The body of `POST {base}/replay-events`. `events` comes last, so that the server can check while it streams. */
export function replayBody(
  sentAt: string,
  context: string,
  batch: ReplayBatch,
  events: readonly string[],
): string {
  const about = json({
    session_id: batch.session_id,
    recording_id: batch.recording_id,
    sequence: batch.sequence,
    start_time: batch.start_time,
    initial_url: batch.initial_url,
    encoding: batch.encoding,
  });
  return `${head(sentAt)},"context":${context},${about.slice(1, -1)},"events":[${events.join(",")}]}`;
}

function head(sentAt: string): string {
  return `{"sent_at":${json(sentAt)},"sdk":${json(SDK)}`;
}
