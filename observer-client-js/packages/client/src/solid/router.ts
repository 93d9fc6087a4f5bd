/** Page views of an app that uses `@solidjs/router`, with the pattern of the route. */
import { useCurrentMatches, useIsRouting, useLocation } from "@solidjs/router";
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
  const location = useLocation();
  const views = observer.pageViews.routed(() => !untrack(isRouting));
  // Solid holds back a plain effect while a page hydrates or is suspended: the view would be without its route.
  createRenderEffect(() => {
    const { pathname, search } = location;
    const pattern = matches().at(-1)?.route.pattern;
    // The router's own name for the root is the empty string.
    const route = pattern === "" ? "/" : pattern;
    if (!isRouting()) views.shown({ route, path: pathname + search });
  });
  onCleanup(views.stop);
}

/** {@link usePageViews} for an app without a root of its own: `<Router root={PageViews}>`. */
export function PageViews(props: { readonly children?: JSX.Element }): JSX.Element {
  usePageViews();
  return props.children;
}
