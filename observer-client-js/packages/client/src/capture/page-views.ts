import { clip, LIMITS } from "../event/limits";
import type { Emit, Place, Stamp } from "../event/types";
import { patch } from "./patch";

/** What a router knows and the address bar does not say. */
export interface RouteView {
  /** The pattern, `/orders/:id`. */
  readonly route?: string | undefined;
  /** The path the router shows, where it is not the one of the address bar (a memory router). */
  readonly path?: string | undefined;
}

/**
 * Decides what a page view is: one for each address that was shown, once.
 *
 * Several changes of the address in one task are one navigation (a redirect), and the title is read
 * after it, when the app had its chance to set it. A `replaceState` that changes only the query is
 * no new page: filters write themselves there at every key press.
 */
export interface PageViews {
  /** Where the page is now, for every other item. */
  place(): Place;
  /** The app counts this view itself. */
  view(
    view?: RouteView & { readonly url?: string | undefined; readonly title?: string | undefined },
  ): void;
  /**
   * A router takes over: from now on only it says when a page is shown, and the history is watched
   * in silence. `ready` tells whether it has arrived; a view that is not ready when its task ends
   * is left out, because another follows. Returns the undo.
   */
  routed(ready: () => boolean): { shown(view: RouteView): void; stop(): void };
  /** Emits what still waits for its task to end: the page is going away. */
  settle(): void;
  stop(): void;
}

export interface PageViewOptions {
  readonly emit: Emit;
  readonly stamp: () => Stamp;
  /** False: only {@link PageViews.view} makes page views. */
  readonly automatic: boolean;
  /** Told of every navigation, by path. */
  readonly onNavigation: (from: string, to: string) => void;
}

/** A shown page by path and by query, because they count differently. */
interface Shown {
  readonly page: string;
  readonly query: string;
  readonly url: string;
  /** By the router's path, which need not be the address bar's. */
  readonly routed: boolean;
}

export function createPageViews(options: PageViewOptions): PageViews {
  const { emit, stamp, automatic } = options;
  let last: Shown | undefined;
  let referrer = document.referrer;
  let route: string | undefined;
  let pending: { view: RouteView; stamp: Stamp; always: boolean } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let replaced = false;
  let router: { ready: () => boolean } | undefined;

  function propose(view: RouteView, always = false): void {
    // The first of a task gives the time, the last the page.
    pending = { view, stamp: pending?.stamp ?? stamp(), always: always || !!pending?.always };
    timer ??= setTimeout(settle, 0);
  }

  function settle(): void {
    clearTimeout(timer);
    timer = undefined;
    if (isPrerendering()) {
      document.addEventListener("prerenderingchange", onActivation, { once: true });
      return;
    }
    const proposed = pending;
    pending = undefined;
    if (proposed === undefined || (router !== undefined && !router.ready())) return;
    const { view } = proposed;
    const now = shownAt(view.path);
    const same = last !== undefined && !proposed.always && isSame(last, now);
    route = view.route ?? (same ? route : undefined);
    const before = last;
    last = now;
    if (same) return;
    if (before !== undefined && before.url !== now.url) {
      options.onNavigation(before.page, now.page);
      referrer = before.url;
    }
    page(proposed.stamp, now.url, document.title);
  }

  /** A page loaded ahead is viewed when it is shown, if ever. */
  function onActivation(): void {
    if (pending !== undefined) pending.stamp = stamp();
    settle();
  }

  function page(made: Stamp, url: string, title: string): void {
    emit({
      kind: "event",
      item: {
        ...made,
        event_type: "page_view",
        url: clip(url, LIMITS.urlBytes),
        route,
        referrer: clip(referrer, LIMITS.urlBytes),
        title: clip(title, LIMITS.messageBytes),
      },
    });
  }

  function isSame(one: Shown, other: Shown): boolean {
    if (one.page === other.page && (one.query === other.query || replaced)) return true;
    // A router that mounts late names the same address by its own path.
    return !one.routed && other.routed && one.url === other.url;
  }

  const byHistory = (replace: boolean) => {
    replaced = replace;
    if (router === undefined) propose({});
  };
  const onPop = () => byHistory(false);
  const onPageShow = (event: PageTransitionEvent) => {
    // Back from the back/forward cache: nothing ran, yet a page was shown.
    if (event.persisted) propose({ route }, true);
  };
  const stops: (() => void)[] = [];
  if (automatic) {
    for (const name of ["pushState", "replaceState"] as const) {
      const undo = patch(history, name, (original, active) => (...args) => {
        original.apply(history, args);
        if (active()) byHistory(name === "replaceState");
      });
      stops.push(undo);
    }
    addEventListener("popstate", onPop);
    addEventListener("hashchange", onPop);
    addEventListener("pageshow", onPageShow);
    stops.push(() => {
      removeEventListener("popstate", onPop);
      removeEventListener("hashchange", onPop);
      removeEventListener("pageshow", onPageShow);
    });
    propose({});
  }

  return {
    place: () => ({ url: clip(location.href, LIMITS.urlBytes), route }),
    view(view = {}) {
      clearTimeout(timer);
      timer = pending = undefined;
      if (last !== undefined) referrer = last.url;
      last = shownAt(view.path);
      route = view.route;
      page(stamp(), view.url ?? last.url, view.title ?? document.title);
    },
    routed(ready) {
      router = { ready };
      const mine = router;
      return {
        shown(view) {
          if (automatic) propose(view);
        },
        stop() {
          if (router === mine) router = undefined;
        },
      };
    },
    settle,
    stop() {
      clearTimeout(timer);
      document.removeEventListener("prerenderingchange", onActivation);
      for (const stop of stops) stop();
    },
  };
}

function isPrerendering(): boolean {
  return "prerendering" in document && document.prerendering === true;
}

/** A fragment is part of the page only where it is a route of its own: `#/cart`, `#!/cart`. */
function shownAt(path: string | undefined): Shown {
  const { pathname, search, hash, href } = location;
  if (path !== undefined) {
    const [page = "", query = ""] = path.split("?");
    return { page, query, url: href, routed: true };
  }
  const page = pathname + (/^#!?\//.test(hash) ? hash : "");
  return { page, query: search, url: href, routed: false };
}
