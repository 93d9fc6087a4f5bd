/**
 * The drop-in script: `<script src="/api/observer/client.js" data-service="shop-web" async></script>`.
 * Its `data-*` attributes are the options of `createObserver`; it defines `window.observer`.
 */
import { type Observer, startObserver } from "./observer";
import type { ObserverOptions, ReplayMode, ReplayOptions } from "./options";

declare global {
  interface Window {
    observer?: Observer;
  }
}

/** Name of the recorder's file beside this one, with its hash; set by the build. */
declare const __OBSERVER_RECORDER__: string;

function optionsOf(script: HTMLScriptElement | null): ObserverOptions {
  const { endpoint, service, key, environment, release, replay, pageViews, errors } =
    script?.dataset ?? {};
  return {
    // The server that gave the script takes the data.
    endpoint: endpoint ?? (script?.src ? new URL(".", script.src).href : "/api/observer"),
    ...(service && { service }),
    ...(key && { key }),
    ...(environment && { environment }),
    ...(release && { release }),
    ...(replay && { replay: replayOf(replay) }),
    pageViews: pageViews !== "false",
    errors: errors !== "false",
  };
}

/** A mode, or the object as JSON. What cannot be read records nothing. */
function replayOf(text: string): ReplayMode | ReplayOptions {
  if (isMode(text)) return text;
  try {
    const { mode, maskAllText } = JSON.parse(text);
    return { mode: isMode(mode) ? mode : "off", maskAllText: maskAllText === true };
  } catch {
    return "off";
  }
}

function isMode(value: unknown): value is ReplayMode {
  return value === "off" || value === "always" || value === "on-error";
}

// Twice on one page is once.
if (window.observer === undefined) {
  const { currentScript } = document;
  const script = currentScript instanceof HTMLScriptElement ? currentScript : null;
  const recorder = new URL(__OBSERVER_RECORDER__, script?.src || location.href).href;
  window.observer = startObserver(optionsOf(script), {
    loadRecorder: () => import(/* @vite-ignore */ recorder),
  });
}
