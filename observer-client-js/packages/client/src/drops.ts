import type { Dropped, Kind } from "./event/types";

/** Every way in which something captured does not reach the server. */
export type DropReason =
  /** The server outage lasted longer than the queue; the oldest go first, of replays, then of events, then of errors. */
  | "queue_full"
  /** Nothing can be kept beyond the page: the browser has no database, forbids it, or it is full. Counted once a page, and where deleting after `optOut()` finds it so again; lost is only what waits when the page ends. */
  | "storage_failed"
  /** It could not be delivered within seven days. */
  | "expired"
  /** The server took the batch but not this item, or refused the whole; the status follows. */
  | "rejected"
  | `refused_${number}`
  /** Larger than a server takes, alone. */
  | "too_large"
  /** Waiting in memory when `close()` gave up. */
  | "closed"
  /** `beforeSend` said no. */
  | "before_send"
  /** `beforeSend` threw: what it should have changed is not sent. */
  | "before_send_error"
  /** The recorder threw; it goes on when it can. */
  | "recorder_error"
  /** The recorder could not be loaded: the session has no replay. */
  | "recorder_unavailable"
  /** A part of the SDK (activity, vitals, autocapture) could not be loaded: an old tab after a deploy, a blocked request. */
  | "chunk_unavailable"
  /** Capture itself failed; the page was not harmed. */
  | "capture_error";

/** Counts of what was lost, by reason and kind: `{"queue_full:replay": 3}`. */
export type DropCounts = Readonly<Record<string, number>>;

export interface Drops {
  /** Of 0 it is no loss. Default 1. */
  count(reason: DropReason, kind: Kind, n?: number): void;
  /** Since the page began. */
  read(): DropCounts;
}

/** @param tell told of each loss, those of one task as one: the server is to hear of it */
export function createDrops(tell: (losses: readonly Dropped[]) => void): Drops {
  const counts: Record<string, number> = {};
  let untold: Dropped[] = [];

  return {
    count(reason, kind, count = 1) {
      if (count < 1) return;
      const key = `${reason}:${kind}`;
      counts[key] = (counts[key] ?? 0) + count;
      const loss = { reason: reason.replace(/_\d+$/, ""), kind, count };
      if (untold.push(loss) > 1) return;
      queueMicrotask(() => {
        tell(sum(untold));
        untold = [];
      });
    },
    read: () => ({ ...counts }),
  };
}

/** A server believes no more at once. */
const MOST_TOLD = 1_000_000;

/** One for each reason and kind. */
export function sum(losses: readonly Dropped[]): readonly Dropped[] {
  const sums: Record<string, Dropped> = {};
  for (const { reason, kind, count } of losses) {
    const before = sums[reason + kind]?.count ?? 0;
    sums[reason + kind] = { reason, kind, count: Math.min(MOST_TOLD, before + count) };
  }
  return Object.values(sums);
}
