import type { ErrorItem, EventItem } from "./event/types";

/** When sessions are recorded. */
export type ReplayMode =
  /** Never, unless `sessionReplay.start()` is called. The recorder is not even loaded. */
  | "off"
  /** From the first moment. */
  | "always"
  /** Kept in memory, and sent from at least 30 s before the first error on. */
  | "on-error";

export interface ReplayOptions {
  readonly mode: ReplayMode;
  /** Masks every text, not only what is typed. Default false. */
  readonly maskAllText?: boolean;
  /** A recording of `always` that ends sooner is not sent. Default 0. */
  readonly minDurationMs?: number;
}

/** The share of sessions, 0 to 1, of which something is sent. It is the same session in every tab and for every signal. */
export interface Sampling {
  readonly errors?: number;
  readonly events?: number;
  /** Of recordings that start by themselves; `sessionReplay.start()` always records. */
  readonly replay?: number;
}

/**
 * Sees each item before it is kept and sent, and returns it, changed or not, or null to drop it. One
 * that throws, or returns something else, drops the item: what it should have removed must not
 * leave. Both are counted, as `before_send` and `before_send_error`.
 */
export interface BeforeSend {
  readonly error?: (item: ErrorItem) => ErrorItem | null;
  readonly event?: (item: EventItem) => EventItem | null;
}

/** Options of {@link createObserver}; the drop-in script reads them as `data-*` attributes. */
export interface ObserverOptions {
  /** Base address of the server, `https://host/api/observer` or a path. Default `/api/observer`; the script's own folder. */
  readonly endpoint?: string;
  /** Name of this front end, `[A-Za-z0-9._-]{1,64}`. Default: the server's own name. */
  readonly service?: string;
  /** The public write key, when the server has one. */
  readonly key?: string;
  /** `production`, `staging`, …, `[A-Za-z0-9._-]{1,64}`. Default: the server's own. */
  readonly environment?: string;
  /** What was deployed, `1.4.0` or a commit. Default none. */
  readonly release?: string;
  /** Default `off`. */
  readonly replay?: ReplayMode | ReplayOptions;
  /** False: only `pageView()` and the router of `usePageViews()` make page views. Default true. */
  readonly pageViews?: boolean;
  /** False: uncaught errors and unhandled rejections are not reported. Default true. */
  readonly errors?: boolean;
  /** Default: all of everything. */
  readonly sampling?: Sampling;
  readonly beforeSend?: BeforeSend;
  /**
   * True: nothing is stored in the browser, no cookie, no `localStorage`, no database. A page load is
   * then a session of its own, there is no `visitor_id`, a choice made by `optOut()` lasts as long as
   * the page, and what waits when the page ends is lost. Default false.
   */
  readonly cookieless?: boolean;
  /** True: nothing is captured or stored before `optIn()`. Default false. */
  readonly requireConsent?: boolean;
  /** True: browsers that send Global Privacy Control or Do Not Track have opted out, unless `optIn()` was called. Default false. */
  readonly honorPrivacySignals?: boolean;
  /** True: what is written with `console.error` is an error too, of mechanism `console`. Default false. */
  readonly consoleErrors?: boolean;
  /** False: no Web Vitals, and their chunk is not loaded. Default true. */
  readonly vitals?: boolean;
  /**
   * True: clicks, form submits, outbound links, downloads, rage and dead clicks are reported, by selector.
   * Default false, and the chunk is not loaded.
   */
  readonly autocapture?: boolean;
  /**
   * Who is told the trace of the page, as a `traceparent` header on `fetch` and `XMLHttpRequest`: this
   * origin (`true`), others besides (a list; each has to allow the header by CORS), nobody (`false`,
   * and nothing carries a `trace_id`). As an attribute the list is separated by spaces. Default true.
   */
  readonly traces?: boolean | string | readonly string[];
}

/** The options, and where to: absolute, without a slash at its end. */
export interface Settings extends ObserverOptions {
  readonly endpoint: string;
}

export function settingsOf(options: ObserverOptions): Settings {
  const endpoint = options.endpoint || "/api/observer";
  return { ...options, endpoint: absolute(endpoint.replace(/\/+$/, "")) };
}

/** By the page's own address: its `<base>` is about links. A frame without one (`srcdoc`) has only that. */
function absolute(url: string): string {
  try {
    return new URL(url, location.href).href;
  } catch {
    return url;
  }
}
