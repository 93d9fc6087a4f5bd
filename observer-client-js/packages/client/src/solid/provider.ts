import { createComponent, createContext, type JSX, untrack, useContext } from "solid-js";
import { type AnyEvents, type EventsOf, idleObserver, type Observer } from "../api";

const ObserverContext = createContext<Observer>();

export interface ObserverProviderProps {
  /** What `createObserver` returned. The provider does not close it. */
  readonly observer: Observer;
  readonly children?: JSX.Element;
}

/** Gives the observer to everything below. Put it around the app, outside the router. */
export function ObserverProvider(props: ObserverProviderProps): JSX.Element {
  return createComponent(ObserverContext.Provider, {
    get value() {
      return untracked(props.observer);
    },
    get children() {
      return props.children;
    },
  });
}

/**
 * The observer of the nearest {@link ObserverProvider}; without one, an observer that does nothing.
 * `useObserver<ShopEvents>()` checks events as the `createObserver<ShopEvents>()` above it does.
 */
export function useObserver<Events extends EventsOf<Events> = AnyEvents>(): Observer<Events>;
export function useObserver(): Observer {
  return useContext(ObserverContext) ?? idleObserver();
}

/** What is reported is read once: an effect that reports a store is not to report each change of it. */
function untracked(observer: Observer): Observer {
  const reading =
    <Args extends unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args) =>
      untrack(() => act(...args));
  return {
    ...observer,
    captureException: reading(observer.captureException),
    track: reading(observer.track),
    pageView: reading(observer.pageView),
    identify: reading(observer.identify),
    addBreadcrumb: reading(observer.addBreadcrumb),
    setFeatureFlags: reading(observer.setFeatureFlags),
  };
}
