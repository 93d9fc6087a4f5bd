import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createObserver } from "../src";
import { startActivity } from "../src/activity/activity";
import type { Observer } from "../src/api";
import { approvalOf } from "../src/before-send";
import { type Surroundings, startObserver } from "../src/observer";
import type { ObserverOptions } from "../src/options";
import * as recording from "../src/replay/recording";
import type { LoadRecorder } from "../src/replay/replay";
import { giveDatabase } from "./disk";
import { goldenLine } from "./golden";
import { problem, startServer, type TestServer } from "./server";

type StartAround = NonNullable<Surroundings["activity"]>;

let server: TestServer;
let observer: Observer;
let takeDatabase: () => void;

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  server = startServer();
  takeDatabase = giveDatabase();
});
afterEach(async () => {
  await observer.close();
  takeDatabase();
  vi.useRealTimers();
});

function open(options: ObserverOptions = {}): void {
  observer = startObserver(
    { service: "shop-web", release: "1.4.0", pageViews: false, ...options },
    {
      fetch: server.fetch,
      activity: activityWith(async () => recording),
      approve: approvalOf(options.beforeSend),
    },
  );
}

/** What an npm build starts with the rest, without what it loads later. */
function activityWith(recorder: LoadRecorder): StartAround {
  const nothing = () => ({ stop() {} });
  return async (run) =>
    run((core) =>
      startActivity(core, {
        recorder,
        vitals: async () => ({ startVitals: nothing }),
        autocapture: async () => ({ startAutocapture: nothing }),
      }),
    );
}

// biome-ignore lint/suspicious/noExplicitAny: items are looked into field by field
const items = (path: string): any[] => server.items(path) as any[];
const sent = async (path: string) => {
  await observer.flush();
  return items(path);
};

/** Gives a property of the browser a value. Returns the undo. */
function fix(holder: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { value, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  };
}

test("given the golden file's clock and ids, the same calls send the golden events", async () => {
  const golden = JSON.parse(goldenLine("events.request.json"));
  const [view, custom] = golden.events;
  const { context } = golden;
  vi.useFakeTimers({ toFake: ["Date"] });
  const restore = [
    fix(navigator, "language", context.language),
    fix(window, "innerWidth", context.viewport_width),
    fix(window, "innerHeight", context.viewport_height),
    fix(screen, "width", context.screen_width),
    fix(screen, "height", context.screen_height),
  ];
  localStorage.setItem("observer.visitor", context.visitor_id);
  const started = Date.parse(view.timestamp);
  localStorage.setItem("observer.session", `${context.session_id}.${started}.${started}`);
  const ids = [view.event_id, custom.event_id];
  vi.setSystemTime(view.timestamp);
  observer = startObserver(
    {
      service: context.service_name,
      environment: context.environment,
      release: context.release,
      pageViews: false,
      traces: false,
    },
    { fetch: server.fetch, newId: () => ids.shift() ?? "" },
  );
  observer.identify({ id: context.user_id });
  observer.pageView({ url: view.url, route: view.route, title: view.title });
  vi.setSystemTime(custom.timestamp);
  observer.track(custom.event_name, custom.properties);
  vi.setSystemTime(golden.sent_at);
  await observer.flush();
  // Where the page is, jsdom decides.
  const body = JSON.parse(server.received[0]?.text ?? "");
  expect(body.events[1].url).toBe(location.href);
  Object.assign(body.events[1], { url: custom.url, route: custom.route });
  const expected = { ...golden };
  expect(body).toEqual(expected);
  expect(Object.keys(body.context)).toEqual(Object.keys(golden.context));
  for (const undo of restore) undo();
});

test("an error object is reported once, however it surfaces", async () => {
  open();
  const error = new TypeError("x is undefined");
  const id = observer.captureException(error, { properties: { cart_size: 3 } });
  expect(observer.captureException(error)).toBeUndefined();
  dispatchEvent(new ErrorEvent("error", { error, message: error.message }));
  expect(await sent("errors")).toMatchObject([
    {
      event_id: id,
      level: "error",
      error_type: "TypeError",
      message: "x is undefined",
      mechanism: "manual",
      handled: true,
      url: location.href,
      properties: { cart_size: 3 },
    },
  ]);
});

