/** Observer in a SolidJS app. Renders nothing of its own; under SSR it does nothing. */
export { ObserverErrorBoundary, type ObserverErrorBoundaryProps } from "./error-boundary";
export { ObserverProvider, type ObserverProviderProps, useObserver } from "./provider";
export { type TrackDirective, type TrackOptions, track, useTrackEvent } from "./track";
