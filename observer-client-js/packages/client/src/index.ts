/** Errors, page views, events and session replays of a page, sent to an Observer server. Importing does nothing. */
import { idleObserver, type Observer } from "./api";
import { startObserver } from "./observer";
import type { ObserverOptions } from "./options";

export type { ErrorContext, FeatureFlags, Observer, PageView } from "./api";
export type { DropCounts, DropReason } from "./drops";
export type * from "./event/types";
export type { ObserverOptions, ReplayMode, ReplayOptions } from "./options";

/**
 * Starts to observe the page. One for a page; `close()` undoes everything it did.
 * Under Node, and wherever else there is no page, the result does nothing.
 */
export function createObserver(options: ObserverOptions = {}): Observer {
  if (typeof window === "undefined" || typeof document === "undefined") return idleObserver();
  // A chunk of its own in the app's build, of the same origin as the app.
  return startObserver(options, { loadRecorder: () => import("./replay/recording") });
}
