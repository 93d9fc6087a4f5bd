/** The items of the wire, with the names they have there. Times are RFC 3339 in UTC with milliseconds. */

/** Free data of an item: anything JSON can say; see `plain` in limits.ts for what happens to the rest. */
export type Properties = Readonly<Record<string, unknown>>;

/** What every item carries: made when it happens, never when it is sent, so that a retry is the same item. */
export interface Stamp {
  readonly event_id: string;
  readonly timestamp: string;
}

/** Where the page was when the item happened; `route` is the pattern (`/orders/:id`) when a router told it. */
export interface Place {
  readonly url: string;
  readonly route?: string | undefined;
  /** The W3C trace of the page view, which its requests carry too. */
  readonly trace_id?: string | undefined;
}

export interface PageViewEvent extends Stamp, Place {
  readonly event_type: "page_view";
  readonly referrer: string;
  readonly title: string;
  /** The campaign of the address, and what began the session. */
  readonly properties?: Properties | undefined;
}

export interface CustomEventItem extends Stamp, Place {
  readonly event_type: "custom_event";
  readonly event_name: string;
  readonly properties?: Properties | undefined;
}

export type EventItem = PageViewEvent | CustomEventItem;

export type Level = "debug" | "info" | "warning" | "error" | "fatal";

/** How an error surfaced. */
export type Mechanism = "onerror" | "unhandledrejection" | "error_boundary" | "manual" | "console";

export interface Cause {
  readonly error_type: string;
  readonly message: string;
  readonly stack_trace?: string | undefined;
}

export interface Breadcrumb {
  readonly timestamp: string;
  readonly category: "click" | "navigation" | "console" | "http" | "custom";
  readonly message: string;
  readonly properties?: Properties | undefined;
}

export interface ErrorItem extends Stamp, Place {
  readonly level: Level;
  readonly error_type: string;
  readonly message: string;
  readonly stack_trace?: string | undefined;
  readonly mechanism: Mechanism;
  readonly handled: boolean;
  readonly span_id?: string | undefined;
  readonly causes?: readonly Cause[] | undefined;
  readonly breadcrumbs?: readonly Breadcrumb[] | undefined;
  readonly feature_flags?: Properties | undefined;
  readonly component_path?: string | undefined;
  readonly fingerprint?: readonly string[] | undefined;
  readonly properties?: Properties | undefined;
}

/** One batch of one recording, without its events. `sequence` counts from 0 in each recording. */
export interface ReplayBatch {
  readonly session_id: string;
  readonly recording_id: string;
  readonly sequence: number;
  readonly start_time: string;
  readonly initial_url: string;
  /** The form of the events: `packed-2`. */
  readonly encoding: string;
}

/** What is said once for all items of a request; an item's own field wins. */
export interface Context {
  readonly service_name?: string | undefined;
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
  readonly session_id?: string | undefined;
  readonly visitor_id?: string | undefined;
  readonly user_id?: string | undefined;
  readonly language?: string | undefined;
  readonly screen_width?: number | undefined;
  readonly screen_height?: number | undefined;
  readonly viewport_width?: number | undefined;
  readonly viewport_height?: number | undefined;
}

/** The three kinds of record, in order of priority: an error is never dropped to make room for a replay. */
export type Kind = "error" | "event" | "replay";
export const KINDS: readonly Kind[] = ["error", "event", "replay"];

/** Losses on this side, which a batch tells the server; `reason` is one of the wire's, `refused` without a status. */
export interface Dropped {
  readonly reason: string;
  readonly kind: Kind;
  /** Items or, of replays, batches. */
  readonly count: number;
}

/** An item that capture hands on. */
export type ItemEmission =
  | { readonly kind: "error"; readonly item: ErrorItem }
  | {
      readonly kind: "event";
      readonly item: EventItem;
      /** The session it belongs to; default: the current one, kept alive by it. */
      readonly session?: string | undefined;
    };

/** What capture and replay hand on; `part` is what a replay batch says in a body, see `replayPart`. */
export type Emission = ItemEmission | { readonly kind: "replay"; readonly part: string };

/** The only way out of capture, replay and solid. Never throws. */
export type Emit = (emission: Emission) => void;
