/**
 * The drop-in script: `<script src="/api/observer/client.js" data-service="shop-web" async></script>`.
 * Its `data-*` attributes are the options of `createObserver`; it defines `window.observer`.
 */
import type { Observer } from "./api";
import { startObserver } from "./observer";
import { oncePerPage } from "./once";
import type * as Beside from "./script-activity";
import { optionsOf, type ScriptElement } from "./script-options";

declare global {
  interface Window {
    observer?: Observer;
  }
}

/** Name of the file beside this one that knows the others; set by the build. */
declare const __OBSERVER_ACTIVITY__: string;

/** One inside an SVG has no `src`. */
const script: ScriptElement | null = document.currentScript;

// By a function of its own, or the build adds what it adds to chunks it knows.
const importFrom = (url: string) => import(/* @vite-ignore */ url);

/** Loads a file that lies beside this one. */
function load<Loaded>(file: string): Promise<Loaded> {
  const url = new URL(file, script?.src || location.href).href;
  // While servers of two versions take turns, the one asked first may not have the file. Another
  // address, because a browser may remember that the first has failed.
  return importFrom(url).catch(() => importFrom(`${url}?again`));
}

const observer = oncePerPage(() =>
  startObserver(optionsOf(script), {
    // Not in the task of the start, which holds up the page.
    activity: (run) =>
      new Promise((resolve) => setTimeout(resolve))
        .then(() => load<typeof Beside>(__OBSERVER_ACTIVITY__))
        .then(({ startBeside }) => run(startBeside(load))),
  }),
);
// A variable of the page's own stays its own; an element with this id is none.
if (!Object.hasOwn(window, "observer")) window.observer = observer;
