import { type Disk, type Entry, openDisk } from "./disk";
import { type Drops, sum } from "./drops";
import { json } from "./event/json";
import { byteLength } from "./event/limits";
import { type Dropped, KINDS, type Kind } from "./event/types";

/** What goes into one request: entries of one kind and one context, or a single replay batch. */
export interface Batch {
  readonly entries: readonly Entry[];
  /**
   * What the clock that its items were stamped by says now, as far as can be known, in milliseconds:
   * the time, or that of the latest item when the clock was set back since.
   */
  readonly sentAt: number;
  /** To be told with it. Taken out of the queue: who does not get them acknowledged gives them to {@link Queue.lost}. */
  readonly losses: readonly Dropped[];
}

/**
 * Holds what was captured until the server has acknowledged it: on disk, for all pages of the origin
 * and their later visits, and what this page captured also in memory, because a page that is being
 * left can no longer read from disk.
 *
 * An entry is on its way to the disk when the task that made it ends. Where there is no disk, or as
 * soon as it fails in any way, memory alone serves this page, and `storage_failed` is counted, until
 * {@link Queue.clear}.
 *
 * Bounded by bytes, on disk and in memory. When full, the oldest of the lowest kind goes first:
 * replays, then events, then errors; counted as `queue_full` unless it is still on disk.
 */
export interface Queue {
  add(kind: Kind, context: string, json: string): void;
  /** Keeps losses to be told. */
  lost(losses: readonly Dropped[]): void;
  /**
   * The oldest entries of a kind, whichever page they come from, as far as they share a context; at
   * least one if there is any. They stay in the queue.
   */
  next(kind: Kind, maxItems: number, maxBytes: number): Promise<Batch | undefined>;
  /** The same of this page alone, at once, and none that is larger than `maxBytes` or among `except`. */
  last(kind: Kind, maxItems: number, maxBytes: number, except: Ids): Batch | undefined;
  /** The entries are with the server, or lost and counted. */
  done(entries: readonly Entry[]): Promise<void>;
  /** What this page captured and does not know to be done. */
  waiting(kind: Kind): { readonly items: number; readonly bytes: number };
  /** Whether what waits outlives the page, as far as is known. */
  durable(): boolean;
  /** Forgets everything, of all pages; a disk that has failed is asked once more. */
  clear(): Promise<void>;
  /** Counts what would end with this page as lost. */
  abandon(): void;
}

export interface QueueOptions {
  /** Entries go where they were meant to go: those of another endpoint are left to its own pages. */
  readonly endpoint: string;
  readonly drops: Drops;
  readonly now: () => number;
  readonly random: () => number;
  /** Nothing may be stored. */
  readonly cookieless?: boolean;
  /** Called when it is first needed. */
  readonly openDisk?: (endpoint: string) => Promise<Disk>;
  /** Of this page, in memory. Default {@link MOST_BYTES}. */
  readonly maxBytes?: number;
}

/** Hours of errors and events, and some minutes of replay. On disk there is more. */
const MOST_BYTES = 16 * 1024 * 1024;

/** More than a request that outlives its page may have. */
const MOST_EXACT = 64 * 1024;

/** More than rounding. */
const AHEAD_MS = 1_000;

/** Identities of entries, which come from the disk as copies. */
export type Ids = ReadonlySet<string>;
export const idOf = (entry: Entry) => String(entry.key);

