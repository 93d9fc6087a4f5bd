import type { Observer } from "./api";

/** The same in every copy and version of this package. */
const KEY = Symbol.for("@observer/client");

/**
 * The observer that runs on this page, or a new one: two would count everything twice, and wrap each
 * other's wrappers. The place is free again after `close()`.
 */
export function oncePerPage(start: () => Observer): Observer {
  const running: Observer | undefined = Reflect.get(window, KEY);
  if (running) return running;
  const started = start();
  const observer: Observer = {
    ...started,
    close() {
      Reflect.deleteProperty(window, KEY);
      return started.close();
    },
  };
  // Where the page has frozen its globals, it has one observer for each call.
  Reflect.defineProperty(window, KEY, { value: observer, configurable: true });
  return observer;
}
