/**
 * The drop-in script: `<script src="/api/observer/client.js" data-service="shop-web" async></script>`.
 * Its `data-*` attributes are the options of `createObserver`; it defines `window.observer`.
 */
import type { Observer } from "./api";
import { startObserver } from "./observer";
import { oncePerPage } from "./once";
import { optionsOf } from "./script-options";

declare global {
  interface Window {
    observer?: Observer;
  }
}

/** Names of the files beside this one, with their hashes; set by the build. */
declare const __OBSERVER_CHUNKS__: {
  readonly replay: string;
  readonly activity: string;
  readonly vitals: string;
  readonly autocapture: string;
};

const { currentScript } = document;
const script = currentScript instanceof HTMLScriptElement ? currentScript : null;

// By a function of its own, or the build adds what it adds to chunks it knows.
const importFrom = (url: string) => import(/* @vite-ignore */ url);

function load(file: string) {
  const url = new URL(file, script?.src || location.href).href;
  // While servers of two versions take turns, the one asked first may not have the file. Another
  // address, because a browser may remember that the first has failed.
  return importFrom(url).catch(() => importFrom(`${url}?again`));
}

const chunks = __OBSERVER_CHUNKS__;
const activity = load(chunks.activity);
const observer = oncePerPage(() =>
  startObserver(optionsOf(script), {
    // What was typed is known before anything is recorded, or nothing is.
    loadRecorder: () => activity.then(() => load(chunks.replay)),
    activity: activity.then(
      ({ startActivity }) =>
        (host) =>
          startActivity(host, {
            vitals: async () => (await load(chunks.vitals)).startVitals,
            autocapture: async () => (await load(chunks.autocapture)).startAutocapture,
          }),
    ),
  }),
);
// A variable of the page's own stays its own; an element with this id is none.
if (!Object.hasOwn(window, "observer")) window.observer = observer;
