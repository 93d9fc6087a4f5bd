import { listen } from "../capture/listen";
import { selectorOf } from "../capture/selector";
import type { PartHost } from "../part";

/** Remembers clicks by selector, never by what the element shows or holds. Returns the undo. */
export function watchClicks(host: PartHost): () => void {
  return listen(window, "click", (event) => {
    const [target] = event.composedPath();
    if (target instanceof Element) host.addBreadcrumb("click", selectorOf(target));
  });
}
