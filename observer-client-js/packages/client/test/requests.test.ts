import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { watchRequests } from "../src/activity/requests";
import { randomHex } from "../src/event/uuid";
import { settingsOf } from "../src/options";
import type { PartHost } from "../src/part";
import { testHost } from "./host";

let crumbs: Parameters<PartHost["addBreadcrumb"]>[];
let sent: { input: unknown; init: RequestInit | undefined; headers: Headers }[];
let answer: () => Promise<Response>;
let stop: () => void;
let trace: string | undefined;
const original = window.fetch;

beforeEach(() => {
  sent = [];
  answer = async () => new Response("", { status: 500 });
  window.fetch = (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
    sent.push({ input, init, headers });
    return answer();
  };
  watch(["https://api.example"]);
});
afterEach(() => {
  stop();
  window.fetch = original;
});

function watch(traces: boolean | readonly string[]): void {
  stop?.();
  trace = traces === false ? undefined : randomHex(16);
  const test = testHost({ settings: settingsOf({ traces }), traceId: () => trace });
  crumbs = test.crumbs;
  stop = watchRequests(test.host);
}
const POST = { method: "POST", body: "lamp", headers: { "X-Mine": "1" } };
const traceparents = () => sent.map(({ headers }) => headers.get("traceparent"));

test("requests of this origin and of listed ones carry the trace of the page, each a span", async () => {
  await fetch("/cart", { method: "post", headers: { "X-Mine": "1" } });
  await fetch(new URL("https://api.example/x"));
  await fetch(new Request("https://api.example/y", { headers: { "X-Mine": "2" } }));
  await fetch("https://elsewhere.example/");
  const [cart, x, y, elsewhere] = traceparents();
  for (const told of [cart, x, y]) {
    expect(told).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  }
  expect(new Set([cart, x, y]).size).toBe(3);
  expect(elsewhere).toBeNull();
  expect(sent.map(({ headers }) => headers.get("X-Mine"))).toEqual(["1", null, "2", null]);
  expect(crumbs.map(([category, line]) => `${category} ${line}`)).toEqual([
    "http POST /cart 500",
    "http GET https://api.example/x 500",
    "http GET https://api.example/y 500",
    "http GET https://elsewhere.example/ 500",
  ]);
  expect(cart).toContain(crumbs[0]?.[2]?.span_id);
  expect(crumbs[3]?.[2]).toMatchObject({ status: 500, span_id: undefined });
});

test("requests of this origin alone carry the session, beside baggage of the app's own", async () => {
  await fetch("/cart");
  await fetch(new Request("http://localhost:3000/b", { headers: { baggage: "a=1" } }));
  await fetch("https://api.example/x");
  await fetch("/c", { headers: { traceparent: "theirs" } });
  expect(sent.map(({ headers }) => headers.get("baggage"))).toEqual([
    "session_id=session-1",
    "a=1, session_id=session-1",
    null,
    null,
  ]);
});

test("a request as the settings of another stays what it is", async () => {
  // The test environment's own copies settings with a body, and loses a request's.
  vi.stubGlobal("Request", Object.getPrototypeOf(Request));
  onTestFinished(() => void vi.unstubAllGlobals());
  await fetch("http://localhost:3000/b", new Request("http://localhost:3000/a", POST));
  const [{ input } = { input: undefined }] = sent;
  if (!(input instanceof Request)) throw new Error("no request");
  expect([input.method, input.url]).toEqual(["POST", "http://localhost:3000/b"]);
  expect(await input.text()).toBe("lamp");
  expect(sent[0]?.headers.get("X-Mine")).toBe("1");
  expect(traceparents()).toEqual([expect.stringContaining(`${trace}`)]);
});

test("a request of another frame is left alone", async () => {
  const { Request: Theirs } = runInNewContext("({ Request: class Request {} })");
  const theirs = Object.assign(new Theirs(), {
    method: "POST",
    url: "/theirs",
    headers: { "X-Mine": "1" },
  });
  const init = { cache: "no-store" } as const;
  await fetch(theirs, init);
  expect(sent).toMatchObject([{ input: theirs, init }]);
  expect(sent[0]?.init).toBe(init);
});

