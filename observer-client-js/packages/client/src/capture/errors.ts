import type { ErrorContext } from "../api";
import { clip, LIMITS, plain } from "../event/limits";
import type { Emit, ErrorItem, Mechanism, Place, Properties, Stamp } from "../event/types";
import type { Activity } from "../part";
import { describeException, isObject } from "./exception";
import { listen } from "./listen";

/** Makes an error record of whatever is thrown, once. */
export interface Errors {
  /** @returns the id it is stored under, undefined when it was reported before */
  capture(thrown: unknown, about?: ErrorContext): string | undefined;
}

export interface ErrorsOptions {
  readonly emit: Emit;
  readonly stamp: () => Stamp;
  readonly place: () => Place;
  readonly activity: () => Pick<Activity, "breadcrumbs" | "fold"> | undefined;
  readonly flags: () => Properties | undefined;
  /** After an error was handed on that is not folded. */
  readonly onCaptured: () => void;
}

export function createErrors(options: ErrorsOptions): Errors {
  const objects = new WeakSet<object>();
  /** What is no object, and how it was reported in this task: caught, reported and thrown on is once. */
  const values = new Map<unknown, Mechanism>();

  function isKnown(thrown: unknown, mechanism: Mechanism): boolean {
    if (isObject(thrown)) {
      if (objects.has(thrown)) return true;
      objects.add(thrown);
      return false;
    }
    const before = values.get(thrown);
    if (!values.size) setTimeout(() => values.clear(), 0);
    values.set(thrown, before ?? mechanism);
    return before !== undefined && before !== mechanism;
  }

  return {
    capture(thrown, about = {}) {
      const { mechanism = "manual" } = about;
      if (isKnown(thrown, mechanism)) return undefined;
      const item: ErrorItem = {
        ...options.stamp(),
        level: about.level ?? "error",
        ...describeException(thrown),
        mechanism,
        handled: about.handled ?? true,
        ...options.place(),
        ...(about.traceId && { trace_id: about.traceId }),
        span_id: about.spanId,
        feature_flags: options.flags(),
        component_path: about.componentPath && clip(about.componentPath, LIMITS.messageBytes),
        fingerprint: about.fingerprint?.slice(0, 20).map((word) => clip(word, LIMITS.nameBytes)),
        properties: plain(about.properties),
      };
      const activity = options.activity();
      const id = activity?.fold(item);
      if (id) return id;
      options.emit({ kind: "error", item: { ...item, breadcrumbs: activity?.breadcrumbs() } });
      options.onCaptured();
      return item.event_id;
    },
  };
}

/** Told of every error that reached the top. */
export type OnUncaught = (thrown: unknown, mechanism: Mechanism) => void;

/** Listens to `error` and `unhandledrejection` of the window. Returns the undos. */
export function captureUncaught(onUncaught: OnUncaught): (() => void)[] {
  return [
    listen(window, "error", (event) => {
      // The same name has the failure of an image or a script to load, which is no error of the page.
      if (!(event instanceof ErrorEvent)) return;
      // A script of another origin without CORS says only "Script error.", without the error itself.
      onUncaught(event.error ?? withoutError(event), "onerror");
    }),
    listen(window, "unhandledrejection", (event) => {
      if ("reason" in event) onUncaught(event.reason, "unhandledrejection");
    }),
  ];
}

function withoutError({ message: said, filename, lineno, colno }: ErrorEvent): object {
  const message = said || "Script error.";
  const at = filename && `\n    at ${filename}:${lineno}:${colno}`;
  // No Error, whose own frames would say nothing about it.
  return { name: "Error", message, stack: `Error: ${message}${at}` };
}