export function createQueue(options: QueueOptions): Queue {
  const { endpoint, drops, now } = options;
  /** Names this page among others. */
  const page = options.random().toString(36).slice(2);
  /** Captured by this page, oldest first, and not known to be done. */
  let own: Entry[] = [];
  const onDisk = new WeakSet<Entry>();
  let unwritten: Entry[] = [];
  let opening: Promise<Disk> | undefined;
  let failed = options.cookieless;
  let lastAt = 0;

  /** Does something on the disk; undefined when there is none that works. */
  async function withDisk<T>(act: (disk: Disk) => Promise<T>): Promise<T | undefined> {
    try {
      if (!failed) {
        opening ??= (options.openDisk ?? openDisk)(endpoint);
        return await act(await opening);
      }
    } catch {
      if (!failed) drops.count("storage_failed", "event");
      failed = true;
      opening = undefined;
    }
    return undefined;
  }

  const ownOf = (kind: Kind | "loss") => own.filter((entry) => entry.key[1] === kind);

  function forget(entries: readonly Entry[]): void {
    const ids = new Set(entries.map(idOf));
    own = own.filter((entry) => !ids.has(idOf(entry)));
  }

  function keep(kind: Kind | "loss", context: string, text: string): void {
    const at = now();
    // Keeps the order of what one millisecond brings; a clock that was set back is believed.
    lastAt = at > lastAt || at < lastAt - 1 ? at : lastAt + 2 ** -10;
    // Only what may travel at the end of a page is to be known exactly: encoding a snapshot takes its time.
    const bytes = text.length > MOST_EXACT ? text.length : byteLength(text);
    const entry: Entry = {
      key: [endpoint, kind, lastAt, page, bytes],
      context,
      json: text,
    };
    own.push(entry);
    if (!failed && unwritten.push(entry) === 1) queueMicrotask(write);
  }

  async function write(): Promise<void> {
    const entries = unwritten.filter((entry) => own.includes(entry));
    unwritten = [];
    if (!entries[0]) return;
    await withDisk((disk) => disk.write(entries));
    if (failed) return;
    for (const entry of entries) onDisk.add(entry);
    // They are told from the disk, once.
    forget(ownOf("loss").filter((entry) => entries.includes(entry)));
    const gone = await withDisk((disk) => disk.makeRoom(now()));
    for (const { key, reason } of gone ?? []) {
      if (key[1] !== "loss") drops.count(reason, key[1]);
    }
  }

  /** Makes room in memory. */
  function shed(): void {
    let bytes = bytesOf(own);
    for (const kind of [...KINDS].reverse()) {
      for (const entry of ownOf(kind)) {
        if (bytes <= (options.maxBytes ?? MOST_BYTES)) return;
        bytes -= entry.key[4];
        forget([entry]);
        if (!onDisk.has(entry)) drops.count("queue_full", kind);
      }
    }
  }

  /** The first of these that can travel together. Without a disk with the losses that are in memory. */
  function batchOf(
    kind: Kind,
    found: readonly Entry[],
    maxBytes: number,
    losses: readonly Entry[] = [],
  ): Batch | undefined {
    const [first] = found;
    if (!first) return undefined;
    const isAhead = (entry: Entry) => entry.key[2] > now() + AHEAD_MS;
    let bytes = 0;
    const entries: Entry[] = [];
    for (const entry of found) {
      bytes += entry.key[4] + 1;
      const joins =
        entry === first ||
        (kind !== "replay" &&
          bytes <= maxBytes &&
          entry.context === first.context &&
          // Else the clock was set back in between: the server corrects a batch by one difference.
          isAhead(entry) === isAhead(first));
      if (!joins) break;
      entries.push(entry);
    }
    const told = failed && kind !== "replay" ? ownOf("loss") : losses;
    if (failed) forget(told);
    return {
      entries,
      sentAt: isAhead(first) ? (entries.at(-1)?.key[2] ?? 0) : now(),
      losses: sum(told.map((loss) => JSON.parse(loss.json))),
    };
  }

  return {
    add(...entry) {
      keep(...entry);
      shed();
    },
    lost(losses) {
      for (const loss of losses) keep("loss", "", json(loss));
    },
    async next(kind, maxItems, maxBytes) {
      // The disk does first what it was asked first.
      void write();
      const known = ownOf(kind).filter((entry) => onDisk.has(entry));
      const found = await withDisk((disk) => disk.read(kind, kind === "replay" ? 1 : maxItems));
      if (!found) return batchOf(kind, ownOf(kind).slice(0, maxItems), maxBytes);
      const [first] = found;
      // What is older than the oldest on disk was sent by another tab.
      forget(known.filter((entry) => !first || entry.key[2] < first.key[2]));
      // A replay batch cannot tell of losses.
      const tells = first && kind !== "replay";
      const losses = tells ? await withDisk((disk) => disk.takeLosses()) : [];
      return batchOf(kind, found, maxBytes, losses);
    },
    last(kind, maxItems, maxBytes, except) {
      const fits = ownOf(kind).filter(
        (entry) => entry.key[4] <= maxBytes && !except.has(idOf(entry)),
      );
      return batchOf(kind, fits.slice(0, maxItems), maxBytes);
    },
    async done(entries) {
      forget(entries);
      await withDisk((disk) => disk.remove(entries));
    },
    waiting(kind) {
      const entries = ownOf(kind);
      return { items: entries.length, bytes: bytesOf(entries) };
    },
    durable: () => !failed,
    async clear() {
      own = [];
      unwritten = [];
      // Also what came to the disk before it failed: it must not come back with the next visit.
      failed = options.cookieless;
      await withDisk((disk) => disk.clear());
    },
    abandon() {
      if (failed) for (const kind of KINDS) drops.count("closed", kind, ownOf(kind).length);
      own = [];
    },
  };
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((bytes, { key }) => bytes + key[4], 0);
}