test("uncaught errors and unhandled rejections are reported as what they are", async () => {
  open();
  dispatchEvent(new ErrorEvent("error", { error: new RangeError("thrown"), message: "thrown" }));
  dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason: "a string" }));
  dispatchEvent(
    new ErrorEvent("error", {
      message: "Script error.",
      filename: "https://cdn.example/a.js",
      lineno: 3,
      colno: 7,
    }),
  );
  expect(await sent("errors")).toMatchObject([
    { error_type: "RangeError", mechanism: "onerror", handled: false },
    { error_type: "string", message: "a string", mechanism: "unhandledrejection", handled: false },
    {
      message: "Script error.",
      stack_trace: "Error: Script error.\n    at https://cdn.example/a.js:3:7",
    },
  ]);
});

test("an error carries what led to it, the flags in force and the context given", async () => {
  open();
  observer.addBreadcrumb("coupon applied", { code: "X" });
  observer.setFeatureFlags({ "new-checkout": true });
  observer.captureException(new Error("no"), {
    level: "fatal",
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    componentPath: "App > Cart",
    fingerprint: ["cart"],
  });
  expect(await sent("errors")).toMatchObject([
    {
      level: "fatal",
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      span_id: "00f067aa0ba902b7",
      component_path: "App > Cart",
      fingerprint: ["cart"],
      feature_flags: { "new-checkout": true },
      breadcrumbs: [{ category: "custom", message: "coupon applied", properties: { code: "X" } }],
    },
  ]);
});

test("an event keeps the session, user and properties of its moment", async () => {
  open();
  const properties = { step: 1 };
  observer.track("before", properties);
  properties.step = 2;
  observer.identify("u-1");
  observer.track("after", properties);
  observer.identify(null);
  observer.track("last");
  const events = await sent("events");
  expect(events.map((event) => event.properties)).toEqual([{ step: 1 }, { step: 2 }, undefined]);
  expect(server.received.map((request) => request.json.context.user_id)).toEqual([
    undefined,
    "u-1",
    undefined,
  ]);
  expect(new Set(server.received.map((request) => request.json.context.session_id)).size).toBe(1);
});

test("reset goes on as someone else", async () => {
  open();
  observer.identify("u-1");
  observer.track("a");
  observer.reset();
  observer.track("b");
  await observer.flush();
  const [before, after] = server.received.map((request) => request.json.context);
  expect(after.user_id).toBeUndefined();
  expect(after.visitor_id).not.toBe(before.visitor_id);
  expect(after.session_id).not.toBe(before.session_id);
});

test("hiding the page sends everything at once in requests that outlive it", async () => {
  open({ pageViews: true });
  observer.track("left");
  observer.captureException(new Error("late"));
  dispatchEvent(new Event("pagehide"));
  await vi.waitUntil(() => items("events").length === 3 && items("errors").length === 1);
  expect(server.received.map((request) => [request.path, request.keepalive])).toEqual([
    ["/api/observer/errors", true],
    ["/api/observer/events", true],
  ]);
});

test("coming back online ends the wait", async () => {
  open();
  server.answer(problem(503, { "Retry-After": "600" }));
  observer.track("cart_opened");
  await observer.flush();
  const attempts = server.received.length;
  expect(attempts).toBeGreaterThan(0);
  dispatchEvent(new Event("online"));
  await vi.waitFor(() => expect(server.received.length).toBeGreaterThan(attempts));
});

