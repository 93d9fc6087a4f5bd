import type { Observer } from "./api";
import type { Breadcrumb, ErrorItem, Properties } from "./event/types";
import type { Settings } from "./options";

/** What a part of the SDK that is loaded beside the core may do. */
export interface PartHost {
  readonly settings: Settings;
  readonly now: () => number;
  /**
   * Reports an event of the SDK's own, named `observer.<name>`, with the place of the page view that
   * was current at `time`.
   *
   * @param time by `performance.now()`; default: now, and then it is something the visitor did
   */
  report(name: string, properties: Properties, time?: number): void;
  /** Id of the page view that was current at a time; undefined before the first. */
  viewId(time: number): string | undefined;
  readonly addBreadcrumb: AddBreadcrumb;
  readonly captureException: Observer["captureException"];
  /** The W3C trace of the page that is shown; undefined where traces are off. */
  traceId(): string | undefined;
  /** The session of that page view, which this does not prolong. */
  sessionId(): string | undefined;
  /** Hands on an error that stands for others. */
  emitError(error: ErrorItem): void;
  /** Counts a part that cannot be loaded. */
  unavailable(): void;
}

/** @param at in Unix milliseconds; default: now */
export type AddBreadcrumb = (
  category: Breadcrumb["category"],
  message: string,
  properties?: Properties,
  at?: number,
) => void;

/** A part: starts, and returns what ends it. */
export type Part = (host: PartHost) => { stop(): void };

/** What goes on around, as the core asks it. */
export interface Activity {
  readonly addBreadcrumb: AddBreadcrumb;
  /** The latest, oldest first. */
  breadcrumbs(): readonly Breadcrumb[];
  forgetBreadcrumbs(): void;
  /** The text without what was typed; with `rare`, only without what is no likely word of a style sheet. */
  mask(text: string, rare?: boolean): string;
  /** Something was typed where the window does not hear it. */
  remember(typed: string): void;
  /** The id of the error that counts this one too; undefined: it is to be sent itself. */
  fold(error: ErrorItem): string | undefined;
  /** Hands on what is folded. */
  settle(): void;
  /**
   * The last moment to report about a page view: another page is about to be shown (`ended`), or this
   * one is hidden, perhaps for good.
   */
  leave(ended: boolean): void;
  stop(): void;
}

export type StartActivity = (host: PartHost) => Activity;
