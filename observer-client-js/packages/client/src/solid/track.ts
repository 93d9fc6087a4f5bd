import { onCleanup } from "solid-js";
import { isServer } from "solid-js/web";
import type { Properties } from "../event/types";
import { useObserver } from "./provider";

/** `track` of the nearest observer: `const trackEvent = useTrackEvent()`. */
export function useTrackEvent(): (name: string, properties?: Properties) => void {
  return useObserver().track;
}

export interface TrackOptions {
  /** Read when it happens, so that signals have their value of that moment. */
  readonly properties?: Properties | (() => Properties);
  /** The DOM event that counts. Default `submit` for a form, else `click`. */
  readonly on?: string;
}

/** Tracks an element: `<button ref={track("signup_clicked")}>`. Ends with the component. */
export function track(name: string, options: TrackOptions = {}): (element: Element) => void {
  if (isServer) return () => {};
  const observer = useObserver();
  return (element) => {
    const type = options.on ?? (element.localName === "form" ? "submit" : "click");
    const onEvent = () => {
      const { properties } = options;
      observer.track(name, typeof properties === "function" ? properties() : properties);
    };
    element.addEventListener(type, onEvent);
    onCleanup(() => element.removeEventListener(type, onEvent));
  };
}
