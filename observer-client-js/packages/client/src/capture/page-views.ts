import { clip, LIMITS } from "../event/limits";
import type { Emit, Place, Properties, Stamp } from "../event/types";
import { listen } from "./listen";
import { patch } from "./patch";

/** What a router knows and the address bar does not say. */
export interface RouteView {
  /** The pattern, `/orders/:id`. */
  readonly route?: string | undefined;
  /** The path the router shows, where it is not the one of the address bar (a memory router). */
  readonly path?: string | undefined;
  /** The address that the page is going to have, where that is known. */
  readonly href?: string | undefined;
}

/**
 * Decides what a page view is: one for each address that was shown, once.
 *
 * Several changes of the address in one task are one navigation (a redirect), and the title is read
 * after it, when the app had its chance to set it. A `replaceState` that changes only the query is
 * no new page: filters write themselves there at every key press.
 */
export interface PageViews {
  /** Where the page is now, for every other item: from when a router shows it, before the address bar says so. */
  place(): Place;
  /** The latest that were counted, oldest first. */
  readonly views: readonly Viewed[];
  /** The app counts this view itself. */
  view(
    view?: RouteView & { readonly url?: string | undefined; readonly title?: string | undefined },
  ): void;
  /**
   * A router takes over: from now on only it says when a page is shown, also where pages are not
   * counted by themselves, and the history is watched in silence. `going` tells the page it is on
   * its way to, undefined when it has arrived; a view proposed meanwhile is left out when its task
   * ends, because another follows. Returns the undo.
   */
  routed(going: () => RouteView | undefined): { shown(view: RouteView): void; stop(): void };
  /** Forgets what was viewed; the page that is shown is the first again. */
  forget(): void;
  /** Emits what still waits for its task to end: the page is going away. */
  settle(): void;
  stop(): void;
}

/** A page view that was counted. */
export interface Viewed extends Place {
  readonly event_id: string;
  readonly session_id: string;
  /** A router may say it later. */
  route?: string | undefined;
  /** By `performance.now()`. */
  readonly since: number;
}

export interface PageViewOptions {
  readonly emit: Emit;
  /** @param at in Unix milliseconds; default: now */
  readonly stamp: (at?: number) => Stamp;
  readonly now: () => number;
  /** Undefined: none is made. */
  readonly newTrace: () => string | undefined;
  /** The current session, kept alive by asking; undefined: nothing may be counted. */
  readonly sessionId: () => string | undefined;
  /** What is known of how the visitor came here. */
  readonly arrival: (session: string, referrer: string) => Properties | undefined;
  /** After a page view another is about to be counted, which {@link PageViews.views} has not yet. */
  readonly onLeave: () => void;
  /** False: only {@link PageViews.view} and a router make page views. */
  readonly automatic: boolean;
  /** Told of every navigation, by path. */
  readonly onNavigation: (from: string, to: string) => void;
}

/** A shown page by path and by query, because they count differently. */
interface Shown extends RouteView {
  readonly page: string;
  readonly query: string;
  readonly url: string;
  route?: string | undefined;
}

/** Measurements of a page that was left come in late, but not later than this. */
const MOST_VIEWS = 20;

