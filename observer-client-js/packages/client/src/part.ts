import type { Observer } from "./api";
import type { PageViews } from "./capture/page-views";
import type { Drops } from "./drops";
import type {
  Breadcrumb,
  Emit,
  ErrorItem,
  ItemEmission,
  Kind,
  Place,
  Properties,
} from "./event/types";
import type { Identity } from "./identity";
import type { Settings } from "./options";
import type { Replay } from "./replay/replay";

/** The core, as the activity beside it sees it. */
export interface Core {
  readonly settings: Settings;
  readonly now: () => number;
  readonly newId: () => string;
  readonly drops: Drops;
  readonly identity: Identity;
  readonly pageViews: PageViews;
  readonly emit: Emit;
  readonly addBreadcrumb: AddBreadcrumb;
  readonly captureException: Observer["captureException"];
  /** Closed, or opted out. */
  isSilent(): boolean;
  /** Does something that must not harm the page: what fails is counted and left out. Nothing while silent. */
  quietly<T>(kind: Kind, act: () => T): T | undefined;
  /** @param session default: the current one, kept alive by it */
  event(name: string, properties: Properties | undefined, at?: Place, session?: string): void;
}

/** What a part of the SDK that watches or is loaded later may do. */
export interface PartHost {
  readonly settings: Settings;
  /**
   * Reports an event of the SDK's own, named `observer.<name>`, with the place of the page view that
   * was current at `time`.
   *
   * @param time by `performance.now()`; default: now, and then it is something the visitor did
   */
  report(name: string, properties: Properties, time?: number): void;
  readonly addBreadcrumb: AddBreadcrumb;
  readonly captureException: Observer["captureException"];
  /** The W3C trace of the page that is shown; undefined where traces are off. */
  traceId(): string | undefined;
  /** The session of that page view, which this does not prolong. */
  sessionId(): string | undefined;
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
  readonly replay: Replay;
  readonly addBreadcrumb: AddBreadcrumb;
  /** The latest, oldest first; undefined: none. */
  breadcrumbs(): readonly Breadcrumb[] | undefined;
  /** The id of the error that counts this one too; undefined: it is to be sent itself. */
  fold(error: ErrorItem): string | undefined;
  /** Hides what was typed in the addresses and the title of an item, which it changes. */
  hide(item: ItemEmission["item"]): void;
  /** Does something while no other page of the origin does anything under this name; see `Locks`. */
  exclusively<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** Hands on what is folded. */
  settle(): void;
  /**
   * The last moment to report about a page view: another page is about to be shown (`ended`), or this
   * one is hidden, perhaps for good.
   */
  leave(ended: boolean): void;
  /** The visitor opted out: stops recording, and forgets. */
  forget(): void;
  stop(): void;
}

export type StartActivity = (core: Core) => Activity;
