import { useBeforeLeave, useLocation, useSearchParams } from "@solidjs/router";
import {
  type Accessor,
  createContext,
  createEffect,
  createMemo,
  on,
  untrack,
  useContext,
} from "solid-js";

/** A list with what it is narrowed to, which stands in its address. */
export interface ListBehind {
  /** Leads back to the list as it was. */
  readonly href: Accessor<string>;
  /** What the list is narrowed to by `name`; empty when it is not. */
  readonly narrowed: (name: string) => string;
  readonly narrow: (by: Readonly<Record<string, string>>) => void;
  /** Whether it is narrowed by anything. */
  readonly isNarrowed: Accessor<boolean>;
  /** Shows everything again. */
  readonly widen: () => void;
}

/** The list behind the page of one of its items. */
export const ListBehindContext = createContext<ListBehind>();

export function useListBehind(): ListBehind {
  const list = useContext(ListBehindContext);
  if (list === undefined) throw new Error("used outside of a list");
  return list;
}

/**
 * Keeps a list at `path`, what it is narrowed to, and its scroll position while one of its items is read on top of it.
 * `reading` tells whether one is; the page's title is the list's own only while the list is seen.
 */
export function createListBehind(
  path: string,
  reading: Accessor<boolean>,
  title: string,
): ListBehind {
  let scrolled = 0;
  useBeforeLeave(() => {
    if (!reading()) scrolled = scrollY;
  });
  createEffect(
    on(reading, (now, before) => {
      if (!now) document.title = `${title} · Observer`;
      scrollTo(0, !now && before === true ? scrolled : 0);
    }),
  );
  const location = useLocation();
  const [, setSearch] = useSearchParams();
  const search = createMemo<string>((before) => (reading() ? before : location.search), "");
  const query = createMemo(() => new URLSearchParams(search()));
  const narrow: ListBehind["narrow"] = (by) => untrack(() => setSearch(by, { replace: true }));
  return {
    href: () => path + search(),
    narrowed: (name) => query().get(name) ?? "",
    narrow,
    isNarrowed: () => [...query().values()].some((value) => value !== ""),
    widen: () =>
      untrack(() => narrow(Object.fromEntries([...query().keys()].map((name) => [name, ""])))),
  };
}
