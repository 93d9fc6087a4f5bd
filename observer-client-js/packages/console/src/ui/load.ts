import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { Page, Refusal } from "../api/client";
import { refusalOfCaught } from "../api/words";

/** Something asked of the server. */
export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly refusal: Refusal };

/**
 * Loads when `source` changes and on `reload`; an answer that came too late is dropped, and its request aborted.
 * What is there stays until a reload is answered, so that a refresh does not make the page jump.
 */
export function createLoaded<S, T>(
  source: Accessor<S>,
  load: (source: S, signal: AbortSignal) => Promise<T>,
): readonly [Accessor<Loaded<T>>, () => void] {
  const [loaded, setLoaded] = createSignal<Loaded<T>>({ state: "loading" });
  const [round, setRound] = createSignal(0);
  createEffect(
    on([source, round], ([wanted, thisRound], before) => {
      const abort = new AbortController();
      onCleanup(() => abort.abort());
      const again = before !== undefined && before[1] !== thisRound;
      if (!again || loaded().state !== "ready") setLoaded({ state: "loading" });
      load(wanted, abort.signal).then(
        (value) => {
          if (!abort.signal.aborted) setLoaded({ state: "ready", value });
        },
        (caught: unknown) => {
          if (!abort.signal.aborted)
            setLoaded({ state: "failed", refusal: refusalOfCaught(caught) });
        },
      );
    }),
  );
  return [loaded, () => setRound((n) => n + 1)];
}

/** A listing read page by page, newest first. */
export interface Listing<T> {
  readonly items: Accessor<readonly T[]>;
  readonly first: Accessor<Loaded<true>>;
  /** What "load older" is doing; `undefined` when there is nothing older. */
  readonly older: Accessor<"idle" | "loading" | { readonly refusal: Refusal } | undefined>;
  /** How many items came in a form this console does not know. */
  readonly unread: Accessor<number>;
  loadOlder(): void;
  reload(): void;
}

/** Where a page of a listing begins. `moment` is when its first page was asked for: a cursor holds for the question it came with. */
export interface From {
  readonly moment: number;
  readonly cursor: string | undefined;
}

/** Reads `load` page by page, from the newest; starts over when `source` changes. Items are kept once by `key`. */
export function createListing<S, T>(
  source: Accessor<S>,
  load: (source: S, from: From, signal: AbortSignal) => Promise<Page<T>>,
  key: (item: T) => string,
): Listing<T> {
  const [items, setItems] = createSignal<readonly T[]>([]);
  const [unread, setUnread] = createSignal(0);
  const [next, setNext] = createSignal<From>({ moment: 0, cursor: undefined });
  const [older, setOlder] = createSignal<"idle" | "loading" | { refusal: Refusal }>("idle");
  let abortOlder = new AbortController();
  onCleanup(() => abortOlder.abort());

  const [first, reload] = createLoaded(source, async (wanted, signal) => {
    const moment = Date.now();
    const page = await load(wanted, { moment, cursor: undefined }, signal);
    // Only now, because what is older may be asked for while this is on its way.
    abortOlder.abort();
    setOlder("idle");
    setItems(page.items);
    setUnread(page.unread);
    setNext({ moment, cursor: page.next });
    return true as const;
  });

  async function loadOlder(): Promise<void> {
    const from = next();
    if (from.cursor === undefined || older() === "loading") return;
    abortOlder = new AbortController();
    const { signal } = abortOlder;
    setOlder("loading");
    try {
      const page = await load(source(), from, signal);
      if (signal.aborted) return;
      setItems((known) => [
        ...new Map([...known, ...page.items].map((item) => [key(item), item])).values(),
      ]);
      setUnread((n) => n + page.unread);
      setNext({ ...from, cursor: page.next });
      setOlder("idle");
    } catch (caught) {
      if (!signal.aborted) setOlder({ refusal: refusalOfCaught(caught) });
    }
  }

  return {
    items,
    first,
    older: () => (next().cursor === undefined ? undefined : older()),
    unread,
    loadOlder: () => void loadOlder(),
    reload,
  };
}
