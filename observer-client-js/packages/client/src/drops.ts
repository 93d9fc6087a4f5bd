import type { Dropped, Kind } from "./event/types";

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
  /** What the server was not told yet. Who takes it gives it back, unless the server has acknowledged it. */
  take(): readonly Dropped[];
  giveBack(dropped: readonly Dropped[]): void;
}

/** A server believes no more at once. */
const MOST_TOLD = 1_000_000;

export function createDrops(): Drops {
  const counts: Record<string, number> = {};
  let untold: readonly Dropped[] = [];

  function tell({ reason, kind, count }: Dropped): void {
    const same = untold.find((one) => one.reason === reason && one.kind === kind);
    const sum = Math.min(MOST_TOLD, count + (same?.count ?? 0));
    untold = [...untold.filter((one) => one !== same), { reason, kind, count: sum }];
  }

  return {
    count(reason, kind, n = 1) {
      const key = `${reason}:${kind}`;
      counts[key] = (counts[key] ?? 0) + n;
      tell({ reason: reason.replace(/_\d+$/, ""), kind, count: n });
    },
    read: () => ({ ...counts }),
    take() {
      const taken = untold;
      untold = [];
      return taken;
    },
    giveBack: (dropped) => dropped.forEach(tell),
  };
}
