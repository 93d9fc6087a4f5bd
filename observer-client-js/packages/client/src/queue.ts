import type { Drops } from "./drops";
import { KINDS, type Kind, type ReplayBatch } from "./event/types";

/** One thing to send, serialised when it happened. */
export interface Entry {
  readonly kind: Kind;
  /** The context it happened in, as JSON. */
  readonly context: string;
  /** An item as JSON, or the comma-separated events of a replay batch. */
  readonly json: string;
  /** Of `json` in UTF-8. */
  readonly bytes: number;
  /** Says what `json` holds when this is a replay batch. */
  readonly replay?: ReplayBatch;
}

/** What goes into one request: entries of one kind and one context, or a single replay batch. */
export interface Batch {
  readonly kind: Kind;
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

/**
 * Holds what was captured until the server has acknowledged it. In memory, for one page; the place
 * where a queue that survives the tab will stay.
 *
 * Bounded by bytes. When full, the newest replay batches go first (a recording is worth its
 * beginning), then the oldest events, then the oldest errors, each counted as `queue_full`.
 */
export interface Queue {
  add(entry: Entry): void;
  /**
   * Takes the next batch out: one that came back, as it was, or the oldest entries that share a
   * context. An entry larger than `maxBytes` comes alone. The batch still counts as held.
   */
  next(kind: Kind, maxItems: number, maxBytes: number): Batch | undefined;
  /** The batch is with the server, or lost and counted. A second call does nothing. */
  done(batch: Batch): void;
  /** The batch comes back, to be taken again as it is, before newer ones. Nothing if it is done. */
  giveBack(batch: Batch): void;
  /** The same, as two halves that are batches of their own. */
  giveBackHalved(batch: Batch): void;
  waiting(kind: Kind): Waiting;
  /** Counts all that is left, in flight or not, as lost. */
  abandon(): void;
}

export interface Waiting {
  readonly items: number;
  readonly bytes: number;
  /** Some of it has been tried before. */
  readonly retry: boolean;
}

export function createQueue(maxBytes: number, drops: Drops): Queue {
  const fresh: Record<Kind, Entry[]> = { error: [], event: [], replay: [] };
  const back: Record<Kind, Batch[]> = { error: [], event: [], replay: [] };
  const waiting: Record<Kind, { items: number; bytes: number }> = {
    error: { items: 0, bytes: 0 },
    event: { items: 0, bytes: 0 },
    replay: { items: 0, bytes: 0 },
  };
  const inFlight = new Set<Batch>();
  let held = 0;

  function waits(kind: Kind, items: number, bytes: number): void {
    waiting[kind].items += items;
    waiting[kind].bytes += bytes;
  }

  function shed(): void {
    for (const kind of [...KINDS].reverse()) {
      while (held > maxBytes) {
        const entry = kind === "replay" ? fresh[kind].pop() : fresh[kind].shift();
        const batch = entry === undefined ? back[kind].pop() : undefined;
        if (entry === undefined && batch === undefined) break;
        const items = batch?.entries.length ?? 1;
        const bytes = entry?.bytes ?? batch?.bytes ?? 0;
        held -= bytes;
        waits(kind, -items, -bytes);
        drops.count("queue_full", kind, items);
      }
    }
  }

  return {
    add(entry) {
      fresh[entry.kind].push(entry);
      held += entry.bytes;
      waits(entry.kind, 1, entry.bytes);
      shed();
    },
    next(kind, maxItems, maxBatchBytes) {
      let batch = back[kind].shift();
      if (batch === undefined) {
        const entries: Entry[] = [];
        let bytes = 0;
        for (const entry of fresh[kind]) {
          const first = entries[0];
          const joins =
            first === undefined ||
            (kind !== "replay" &&
              entries.length < maxItems &&
              entry.context === first.context &&
              bytes + entry.bytes <= maxBatchBytes);
          if (!joins) break;
          entries.push(entry);
          // One more for the comma.
          bytes += entry.bytes + 1;
        }
        if (entries.length === 0) return undefined;
        fresh[kind].splice(0, entries.length);
        batch = batchOf(kind, entries);
      }
      waits(kind, -batch.entries.length, -batch.bytes);
      inFlight.add(batch);
      return batch;
    },
    done(batch) {
      if (inFlight.delete(batch)) held -= batch.bytes;
    },
    giveBack(batch) {
      if (!inFlight.delete(batch)) return;
      back[batch.kind].push(batch);
      waits(batch.kind, batch.entries.length, batch.bytes);
    },
    giveBackHalved(batch) {
      if (!inFlight.delete(batch)) return;
      const middle = Math.ceil(batch.entries.length / 2);
      back[batch.kind].unshift(
        batchOf(batch.kind, batch.entries.slice(0, middle)),
        batchOf(batch.kind, batch.entries.slice(middle)),
      );
      waits(batch.kind, batch.entries.length, batch.bytes);
    },
    waiting: (kind) => ({ ...waiting[kind], retry: back[kind].length > 0 }),
    abandon() {
      for (const kind of KINDS) {
        let left = waiting[kind].items;
        for (const batch of inFlight) if (batch.kind === kind) left += batch.entries.length;
        if (left > 0) drops.count("closed", kind, left);
        fresh[kind] = [];
        back[kind] = [];
        waiting[kind] = { items: 0, bytes: 0 };
      }
      inFlight.clear();
      held = 0;
    },
  };
}

function batchOf(kind: Kind, entries: readonly Entry[]): Batch {
  return { kind, entries, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
}
