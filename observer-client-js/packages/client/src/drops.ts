import type { Kind } from "./event/types";

/** Every way in which something captured does not reach the server. */
export type DropReason =
  /** The server outage lasted longer than the memory queue; replays go first, errors last. */
  | "queue_full"
  /** The server took the batch but not this item, or refused the whole; the status follows. */
  | "rejected"
  | `refused_${number}`
  /** Larger than a server takes, alone. */
  | "too_large"
  /** Waiting when `close()` gave up. */
  | "closed"
  /** The recorder threw; it goes on when it can. */
  | "recorder_error"
  /** The recorder could not be loaded: the session has no replay. */
  | "recorder_unavailable"
  /** Capture itself failed; the page was not harmed. */
  | "capture_error";

/** Counts of what was lost, by reason and kind: `{"queue_full:replay": 3}`. */
export type DropCounts = Readonly<Record<string, number>>;

export interface Drops {
  count(reason: DropReason, kind: Kind, n?: number): void;
  read(): DropCounts;
}

export function createDrops(): Drops {
  const counts: Record<string, number> = {};
  return {
    count(reason, kind, n = 1) {
      const key = `${reason}:${kind}`;
      counts[key] = (counts[key] ?? 0) + n;
    },
    read: () => ({ ...counts }),
  };
}