test("a recording travels as batches of its own, with the session beside it", async () => {
  document.body.innerHTML = "<h1>Lamps</h1>";
  open({ replay: "always" });
  await vi.waitUntil(async () => (await sent("replay-events")).length >= 2, { timeout: 10_000 });
  const [request] = server.received;
  expect(Object.keys(request?.json)).toEqual([
    "sent_at",
    "sdk",
    "context",
    "session_id",
    "recording_id",
    "sequence",
    "start_time",
    "initial_url",
    "encoding",
    "events",
  ]);
  expect(request?.json).toMatchObject({
    sequence: 0,
    encoding: "packed-2",
    initial_url: location.href,
  });
  expect(request?.json.context).toEqual({
    service_name: "shop-web",
    release: "1.4.0",
    visitor_id: localStorage.getItem("observer.visitor"),
  });
  expect(request?.text).toContain("Lamps");
});

test("on-error sends the recording when an error is captured", async () => {
  let started = 0;
  observer = startObserver(
    { pageViews: false, replay: "on-error" },
    {
      fetch: server.fetch,
      activity: activityWith(async () => ({
        startRecording(control, keeps) {
          started++;
          return recording.startRecording(control, keeps);
        },
      })),
    },
  );
  await vi.waitUntil(() => started === 1);
  expect(await sent("replay-events")).toEqual([]);
  observer.captureException(new Error("now"));
  expect((await sent("replay-events")).length).toBeGreaterThanOrEqual(2);
});

test("losses can be read, and the console says that there are some", async () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => {});
  open();
  server.answer(problem(400));
  observer.track("refused");
  await observer.flush();
  expect(observer.drops()).toEqual({ "refused_400:event": 1 });
  expect(said.mock.calls).toEqual([
    ["[observer]", `${location.origin}/api/observer/events answers 400: data is lost`],
  ]);
  said.mockRestore();
});

test("close undoes everything and sends what is left", async () => {
  const before = [
    history.pushState,
    console.error,
    console.warn,
    window.fetch,
    XMLHttpRequest.prototype.send,
  ];
  open({ pageViews: true, replay: "always" });
  observer.track("last");
  await observer.close();
  expect([
    history.pushState,
    console.error,
    console.warn,
    window.fetch,
    XMLHttpRequest.prototype.send,
  ]).toEqual(before);
  expect(items("events").map((event) => event.event_name ?? event.event_type)).toEqual([
    "last",
    "page_view",
    "observer.page_leave",
  ]);
  const requests = server.received.length;
  observer.track("after");
  expect(observer.captureException(new Error("after"))).toBeUndefined();
  // Someone has to listen, or jsdom reports the error as the test's.
  addEventListener("error", () => {}, { once: true });
  dispatchEvent(new ErrorEvent("error", { error: new Error("after") }));
  history.pushState(null, "", "/after");
  await observer.flush();
  await observer.close();
  expect(server.received).toHaveLength(requests);
});

test("what a failing page throws at it harms nothing", async () => {
  open();
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("trap");
      },
      ownKeys() {
        throw new Error("trap");
      },
    },
  );
  observer.track("hostile", hostile);
  observer.captureException(hostile, { properties: hostile });
  observer.addBreadcrumb("hostile", hostile);
  const wordless = Object.create(null);
  for (const call of [observer.addBreadcrumb, observer.track, observer.identify]) {
    expect(() => call(wordless)).not.toThrow();
  }
  observer.identify("u-1");
  // biome-ignore lint/suspicious/noExplicitAny: what a page without types may do
  observer.identify(hostile as any);
  expect(await sent("events")).toHaveLength(1);
  expect(await sent("errors")).toHaveLength(1);
  observer.track("by nobody");
  await observer.flush();
  expect(server.received.at(-1)?.json.context.user_id).toBeUndefined();
  expect(observer.drops()).toEqual({ "capture_error:error": 1, "capture_error:event": 1 });
});

