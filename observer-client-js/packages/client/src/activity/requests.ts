import { withoutQuery } from "../capture/address";
import { patch } from "../capture/patch";
import { randomHex } from "../event/uuid";
import type { PartHost } from "../part";

interface Started {
  /** What goes with the request; empty: nothing. */
  readonly told: Told;
  /** 0 is no answer, as with XMLHttpRequest. */
  end(status: number): void;
}

/** Names and values of headers. */
type Told = readonly (readonly [name: string, value: string])[];

/** Slower is worth remembering, though it succeeded. */
const SLOW_MS = 3_000;
const TRACEPARENT = "traceparent";

/**
 * Gives the page's requests the trace of the page, a span each, and remembers those that failed or
 * were slow. What goes to this origin says the session too, in W3C `baggage`. Of a request whose
 * `traceparent` the app sets itself nothing is changed. Returns the undo.
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
  if (href.startsWith(`${host.settings.endpoint}/`)) return undefined;
  const span = spanOf(host, origin);
  const started = performance.now();
  return {
    told: span?.told ?? [],
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
function spanOf({ settings, traceId, sessionId }: PartHost, origin: string) {
  const id = traceId();
  const { traces } = settings;
  const isOwn = origin === location.origin;
  // A list, or one in an attribute, separated by spaces.
  const others = typeof traces === "string" ? traces.split(" ") : traces;
  if (id === undefined || !(isOwn || (Array.isArray(others) && others.includes(origin)))) {
    return undefined;
  }
  const span = randomHex(8);
  // Sampled: whoever keeps traces by the sender's word keeps this one.
  const told: [string, string][] = [[TRACEPARENT, `00-${id}-${span}-01`]];
  const session = sessionId();
  // Others would have to allow one header more.
  if (isOwn && session !== undefined) told.push(["baggage", `session_id=${session}`]);
  return { id: span, told };
}

function watchFetch(host: PartHost): () => void {
  return patch(window, "fetch", (original, active) => (...args: Parameters<typeof fetch>) => {
    let sent = args;
    let started: Started | undefined;
    quietly(() => {
      if (!active()) return;
      const [input, init] = args;
      const request = input instanceof Request ? input : undefined;
      // Of another frame, perhaps: what it says would be lost beside headers of ours.
      if (typeof input === "object" && !request && "method" in input) return;
      started = start(host, init?.method ?? request?.method ?? "GET", request?.url ?? `${input}`);
      if (started?.told.length) sent = telling(input, init, started.told);
    });
    const answer = original.apply(window, sent);
    return started ? watched(answer, started) : answer;
  });
}

/**
 * The answer, for the page. Whoever looks at a promise handles its failure, and an unhandled one would
 * go unreported: the page gets what comes after our look, and may handle that or not.
 */
function watched(answer: Promise<Response>, { end }: Started): Promise<Response> {
  let given = answer;
  quietly(() => {
    const after = answer.then(
      (response) => {
        quietly(() => end(response.status));
        return response;
      },
      (reason) => {
        end(0);
        throw reason;
      },
    );
    // What is more than a promise has to stay what it is.
    if (Object.getPrototypeOf(answer) === Promise.prototype && !Object.keys(answer)[0])
      given = after;
    else after.catch(() => {});
  });
  return given;
}

function telling(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  told: Told,
): Parameters<typeof fetch> {
  const isRequest = input instanceof Request;
  const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
  if (headers.has(TRACEPARENT)) return [input, init];
  tell(headers, told);
  // The properties of a request are its prototype's: a copy has none.
  if (!isRequest && !(init instanceof Request)) return [input, { ...init, headers }];
  // Not as settings beside it: with any of those a request loses its referrer.
  const request = new Request(input, init);
  tell(request.headers, told);
  return [request];
}

/** Beside what the app says in the same headers. */
function tell(headers: Headers, told: Told): void {
  for (const [name, value] of told) headers.append(name, value);
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
            if (!request.traced) {
              for (const [name, value] of started.told) this.setRequestHeader(name, value);
            }
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
