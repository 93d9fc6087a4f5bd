import type { Mechanism } from "../event/types";

/** Told of every error that reached the top. */
export type OnUncaught = (thrown: unknown, mechanism: Mechanism) => void;

/** Listens to `error` and `unhandledrejection` of the window. Returns the undo. */
export function captureUncaught(onUncaught: OnUncaught): () => void {
  const onError = (event: ErrorEvent) => {
    // A script of another origin without CORS says only "Script error.", without the error itself.
    onUncaught(event.error ?? withoutError(event), "onerror");
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    onUncaught(event.reason, "unhandledrejection");
  };
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
  return () => {
    removeEventListener("error", onError);
    removeEventListener("unhandledrejection", onRejection);
  };
}

function withoutError(event: ErrorEvent): Error {
  const error = new Error(event.message || "Script error.");
  // Our own frames would say nothing about it.
  error.stack = `Error: ${error.message}`;
  if (event.filename) error.stack += `\n    at ${event.filename}:${event.lineno}:${event.colno}`;
  return error;
}