test("beforeSend changes or drops items; its failures send nothing", async () => {
  open({
    beforeSend: {
      error: (item) => ({ ...item, message: item.message.replace(/\d/g, "#"), event_id: "mine" }),
      event(item) {
        if (item.event_type !== "custom_event" || item.event_name === "kept") return item;
        if (item.event_name === "dropped") return null;
        if (item.event_name === "failing") throw new Error("mine");
        // What a hook without types may do.
        return undefined as never;
      },
    },
  });
  const id = observer.captureException(new Error("card 4000"));
  for (const name of ["kept", "dropped", "failing", "forgotten"]) observer.track(name);
  expect(await sent("errors")).toMatchObject([{ event_id: id, message: "card ####" }]);
  expect(items("events").map((event) => event.event_name)).toEqual(["kept"]);
  expect(observer.drops()).toEqual({ "before_send:event": 1, "before_send_error:event": 2 });
});

test("of a session that is not sampled nothing of that signal is sent, and nothing counted", async () => {
  open({ sampling: { events: 0 }, pageViews: true });
  observer.track("a");
  observer.captureException(new Error("b"));
  expect(await sent("errors")).toHaveLength(1);
  expect(items("events")).toEqual([]);
  expect(observer.drops()).toEqual({});
});

test("after optOut nothing is captured, sent or kept; after optIn someone else is here", async () => {
  open({ pageViews: true });
  observer.addBreadcrumb("before");
  observer.identify("u-1");
  observer.track("before");
  await observer.flush();
  const [first] = server.received;
  observer.track("waiting");
  await observer.optOut();
  observer.track("out");
  expect(observer.captureException(new Error("out"))).toBeUndefined();
  observer.addBreadcrumb("out");
  dispatchEvent(new Event("pagehide"));
  await observer.flush();
  expect(server.received).toHaveLength(1);
  expect({ ...localStorage }).toEqual({ "observer.consent": "out" });

  observer.optIn();
  observer.captureException(new Error("in"));
  const [error] = await sent("errors");
  expect(error.message).toBe("in");
  expect(error).not.toHaveProperty("breadcrumbs");
  expect(items("events").map((event) => event.event_name ?? event.event_type)).toEqual([
    "before",
    "page_view",
    "page_view",
  ]);
  const traces = items("events").map((event) => event.trace_id);
  expect(traces[1]).toBe(traces[0]);
  expect(traces[2]).not.toBe(traces[0]);
  const last = server.received.at(-1)?.json.context;
  expect(last.user_id).toBeUndefined();
  expect(last.visitor_id).not.toBe(first?.json.context.visitor_id);
});

test("the flags and the user that are said before the visitor agrees count from then on", async () => {
  open({ requireConsent: true });
  observer.setFeatureFlags({ "new-checkout": true });
  observer.identify("u-1");
  observer.optIn();
  observer.captureException(new Error("in"));
  expect(await sent("errors")).toMatchObject([{ feature_flags: { "new-checkout": true } }]);
  expect(server.received[0]?.json.context.user_id).toBe("u-1");
});

test("what an earlier visit could not delete is not sent when the visitor agrees, and all from then on is", async () => {
  open();
  server.answer("network error", "network error");
  observer.track("left");
  await observer.flush();
  await observer.close();
  // Its page went before the database was cleared.
  localStorage.setItem("observer.consent", "out");
  open();
  observer.optIn();
  observer.track("in");
  expect(await sent("events")).toMatchObject([{ event_name: "in" }]);
  observer.track("later");
  expect(await sent("events")).toHaveLength(2);
});

test("what waits of others of this origin is still sent when the visitor agrees who never objected", async () => {
  open();
  server.answer("network error", "network error");
  observer.track("left");
  await observer.flush();
  await observer.close();
  open({ requireConsent: true });
  observer.optIn();
  observer.track("in");
  expect(await sent("events")).toMatchObject([{ event_name: "left" }, { event_name: "in" }]);
});

test("a page view by hand before the visitor agrees does not hide where the visitor came from", async () => {
  const undo = fix(document, "referrer", "https://search.example/");
  open({ requireConsent: true });
  observer.pageView();
  observer.optIn();
  observer.pageView();
  undo();
  expect(await sent("events")).toMatchObject([{ referrer: "https://search.example/" }]);
});

