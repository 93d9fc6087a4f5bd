import type { PageViews } from "./capture/page-views";
import type { DropCounts } from "./drops";
import type { Level, Mechanism, Properties } from "./event/types";

/** What is known about an error besides the error; all of it optional. */
export interface ErrorContext {
  /** Default `error`. */
  readonly level?: Level;
  /** Default `manual`. */
  readonly mechanism?: Mechanism;
  /** Whether the app dealt with it. Default true. */
  readonly handled?: boolean;
  /** Components from the root to where it was thrown, `App > Cart > Row`. */
  readonly componentPath?: string | undefined;
  /** Groups errors by these words instead of by type and stack. */
  readonly fingerprint?: readonly string[];
  /** W3C trace: 32 and 16 hexadecimal digits. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly properties?: Properties;
}

/** A page view told by hand. */
export interface PageView {
  /** Default: the address bar. */
  readonly url?: string;
  /** The pattern, `/orders/:id`. */
  readonly route?: string;
  /** Default: the document's. */
  readonly title?: string;
}

export type FeatureFlags = Readonly<Record<string, boolean | string | number>>;

/**
 * What an app may declare of its events: the properties of each by its name, undefined for none.
 *
 * ```ts
 * interface ShopEvents { checkout_completed: { value: number; currency: string }; cart_emptied: undefined }
 * const observer = createObserver<ShopEvents>();
 * ```
 */
export type EventsOf<Events> = { readonly [Name in keyof Events]: object | undefined };

/** Events that were not declared: any name, any properties. */
export type AnyEvents = Readonly<Record<string, Properties>>;

/** What follows the name of an event: its properties, which may be left out when none of them is required. */
export type PropertiesOf<Event> = [Event] extends [undefined]
  ? readonly [properties?: undefined]
  : Partial<Event> extends Event
    ? readonly [properties?: Event]
    : readonly [properties: Event];

/** Reports that something happened. */
export type Track<Events extends EventsOf<Events> = AnyEvents> = <
  Name extends keyof Events & string,
>(
  name: Name,
  ...properties: PropertiesOf<Events[Name]>
) => void;

/**
 * Reports what happens on a page. No method throws; after {@link Observer.close}, and where there is
 * no browser, each does nothing.
 */
export interface Observer<Events extends EventsOf<Events> = AnyEvents> {
  /**
   * Reports something thrown. The same error object is reported once, however often it surfaces.
   * @returns the id it is stored under, undefined when it was reported before
   */
  captureException(thrown: unknown, context?: ErrorContext): string | undefined;
  /** Reports that something happened. `properties` may be anything JSON can say; they are bounded. */
  track<Name extends keyof Events & string>(
    name: Name,
    ...properties: PropertiesOf<Events[Name]>
  ): void;
  /** Reports a page view by hand, for pages no router knows. */
  pageView(view?: PageView): void;
  /** Says who the visitor is, by an id of at most 256 characters; null: nobody again. Kept until the page is left. */
  identify(user: string | { readonly id: string } | null): void;
  /** After a logout: forgets the user, and goes on as a new visitor in a new session. */
  reset(): void;
  /**
   * The visitor does not want to be observed: from now on, and in every tab of this origin, nothing is
   * captured and nothing sent. What waits to be sent is deleted, and the ids; only the choice itself
   * is stored. Resolves when that is done.
   */
  optOut(): Promise<void>;
  /** The visitor agrees: goes on as a new visitor after {@link Observer.optOut}, or begins. */
  optIn(): void;
  /** Adds a line of your own to what led to an error. */
  addBreadcrumb(message: string, properties?: Properties): void;
  /** The flags in force, reported with each error; replaces those before. */
  setFeatureFlags(flags: FeatureFlags): void;
  readonly sessionReplay: {
    /** Records from now on, whatever the option says; with `on-error` also the moments before. */
    start(): void;
    stop(): void;
  };
  /** Resolves when everything captured so far is on the server's disk, or has to wait for another try. */
  flush(): Promise<void>;
  /** What was lost since the start, by reason and kind: `{"queue_full:replay": 3}`. */
  drops(): DropCounts;
  /** Undoes everything: listeners, wrappers, timers. Resolves after one last attempt to send. */
  close(): Promise<void>;
  /** @internal For router integrations. */
  readonly pageViews: Pick<PageViews, "routed">;
}

/** What `createObserver` returns where there is no page: the same object, and nothing happens. @internal */
export function idleObserver(): Observer {
  const nothing = () => {};
  return {
    captureException: () => undefined,
    track: nothing,
    pageView: nothing,
    identify: nothing,
    reset: nothing,
    optOut: async () => {},
    optIn: nothing,
    addBreadcrumb: nothing,
    setFeatureFlags: nothing,
    sessionReplay: { start: nothing, stop: nothing },
    flush: async () => {},
    drops: () => ({}),
    close: async () => {},
    pageViews: { routed: () => ({ shown: nothing, stop: nothing }) },
  };
}
