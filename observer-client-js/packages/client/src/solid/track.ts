import { onCleanup, untrack } from "solid-js";
import { isServer } from "solid-js/web";
import type { AnyEvents, EventsOf, Track } from "../api";
import type { Properties } from "../event/types";
import { useObserver } from "./provider";

/**
 * `track` of the nearest observer: `const trackEvent = useTrackEvent()`; with the app's own events,
 * checked by name and properties: `useTrackEvent<ShopEvents>()`.
 */
export function useTrackEvent<Events extends EventsOf<Events> = AnyEvents>(): Track<Events> {
  return useObserver<Events>().track;
}

export interface TrackOptions {
  /** Read when it happens, so that signals have their value of that moment. */
  readonly properties?: Properties | (() => Properties);
  /** The DOM event that counts. Default `submit` for a form, else `click`. */
  readonly on?: string;
}

/** What `use:track` is given: a name, or a name and options. */
export type TrackDirective = string | readonly [name: string, options?: TrackOptions | undefined];

/**
 * Tracks an element: `<button ref={track("signup_clicked")}>`, or, in Solid 1, as the directive
 * `<button use:track="signup_clicked">`. Ends with the component.
 */
export function track(name: string, options?: TrackOptions): (element: Element) => void;
export function track(element: Element, directive: () => TrackDirective): void;
export function track(
  subject: string | Element,
  settings?: TrackOptions | (() => TrackDirective),
): ((element: Element) => void) | undefined {
  if (typeof subject === "string") {
    const options = typeof settings === "function" ? {} : settings;
    return tracker(() => [subject, options]);
  }
  if (typeof settings === "function") tracker(settings)(subject);
  return undefined;
}

function tracker(directive: () => TrackDirective): (element: Element) => void {
  if (isServer) return () => {};
  const observer = useObserver();
  const said = () => {
    const given = directive();
    const [name, options = {}] = typeof given === "string" ? [given] : given;
    return { name, ...options };
  };
  return (element) => {
    const type = said().on ?? (element.localName === "form" ? "submit" : "click");
    // An effect may have caused it: `form.requestSubmit()`.
    const onEvent = () =>
      untrack(() => {
        const { name, properties } = said();
        observer.track(name, typeof properties === "function" ? properties() : properties);
      });
    element.addEventListener(type, onEvent);
    onCleanup(() => element.removeEventListener(type, onEvent));
  };
}

declare module "solid-js" {
  namespace JSX {
    interface Directives {
      track: TrackDirective;
    }
  }
}
