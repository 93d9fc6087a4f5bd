import type { Observer } from "./api";

/** The same in every copy and version of this package. */
const KEY: unique symbol = Symbol.for("@observer/client");

/**
 * The observer that runs on this page, or a new one: two would count everything twice, and wrap each
 * other's wrappers. The place is free again after `close()`.
 */
export function oncePerPage(start: () => Observer): Observer {
  const page: Window & { [KEY]?: Observer } = window;
  if (page[KEY]) return page[KEY];
  const started = start();
  const observer: Observer = {
    ...started,
    close() {
      // Closed twice, it may be another's by now.
      if (page[KEY] === observer) delete page[KEY];
      return started.close();
    },
  };
  // Where the page has frozen its globals, it has one observer for each call.
  Reflect.defineProperty(page, KEY, { value: observer, configurable: true });
  return observer;
}
