/**
 * The drop-in script: `<script src="/api/observer/client.js" data-service="shop-web" async></script>`.
 * Its `data-*` attributes are the options of `createObserver`; it defines `window.observer`.
 */
import type { Observer } from "./api";
import { startObserver } from "./observer";
import { optionsOf } from "./script-options";

declare global {
  interface Window {
    observer?: Observer;
  }
}

/** Name of the recorder's file beside this one, with its hash; set by the build. */
declare const __OBSERVER_RECORDER__: string;

// Twice on one page is once.
if (window.observer === undefined) {
  const { currentScript } = document;
  const script = currentScript instanceof HTMLScriptElement ? currentScript : null;
  const recorder = new URL(__OBSERVER_RECORDER__, script?.src || location.href).href;
  window.observer = startObserver(optionsOf(script), {
    loadRecorder: () => import(/* @vite-ignore */ recorder),
  });
}