export function createPageViews(options: PageViewOptions): PageViews {
  const { emit, stamp, now, automatic } = options;
  let last: Shown | undefined;
  let referrer = document.referrer;
  /** Of the page that is shown; made when it is first asked for. */
  let trace_id: string | undefined;
  let pending: { view: RouteView; at: number; always: boolean | undefined } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let replaced = false;
  /** Of the router that took over: where it is on its way to. */
  let going: (() => RouteView | undefined) | undefined;
  /** The latest, oldest first. */
  const views: Viewed[] = [];

  function propose(view: RouteView = {}, always?: boolean): void {
    // The first of a task gives the time, the last the page.
    pending = { view, at: pending?.at ?? now(), always: always || pending?.always };
    timer ??= setTimeout(settle, 0);
  }

  /** The page that is shown counts once more. */
  function again(): void {
    if (automatic || going) propose(pending?.view ?? last, true);
  }

  function settle(): void {
    clearTimeout(timer);
    timer = undefined;
    if (awaitsActivation(onActivation)) return;
    const proposed = pending;
    pending = undefined;
    if (going?.() || !proposed) return;
    const current = shownAt(proposed.view);
    const before = last;
    last = current;
    if (before && !proposed.always && isSame(before, current)) {
      // The page that is shown turns out to have this pattern.
      current.route ??= before.route;
      const shown = views.at(-1);
      if (shown) shown.route = current.route;
      return;
    }
    if (before && before.url !== current.url) {
      options.onNavigation(before.page, current.page);
      // Not a page that nobody was told of: its visitor had not agreed.
      if (views[0]) referrer = before.url;
    }
    page(stamp(proposed.at), current.url, current.route, document.title);
  }

  /** A page loaded ahead is viewed when it is shown, if ever. */
  function onActivation(): void {
    if (pending) pending.at = now();
    settle();
  }

  function page(made: Stamp, address: string, route: string | undefined, title: string): void {
    if (views[0]) {
      options.onLeave();
      trace_id = undefined;
    }
    const session_id = options.sessionId();
    if (!session_id) return;
    const place = placeOf(address, route);
    views.push({ ...place, event_id: made.event_id, session_id, since: performance.now() });
    if (views.length > MOST_VIEWS) views.shift();
    emit({
      kind: "event",
      item: {
        ...made,
        event_type: "page_view",
        ...place,
        referrer: clip(referrer, LIMITS.urlBytes),
        title: clip(title, LIMITS.messageBytes),
        properties: options.arrival(session_id, referrer),
      },
    });
  }

  function placeOf(address: string, route: string | undefined): Place {
    trace_id ??= options.newTrace();
    return { url: clip(address, LIMITS.urlBytes), route, trace_id };
  }

  function isSame(one: Shown, other: Shown): boolean {
    // A router that mounts late names the same address by its own path.
    if (other.path && !one.path && one.url === other.url) return true;
    return one.page === other.page && (one.query === other.query || replaced);
  }

  const byHistory = (by?: Event | string) => {
    replaced = by === "replaceState";
    if (automatic && !going) propose();
  };
  const stops = [
    ...(["pushState", "replaceState"] as const).map((name) =>
      patch(history, name, (original, active) => (...args) => {
        original.apply(history, args);
        // Without an address it changes none: a router keeps its state there, after each push.
        if (active() && args[2]) byHistory(name);
      }),
    ),
    listen(window, "popstate", byHistory),
    listen(window, "hashchange", byHistory),
    listen(window, "pageshow", (event: Event & { persisted?: boolean }) => {
      // Back from the back/forward cache: nothing ran, yet a page was shown.
      if (event.persisted) again();
    }),
  ];
  // The first page.
  byHistory();

  return {
    place() {
      const view = going?.() ?? pending?.view;
      return placeOf(view?.href ?? location.href, view?.route ?? last?.route);
    },
    views,
    view(view = {}) {
      pending = undefined;
      settle();
      if (last && views[0]) referrer = last.url;
      last = shownAt({ path: last?.path, ...view });
      page(stamp(), view.url ?? last.url, view.route, view.title ?? document.title);
    },
    routed(there) {
      going = there;
      return {
        shown: propose,
        stop() {
          if (going === there) going = undefined;
        },
      };
    },
    forget() {
      views.length = 0;
      trace_id = undefined;
      again();
    },
    settle,
    stop() {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}

/** Whether nobody sees the page yet; `act` is then called when it is shown, if ever. */
export function awaitsActivation(act: () => void): boolean | undefined {
  const page: Document & { prerendering?: boolean } = document;
  if (page.prerendering) document.addEventListener("prerenderingchange", act, { once: true });
  return page.prerendering;
}

/** The page view that was current at a time of `performance.now()`; undefined before the first. */
export function viewAt(views: readonly Viewed[], time: number): Viewed | undefined {
  return views.filter((view) => view.since <= time).pop() ?? views[0];
}

/** A fragment is part of the page only where it is a route of its own: `#/cart`, `#!/cart`. */
function shownAt({ path, route }: RouteView): Shown {
  const { pathname, search, hash, href: url } = location;
  const [page = "", query = ""] = path?.split("?") ?? [
    pathname + (/^#!?\//.test(hash) ? hash : ""),
    search,
  ];
  return { page, query, url, path, route };
}
