import {
  createComponent,
  createContext,
  createMemo,
  ErrorBoundary,
  getOwner,
  type JSX,
  untrack,
  useContext,
} from "solid-js";
import { isServer } from "solid-js/web";
import { useObserver } from "./provider";

/** Names of the boundaries from the root down to here. */
const PathContext = createContext<readonly string[]>([]);

export interface ObserverErrorBoundaryProps {
  /** Shown instead of the children; `reset` renders them anew. */
  readonly fallback: JSX.Element | ((error: unknown, reset: () => void) => JSX.Element);
  /** Names this part of the app in `component_path`; where no boundary has a name, a development build tells its components. */
  readonly name?: string;
  readonly children?: JSX.Element;
}

/**
 * Solid's `ErrorBoundary` that also reports: errors thrown while rendering or in effects, each once.
 * Event handlers, timers and promises do not reach a boundary; those are reported as uncaught.
 */
export function ObserverErrorBoundary(props: ObserverErrorBoundaryProps): JSX.Element {
  const observer = useObserver();
  const outer = useContext(PathContext);
  const path = () => (props.name === undefined ? outer : [...outer, props.name]);

  const fallback = (error: unknown, reset: () => void): JSX.Element => {
    if (!isServer) {
      const named = path();
      const names = named.length > 0 ? named : componentNames();
      observer.captureException(thrownOf(error), {
        mechanism: "error_boundary",
        handled: true,
        componentPath: names.length > 0 ? names.join(" > ") : undefined,
      });
    }
    // As Solid's own reads it: it may change, or be a function that is shown as it is.
    const shown = createMemo(() => {
      const { fallback } = props;
      if (typeof fallback !== "function" || fallback.length === 0) return fallback;
      return untrack(() => fallback(error, reset));
    });
    return shown as unknown as JSX.Element;
  };

  return createComponent(ErrorBoundary, {
    fallback,
    get children() {
      return createComponent(PathContext.Provider, {
        get value() {
          return path();
        },
        get children() {
          return props.children;
        },
      });
    },
  });
}

/** Solid wraps what is not an Error; we report what was thrown. */
function thrownOf(error: unknown): unknown {
  const wrapped =
    error instanceof Error &&
    error.cause !== undefined &&
    !(error.cause instanceof Error) &&
    (error.message === "Unknown error" || error.message === error.cause);
  return wrapped ? error.cause : error;
}

/** Solid's development build knows which component owns what; outermost first. Empty in production. */
function componentNames(): string[] {
  const names: string[] = [];
  for (let owner = getOwner(); owner !== null; owner = owner.owner) {
    const component: unknown = Reflect.get(owner, "component");
    if (typeof component === "function" && component.name !== "") names.unshift(component.name);
  }
  return names.filter((name) => !OWN_COMPONENTS.test(name));
}

const OWN_COMPONENTS = /^(ObserverProvider|ObserverErrorBoundary|ErrorBoundary|provider)$/;
