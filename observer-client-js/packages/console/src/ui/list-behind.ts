import { useBeforeLeave } from "@solidjs/router";
import { type Accessor, createEffect, on } from "solid-js";

/**
 * Keeps a list's scroll position while one of its items is read on top of it. `reading` tells whether one is; the
 * page's title is the list's own only while the list is seen.
 */
export function createListBehind(reading: Accessor<boolean>, title: string): void {
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
}