test("where consent is required nothing happens before it, then the page that is open is viewed", async () => {
  open({ pageViews: true, requireConsent: true, replay: "always" });
  observer.track("before");
  expect(await sent("events")).toEqual([]);
  expect(localStorage).toHaveLength(0);
  observer.optIn();
  await vi.waitUntil(async () => (await sent("replay-events")).length >= 2, { timeout: 10_000 });
  expect(items("events")).toMatchObject([{ event_type: "page_view", url: location.href }]);
});

test.each([
  ["globalPrivacyControl", true],
  ["doNotTrack", "1"],
])("navigator.%s is honoured on request, and a choice outranks it", async (signal, value) => {
  const undo = fix(navigator, signal, value);
  open();
  observer.track("not asked to");
  expect(await sent("events")).toHaveLength(1);
  await observer.close();
  open({ honorPrivacySignals: true });
  observer.track("out");
  expect(await sent("events")).toHaveLength(1);
  observer.optIn();
  observer.track("in");
  expect(await sent("events")).toHaveLength(2);
  undo();
});

test("cookieless stores nothing and names no visitor", async () => {
  open({ cookieless: true });
  observer.track("a");
  expect(await sent("events")).toHaveLength(1);
  expect(server.received[0]?.json.context.visitor_id).toBeUndefined();
  expect(server.received[0]?.json.context.session_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(localStorage).toHaveLength(0);
  expect(await indexedDB.databases()).toEqual([]);
  expect(document.cookie).toBe("");
  expect(observer.drops()).toEqual({});
});

test("lists that were given toJSON by an old library are sent as lists", async () => {
  open();
  const restore = [Array.prototype, Object.prototype, String.prototype].map((prototype) =>
    fix(prototype, "toJSON", function toJSON(this: unknown) {
      return `"${this}"`;
    }),
  );
  observer.track("a", { list: [1, "two", { three: [4] }] });
  expect(Array.prototype).toHaveProperty("toJSON");
  for (const undo of restore) undo();
  expect(await sent("events")).toMatchObject([
    { event_name: "a", properties: { list: [1, "two", { three: [4] }] } },
  ]);
});

test("the base of the page's links is not the base of the endpoint", async () => {
  document.head.innerHTML = '<base href="https://cdn.example/assets/">';
  open();
  observer.track("a");
  expect(await sent("events")).toHaveLength(1);
  expect(server.received[0]?.url).toMatch(`${location.origin}/api/observer/events`);
  document.head.innerHTML = "";
});

test("createObserver works with nothing set", async () => {
  observer = createObserver();
  expect(Object.keys(observer)).toContain("captureException");
});

test("a page view, what happens on it and its requests are one trace; the next page is another", async () => {
  open({ pageViews: true });
  await new Promise((resolve) => setTimeout(resolve, 0));
  observer.track("looked");
  observer.captureException(new Error("x"));
  history.pushState(null, "", "/cart");
  const events = await sent("events");
  const [home, looked, left, cart] = [
    events.find((event) => event.url === `${location.origin}/` && event.title !== undefined),
    events.find((event) => event.event_name === "looked"),
    events.find((event) => event.event_name === "observer.page_leave"),
    events.find((event) => event.url === `${location.origin}/cart`),
  ];
  expect(home.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect([looked.trace_id, left.trace_id]).toEqual([home.trace_id, home.trace_id]);
  expect((await sent("errors"))[0].trace_id).toBe(home.trace_id);
  expect(cart.trace_id).not.toBe(home.trace_id);
  expect(left).toMatchObject({
    url: `${location.origin}/`,
    properties: { page_view_id: home.event_id, engaged_ms: expect.any(Number) },
  });
});

test("what is measured late belongs to the session it was measured in, and prolongs none", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  open({ pageViews: true });
  await observer.flush();
  const [view] = server.received;
  vi.setSystemTime(Date.now() + 3 * 3_600_000);
  dispatchEvent(new Event("pagehide"));
  await vi.waitUntil(() => server.received.length === 2);
  expect(server.received[1]?.json.context.session_id).toBe(view?.json.context.session_id);
  observer.track("back");
  await observer.flush();
  expect(server.received[2]?.json.context.session_id).not.toBe(view?.json.context.session_id);
});

test("a page that is loaded ahead and never shown was never there", async () => {
  Object.defineProperty(document, "prerendering", { value: true, configurable: true });
  open({ pageViews: true });
  observer.track("ahead");
  observer.captureException(new Error("ahead"));
  await observer.flush();
  dispatchEvent(new Event("pagehide"));
  await observer.flush();
  expect(server.received).toEqual([]);
  Object.defineProperty(document, "prerendering", { value: false, configurable: true });
  document.dispatchEvent(new Event("prerenderingchange"));
  Reflect.deleteProperty(document, "prerendering");
  expect((await sent("events")).map((event) => event.event_type)).toContain("page_view");
  expect(await sent("errors")).toHaveLength(1);
});

test("console.error makes errors when asked for, each once", async () => {
  const { error } = console;
  console.error = () => {};
  open({ consoleErrors: true });
  const logged = new RangeError("logged");
  console.error("failed", logged);
  console.error("only words", 7);
  dispatchEvent(new ErrorEvent("error", { error: logged, message: "logged" }));
  await observer.close();
  console.error = error;
  expect(items("errors")).toMatchObject([
    { error_type: "RangeError", mechanism: "console" },
    { error_type: "console.error", message: "only words 7", mechanism: "console" },
  ]);
});

test("what is asked for before the activity runs is repeated to it", async () => {
  let run: Parameters<StartAround>[0] = () => {};
  observer = startObserver(
    { pageViews: false, replay: "on-error" },
    {
      fetch: server.fetch,
      async activity(later) {
        run = later;
      },
    },
  );
  observer.addBreadcrumb("early");
  observer.captureException(new Error("early"));
  await activityWith(async () => recording)(run);
  await vi.waitUntil(async () => (await sent("replay-events")).length >= 2, { timeout: 10_000 });
  observer.captureException(new Error("late"));
  const [early, late] = await sent("errors");
  expect(early.breadcrumbs).toBeUndefined();
  expect(late.breadcrumbs).toMatchObject([{ category: "custom", message: "early" }]);
});

test("an activity that cannot start harms nothing, and is counted with the replay that it would have made", async () => {
  observer = startObserver(
    { pageViews: false, replay: "always" },
    {
      fetch: server.fetch,
      activity: async (run) =>
        run(() => {
          throw new Error("an old browser");
        }),
    },
  );
  await vi.waitUntil(() => observer.drops()["recorder_unavailable:replay"] === 1);
  expect(observer.drops()["chunk_unavailable:event"]).toBe(1);
  observer.captureException(new Error("still told"));
  expect(await sent("errors")).toMatchObject([{ message: "still told" }]);
});

test("a part that cannot be loaded is told to the server", async () => {
  observer = startObserver(
    { pageViews: false },
    {
      fetch: server.fetch,
      activity: () => Promise.reject(new Error("404")),
    },
  );
  await vi.waitUntil(() => observer.drops()["chunk_unavailable:event"] === 1);
  const told = () => server.received.flatMap((request) => request.json.dropped ?? []);
  const tell = () => {
    observer.track("after");
    return told().length > 0;
  };
  await vi.waitUntil(tell, { timeout: 4_500, interval: 300 });
  expect(told()).toContainEqual({ reason: "chunk_unavailable", kind: "event", count: 1 });
});

test("while one observer runs, another is the same one", async () => {
  observer = createObserver();
  expect(createObserver({ service: "other" })).toBe(observer);
  await observer.close();
  const next = createObserver();
  expect(next).not.toBe(observer);
  await observer.close();
  expect(createObserver()).toBe(next);
  observer = next;
});
