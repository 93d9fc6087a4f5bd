import { json } from "../event/json";
import { clip, LIMITS, plain } from "../event/limits";
import type { Breadcrumb, Properties } from "../event/types";
import { patch } from "./patch";
import { selectorOf } from "./selector";

/** The last things that happened before an error. */
export interface Breadcrumbs {
  add(category: Breadcrumb["category"], message: string, properties?: Properties): void;
  /** The latest, oldest first. */
  read(): readonly Breadcrumb[];
  clear(): void;
}

/** Keeps the latest {@link LIMITS.breadcrumbs}; older ones make room and are not a loss. */
export function createBreadcrumbs(now: () => number, mask: (text: string) => string): Breadcrumbs {
  const crumbs: Breadcrumb[] = [];
  return {
    add(category, message, properties) {
      const crumb: Breadcrumb = {
        timestamp: new Date(now()).toISOString(),
        category,
        message: clip(mask(message), LIMITS.breadcrumbBytes),
        properties: plain(properties, LIMITS.breadcrumbProperties),
      };
      crumbs.push(crumb);
      if (crumbs.length > LIMITS.breadcrumbs) crumbs.shift();
    },
    read: () => [...crumbs],
    clear() {
      crumbs.length = 0;
    },
  };
}

/** Watches clicks, the console and failed requests. Returns the undo. */
export function captureBreadcrumbs(
  crumbs: Breadcrumbs,
  isOurs: (url: string) => boolean,
): () => void {
  const stops = [
    watchClicks(crumbs),
    watchConsole(crumbs, "error"),
    watchConsole(crumbs, "warn"),
    watchFetch(crumbs, isOurs),
    watchXhr(crumbs, isOurs),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function watchClicks(crumbs: Breadcrumbs): () => void {
  const onClick = (event: Event) => {
    const [target] = event.composedPath();
    if (target instanceof Element) crumbs.add("click", selectorOf(target));
  };
  addEventListener("click", onClick, true);
  return () => removeEventListener("click", onClick, true);
}

function watchConsole(crumbs: Breadcrumbs, level: "error" | "warn"): () => void {
  return patch(console, level, (original, active) => (...args: unknown[]) => {
    if (active()) quietly(() => crumbs.add("console", args.map(wordsOf).join(" "), { level }));
    original.apply(console, args);
  });
}

function watchFetch(crumbs: Breadcrumbs, isOurs: (url: string) => boolean): () => void {
  return patch(window, "fetch", (original, active) => (...args: Parameters<typeof fetch>) => {
    const answer = original.apply(window, args);
    if (!active()) return answer;
    const [input, init] = args;
    const started = performance.now();
    const failed = (status?: number) =>
      quietly(() => {
        const url = input instanceof Request ? input.url : String(input);
        const method = init?.method ?? (input instanceof Request ? input.method : "GET");
        if (!isOurs(url))
          crumbs.add("http", requestLine(method, url, status), took(started, status));
      });
    answer.then(
      (response) => {
        if (response.status >= 400) failed(response.status);
      },
      () => failed(),
    );
    return answer;
  });
}

function watchXhr(crumbs: Breadcrumbs, isOurs: (url: string) => boolean): () => void {
  const requests = new WeakMap<XMLHttpRequest, { method: string; url: string }>();
  const prototype = XMLHttpRequest.prototype;
  const undoOpen = patch(
    prototype,
    "open",
    (original, active) =>
      function (this: XMLHttpRequest, ...args: unknown[]) {
        if (active()) requests.set(this, { method: String(args[0]), url: String(args[1]) });
        Reflect.apply(original, this, args);
      },
  );
  const undoSend = patch(
    prototype,
    "send",
    (original, active) =>
      function (this: XMLHttpRequest, body) {
        const request = requests.get(this);
        if (active() && request !== undefined && !isOurs(request.url)) {
          const started = performance.now();
          const onEnd = () => {
            const status = this.status || undefined;
            if (status !== undefined && status < 400) return;
            const line = requestLine(request.method, request.url, status);
            quietly(() => crumbs.add("http", line, took(started, status)));
          };
          this.addEventListener("loadend", onEnd, { once: true });
        }
        original.call(this, body);
      },
  );
  return () => {
    undoSend();
    undoOpen();
  };
}

/** Without the query: it may carry secrets. */
function requestLine(method: string, url: string, status: number | undefined): string {
  return `${method.toUpperCase()} ${withoutQuery(url)} ${status ?? "failed"}`;
}

function took(started: number, status: number | undefined): Properties {
  return { status, duration_ms: Math.round(performance.now() - started) };
}

/** Path of a URL of this origin, origin and path of another; query, fragment and credentials left out. */
export function withoutQuery(url: string): string {
  try {
    const { origin, pathname } = new URL(url, location.href);
    return origin === location.origin ? pathname : origin + pathname;
  } catch {
    return "";
  }
}

function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  const said = plain({ value })?.value;
  return typeof said === "string" ? said : json(said);
}

/** Whatever goes wrong while watching stays out of the page's own call. */
function quietly(watch: () => void): void {
  try {
    watch();
  } catch {
    // A breadcrumb less.
  }
}
