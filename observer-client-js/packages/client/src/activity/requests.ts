import { withoutQuery } from "../capture/address";
import { patch } from "../capture/patch";
import { randomHex } from "../event/uuid";
import type { PartHost } from "../part";

interface Started {
  readonly traceparent: string | undefined;
  /** 0 is no answer, as with XMLHttpRequest. */
  end(status: number): void;
}

/** Slower is worth remembering, though it succeeded. */
const SLOW_MS = 3_000;
const TRACEPARENT = "traceparent";

/**
 * Gives the page's requests the trace of the page, a span each, and remembers those that failed or
 * were slow. A `traceparent` that the app sets itself stays. Returns the undo.
 */
export function watchRequests(host: PartHost): () => void {
  const stops = [watchFetch(host), ...watchXhr(host)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Undefined: it is our own. */
function start(host: PartHost, method: string, address: string): Started | undefined {
  const { href, origin } = new URL(address, document.baseURI);
  if (href.startsWith(host.settings.endpoint)) return undefined;
  const span = spanOf(host, origin);
  const started = performance.now();
  return {
    traceparent: span?.traceparent,
    end: (status) =>
      quietly(() => {
        const duration_ms = Math.round(performance.now() - started);
        if (status !== 0 && status < 400 && duration_ms < SLOW_MS) return;
        // Without its query: it may carry secrets.
        const line = `${method.toUpperCase()} ${withoutQuery(href)} ${status || "failed"}`;
        host.addBreadcrumb("http", line, {
          status: status || undefined,
          duration_ms,
          span_id: span?.id,
        });
      }),
  };
}

/** A span of the trace of the page, if this origin may be told of it. */
function spanOf({ settings, traceId }: PartHost, origin: string) {
  const id = traceId();
  const { traces } = settings;
  const told =
    origin === location.origin || (typeof traces === "object" && traces.includes(origin));
  if (id === undefined || !told) return undefined;
  const span = randomHex(8);
  // Sampled: whoever keeps traces by the sender's word keeps this one.
  return { id: span, traceparent: `00-${id}-${span}-01` };
}

function watchFetch(host: PartHost): () => void {
  return patch(window, "fetch", (original, active) => (...args: Parameters<typeof fetch>) => {
    let sent = args;
    let started: Started | undefined;
    quietly(() => {
      if (!active()) return;
      const [input, init] = args;
      const request = input instanceof Request ? input : undefined;
      started = start(host, init?.method ?? request?.method ?? "GET", request?.url ?? `${input}`);
      if (started?.traceparent) sent = withTrace(input, init, started.traceparent);
    });
    const answer = original.apply(window, sent);
    quietly(() => {
      answer.then(
        (response) => started?.end(response.status),
        () => started?.end(0),
      );
    });
    return answer;
  });
}

function withTrace(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  traceparent: string,
): Parameters<typeof fetch> {
  const isRequest = input instanceof Request;
  const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
  if (headers.has(TRACEPARENT)) return [input, init];
  headers.set(TRACEPARENT, traceparent);
  if (!isRequest) return [input, { ...init, headers }];
  // Not as settings beside it: with any of those a request loses its referrer.
  const request = new Request(input, init);
  request.headers.set(TRACEPARENT, traceparent);
  return [request];
}

function watchXhr(host: PartHost): (() => void)[] {
  const opened = new WeakMap<XMLHttpRequest, { method: string; url: string; traced: boolean }>();
  const prototype = XMLHttpRequest.prototype;
  return [
    patch(
      prototype,
      "open",
      (original, active) =>
        function (this: XMLHttpRequest, ...args: unknown[]) {
          const [method, url] = args;
          if (active()) opened.set(this, { method: `${method}`, url: `${url}`, traced: false });
          Reflect.apply(original, this, args);
        },
    ),
    patch(
      prototype,
      "setRequestHeader",
      (original) =>
        function (this: XMLHttpRequest, name, value) {
          const request = opened.get(this);
          if (request && `${name}`.toLowerCase() === TRACEPARENT) request.traced = true;
          original.call(this, name, value);
        },
    ),
    patch(
      prototype,
      "send",
      (original, active) =>
        function (this: XMLHttpRequest, body) {
          quietly(() => {
            const request = opened.get(this);
            if (!active() || request === undefined) return;
            const started = start(host, request.method, request.url);
            if (started === undefined) return;
            const { traceparent } = started;
            if (traceparent && !request.traced) this.setRequestHeader(TRACEPARENT, traceparent);
            this.addEventListener("loadend", () => started.end(this.status), { once: true });
          });
          original.call(this, body);
        },
    ),
  ];
}

/** Whatever goes wrong while watching stays out of the page's own call. */
function quietly(watch: () => void): void {
  try {
    watch();
  } catch {
    // A request unseen.
  }
}
