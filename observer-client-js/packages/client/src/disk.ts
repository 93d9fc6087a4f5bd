import { KINDS, type Kind } from "./event/types";

/** One thing to send, serialised when it happened. */
export interface Entry {
  readonly key: EntryKey;
  /** The context it happened in, as JSON. */
  readonly context: string;
  /** An item, a loss, or what a replay batch says, as JSON. */
  readonly json: string;
}

/**
 * Says all that is needed to order, bound and expire entries without reading them: where it goes,
 * what it is, when it happened in milliseconds and fractions that keep the order, the page it
 * happened on, and the bytes of its `json` (its length, if it is long).
 */
export type EntryKey = [
  endpoint: string,
  kind: Kind | "loss",
  at: number,
  page: string,
  bytes: number,
];

/** Entries beyond the page: those of all pages of this origin, of all visits. */
export interface Disk {
  /** Resolves when the browser has them: they survive its crash, not the power's. */
  write(entries: readonly Entry[]): Promise<unknown>;
  /** After much was written deletes what is too old and, of too much, the oldest of the lowest kind; returns what that was. */
  makeRoom(now: number): Promise<readonly Gone[]>;
  /** The oldest of a kind. */
  read(kind: Kind, maxItems: number): Promise<readonly Entry[]>;
  /** All losses, which are then no longer there. */
  takeLosses(): Promise<readonly Entry[]>;
  remove(entries: readonly Entry[]): Promise<unknown>;
  clear(): Promise<unknown>;
}

/** What was deleted to make room. */
export interface Gone {
  readonly key: EntryKey;
  readonly reason: "queue_full" | "expired";
}

/** Of all pages of this origin; another tab may add {@link CHECK_BYTES} before either looks. */
const MOST_BYTES = 32 * 1024 * 1024;
const CHECK_BYTES = 256 * 1024;
/** The server knows our ids for longer, so that what was sent before is not stored twice. */
const LONGEST_MS = 7 * 24 * 60 * 60_000;
/** Twice this long a browser may take to answer: some never do. */
const PATIENCE_MS = 2_500;

/**
 * Opens the database of this origin. Rejects where there is none, it is blocked, damaged, of a later
 * version, or does not answer. One object store of {@link Entry}, version 1.
 */
export async function openDisk(endpoint: string): Promise<Disk> {
  const db = await patiently<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open("@observer/client", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("queue", { keyPath: "key" });
    opening.onsuccess = () => {
      const { result } = opening;
      // A later version of this SDK in another tab must not wait for this one.
      result.onversionchange = () => result.close();
      resolve(result);
    };
    opening.onerror = reject;
  });
  /** The first write looks what earlier visits left. */
  let unchecked = CHECK_BYTES;

  /** Resolves with the requests that `ask` made when they have succeeded. */
  function run<T>(ask: (store: IDBObjectStore) => T): Promise<T> {
    return patiently((resolve, reject) => {
      const transaction = db.transaction("queue", "readwrite", { durability: "relaxed" });
      const requests = ask(transaction.objectStore("queue"));
      transaction.oncomplete = () => resolve(requests);
      transaction.onabort = reject;
      // Without this it is undone when the page goes before it heard that the requests succeeded.
      transaction.commit?.();
    });
  }
  const all = (kind: string) => IDBKeyRange.bound([endpoint, kind], [endpoint, kind, []]);
  const remove = (entries: readonly { readonly key: EntryKey }[]) =>
    run((store) => entries.map(({ key }) => store.delete(key)));

  return {
    write: (entries) =>
      run((store) => {
        for (const entry of entries) {
          store.put(entry);
          unchecked += entry.key[4];
        }
      }),
    async makeRoom(now) {
      if (unchecked < CHECK_BYTES) return [];
      unchecked = 0;
      const { result } = await run((store) => store.getAllKeys());
      // All keys are ours: the database has this name and version. The most precious first.
      const keys = (result as EntryKey[]).sort(
        (one, other) => rank(one) - rank(other) || other[2] - one[2],
      );
      let bytes = 0;
      const gone: Gone[] = [];
      for (const key of keys) {
        const isOld = now - key[2] > LONGEST_MS;
        if (!isOld) bytes += key[4];
        if (isOld || bytes > MOST_BYTES)
          gone.push({ key, reason: isOld ? "expired" : "queue_full" });
      }
      await remove(gone);
      return gone;
    },
    async read(kind, maxItems) {
      return (await run((store) => store.getAll(all(kind), maxItems))).result;
    },
    async takeLosses() {
      const [losses] = await run(
        (store) => [store.getAll(all("loss")), store.delete(all("loss"))] as const,
      );
      return losses.result;
    },
    remove,
    clear: () => run((store) => store.clear()),
  };
}

/** Losses, which are none of the kinds, then errors, events, replays. */
const rank = (key: EntryKey) => (KINDS as readonly string[]).indexOf(key[1]);

/** Rejects when a page that is awake hears nothing twice: one that was frozen first hears what it missed. */
function patiently<T>(
  work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  return new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      timer = setTimeout(reject, PATIENCE_MS);
    }, PATIENCE_MS);
    work(resolve, reject);
  }).finally(() => clearTimeout(timer));
}