test("an address is one in whatever form", async () => {
  const link = Object.assign(document.createElement("a"), { href: "/link" });
  for (const address of [location, link]) await fetch(address as unknown as URL);
  expect(traceparents()).toEqual(Array(2).fill(expect.stringContaining(`${trace}`)));
});

test("a traceparent of the app's own stays", async () => {
  await fetch("/a", { headers: { TraceParent: "theirs" } });
  await fetch(new Request("http://localhost:3000/b", { headers: { traceparent: "theirs" } }));
  expect(traceparents()).toEqual(["theirs", "theirs"]);
});

test("failed and slow requests are remembered without their query, others are not", async () => {
  await fetch("/cart?token=secret");
  answer = async () => new Response("");
  await fetch("/fine");
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  answer = async () => {
    time = 3_000;
    return new Response("");
  };
  await fetch("/slow?x");
  performance.now = now;
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await fetch("https://me:secret@elsewhere.example/x?y=1").catch(() => {});
  await fetch("data:text/plain,secret").catch(() => {});
  expect(crumbs.map(([, line]) => line)).toEqual([
    "GET /cart 500",
    "GET /slow 200",
    "GET https://elsewhere.example/x failed",
    "GET data: failed",
  ]);
  expect(crumbs[1]?.[2]).toMatchObject({ status: 200, duration_ms: 3_000 });
});

test("told not to trace, nothing carries a trace", async () => {
  watch(false);
  await fetch("/cart");
  expect(traceparents()).toEqual([null]);
});

test("our own requests are not the page's", async () => {
  await fetch("/api/observer/events", { method: "POST" });
  expect(crumbs).toEqual([]);
  expect(traceparents()).toEqual([null]);
});

test("what the page gets is what fetch gave it, also when it fails", async () => {
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await expect(fetch("/x")).rejects.toThrow("Failed to fetch");
  expect(crumbs.map(([, line]) => line)).toEqual(["GET /x failed"]);
  await expect(fetch("http://[")).rejects.toThrow("Failed to fetch");
  const bad = { headers: { "not a header": "" } };
  expect(() => fetch("/x", bad)).toThrow("not a header");
});

test("a failure that the page does not handle is an unhandled rejection, one that it handles is none", async () => {
  const unhandled: unknown[] = [];
  // Node's own event: jsdom has none.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => unhandled.push(reason));
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  });
  const failure = new TypeError("Failed to fetch");
  answer = () => Promise.reject(failure);
  fetch("/handled").catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(unhandled).toEqual([]);
  fetch("/bare");
  await vi.waitUntil(() => unhandled.length > 0);
  expect(unhandled).toEqual([failure]);
});

test("an answer that is more than a promise stays what it is, and handled it stays so", async () => {
  class Cancellable extends Promise<Response> {
    cancel() {}
  }
  const given = Cancellable.reject(new TypeError("Failed to fetch"));
  answer = () => given;
  expect(fetch("/x")).toBe(given);
  await expect(given).rejects.toThrow("Failed to fetch");
  answer = () => Object(undefined);
  expect(await fetch("/not-a-promise")).toEqual({});
  expect(crumbs.map(([, line]) => line)).toEqual(["GET /x failed"]);
});

test("stop gives fetch and XMLHttpRequest back", () => {
  const { open, send, setRequestHeader } = XMLHttpRequest.prototype;
  stop();
  expect(XMLHttpRequest.prototype.open).not.toBe(open);
  watch(true);
  stop();
  expect(Object.getOwnPropertyNames(XMLHttpRequest.prototype)).toContain("send");
  expect([send, setRequestHeader]).not.toContain(XMLHttpRequest.prototype.send);
});

test("with a short base path, requests of the app that begin like it are the app's", async () => {
  stop();
  const settings = settingsOf({ endpoint: "/o", traces: true });
  const { host } = testHost({ settings, traceId: () => randomHex(16) });
  stop = watchRequests(host);
  await fetch("/orders/7");
  await fetch("/o/events");
  const [orders, ours] = traceparents();
  expect(orders).not.toBeNull();
  expect(ours).toBeNull();
});
