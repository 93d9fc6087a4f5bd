import type { ErrorContext } from "../api";
import { clip, LIMITS, plain } from "../event/limits";
import type {
  Breadcrumb,
  Emit,
  ErrorItem,
  Mechanism,
  Place,
  Properties,
  Stamp,
} from "../event/types";
import { describeException } from "./exception";
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
  readonly breadcrumbs: () => readonly Breadcrumb[];
  readonly flags: () => Properties | undefined;
  /** The id of the error that counts this one too; undefined: it is sent itself. */
  readonly fold: (error: ErrorItem) => string | undefined;
  /** After an error was handed on that is not folded. */
  readonly onCaptured: () => void;
}

export function createErrors(options: ErrorsOptions): Errors {
  const { emit, stamp, place } = options;
  const objects = new WeakSet<object>();
  /** What is no object, and how it was reported in this task: caught, reported and thrown on is once. */
  const values = new Map<unknown, Mechanism>();

  function isKnown(thrown: unknown, mechanism: Mechanism): boolean {
    if ((typeof thrown === "object" && thrown !== null) || typeof thrown === "function") {
      if (objects.has(thrown)) return true;
      objects.add(thrown);
      return false;
    }
    const before = values.get(thrown);
    if (values.size === 0) setTimeout(() => values.clear(), 0);
    values.set(thrown, before ?? mechanism);
    return before !== undefined && before !== mechanism;
  }

  return {
    capture(thrown, about = {}) {
      const { mechanism = "manual" } = about;
      if (isKnown(thrown, mechanism)) return undefined;
      const { error_type, message, stack_trace, causes } = describeException(thrown);
      const item: ErrorItem = {
        ...stamp(),
        level: about.level ?? "error",
        error_type,
        message,
        stack_trace,
        mechanism,
        handled: about.handled ?? true,
        ...place(),
        ...(about.traceId && { trace_id: about.traceId }),
        span_id: about.spanId,
        causes,
        feature_flags: options.flags(),
        component_path: about.componentPath && clip(about.componentPath, LIMITS.messageBytes),
        fingerprint: about.fingerprint?.slice(0, 20).map((word) => clip(word, LIMITS.nameBytes)),
        properties: plain(about.properties),
      };
      const id = options.fold(item);
      if (id !== undefined) return id;
      const crumbs = options.breadcrumbs();
      emit({
        kind: "error",
        item: { ...item, breadcrumbs: crumbs.length > 0 ? crumbs : undefined },
      });
      options.onCaptured();
      return item.event_id;
    },
  };
}

/** Told of every error that reached the top. */
export type OnUncaught = (thrown: unknown, mechanism: Mechanism) => void;

/** Listens to `error` and `unhandledrejection` of the window. Returns the undo. */
export function captureUncaught(onUncaught: OnUncaught): () => void {
  const stopErrors = listen(window, "error", (event) => {
    // The same name has the failure of an image or a script to load, which is no error of the page.
    if (!(event instanceof ErrorEvent)) return;
    // A script of another origin without CORS says only "Script error.", without the error itself.
    onUncaught(event.error ?? withoutError(event), "onerror");
  });
  const stopRejections = listen(window, "unhandledrejection", (event) => {
    if ("reason" in event) onUncaught(event.reason, "unhandledrejection");
  });
  return () => {
    stopErrors();
    stopRejections();
  };
}

function withoutError(event: ErrorEvent): Error {
  const error = new Error(event.message || "Script error.");
  // Our own frames would say nothing about it.
  error.stack = `Error: ${error.message}`;
  if (event.filename) error.stack += `\n    at ${event.filename}:${event.lineno}:${event.colno}`;
  return error;
}
