/** Page views of an app that uses `@solidjs/router`, with the pattern of the route. */
import { useCurrentMatches, useHref, useIsRouting, useLocation } from "@solidjs/router";
import { createRenderEffect, type JSX, onCleanup, untrack } from "solid-js";
import { isServer } from "solid-js/web";
import { useObserver } from "./provider";

/**
 * Reports a page view for each page the router shows; call it once, in the component given to
 * `<Router root={…}>`. While it is mounted the history is watched in silence, so nothing counts twice.
 * A redirect counts as the page it leads to; a preload of a link is no page view.
 */
export function usePageViews(): void {
  if (isServer) return;
  const observer = useObserver();
  const matches = useCurrentMatches();
  const isRouting = useIsRouting();
  const to = useLocation();
  const path = () => to.pathname + to.search;
  const said = useHref(() => path() + to.hash);
  /** Whether both said the same when the router arrived last: what a memory router says is no address. */
  let follows = false;
  let seen = "";
  const href = () => addressOf(said() ?? "");
  const at = () => {
    const pattern = matches().at(-1)?.route.pattern;
    // The router's own name for the root is the empty string.
    const route = pattern === "" ? "/" : pattern;
    return { route, path: path(), href: follows ? href() : undefined };
  };
  // Read, not told: within Solid's transition these say the page that begins, outside the one that is shown.
  const views = observer.pageViews.routed(() => untrack(() => (isRouting() ? at() : undefined)));
  // Solid holds back a plain effect while a page hydrates or is suspended: the view would be without its route.
  createRenderEffect(() => {
    if (isRouting()) return;
    // The address bar says the same, and has not merely stayed while a memory router came back to it.
    follows = href() === location.href && (follows || seen !== location.href);
    seen = location.href;
    views.shown(at());
  });
  onCleanup(views.stop);
}

/** {@link usePageViews} for an app without a root of its own: `<Router root={PageViews}>`. */
export function PageViews(props: { readonly children?: JSX.Element }): JSX.Element {
  usePageViews();
  return props.children;
}

/** Where a router's path, or its fragment, is in the address bar. Never throws, unlike a URL without an origin. */
function addressOf(said: string): string {
  return (said[0] === "#" ? location.href.split("#")[0] : location.origin) + said;
}
