/** Errors, page views, events and session replays of a page, sent to an Observer server. Importing does nothing. */
import { startActivity } from "./activity/activity";
import { type AnyEvents, type EventsOf, idleObserver, type Observer } from "./api";
import { approvalOf } from "./before-send";
import { startObserver } from "./observer";
import { oncePerPage } from "./once";
import type { ObserverOptions } from "./options";

export type {
  AnyEvents,
  ErrorContext,
  EventsOf,
  FeatureFlags,
  Observer,
  PageView,
  PropertiesOf,
  Track,
} from "./api";
export type { DropCounts, DropReason } from "./drops";
export type * from "./event/types";
export type {
  BeforeSend,
  ObserverOptions,
  ReplayMode,
  ReplayOptions,
  Sampling,
} from "./options";

/**
 * Starts to observe the page; `close()` undoes everything it did. One for a page: while one runs,
 * also one of the drop-in script or of another copy of this package, a second call returns it as it is.
 * Under Node, and wherever else there is no page, the result does nothing.
 */
export function createObserver<Events extends EventsOf<Events> = AnyEvents>(
  options?: ObserverOptions,
): Observer<Events>;
export function createObserver(options: ObserverOptions = {}): Observer {
  if (typeof window === "undefined" || typeof document === "undefined") return idleObserver();
  return oncePerPage(() =>
    // Chunks of their own in the app's build, of the same origin as the app.
    startObserver(options, {
      activity: async (run) =>
        run((core) =>
          startActivity(core, {
            recorder: () => import("./replay/recording"),
            vitals: () => import("./vitals/vitals"),
            autocapture: () => import("./autocapture/autocapture"),
          }),
        ),
      approve: approvalOf(options.beforeSend),
    }),
  );
}
