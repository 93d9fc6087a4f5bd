import { afterEach, beforeEach, expect, test } from "vitest";
import { createPageViews, type PageViews, viewAt } from "../src/capture/page-views";
import type { PageViewEvent } from "../src/event/types";

let views: PageViews;
let seen: PageViewEvent[];
let navigations: string[];
let made = 0;
let trace: string;
let left: unknown[];

function open(automatic = true): void {
  seen = [];
  navigations = [];
  left = [];
  trace = "trace-1";
  views = createPageViews({
    automatic,
    stamp: () => ({ event_id: `id-${++made}`, timestamp: "2026-11-22T10:00:00.000Z" }),
    now: () => 0,
    newTrace: () => trace,
    sessionId: () => "session-1",
    arrival: (session, from) => ({ session, from }),
    onLeave: () => left.push(viewAt(views.views, performance.now())?.event_id),
    emit(emission) {
      if (emission.kind === "event" && emission.item.event_type === "page_view") {
        seen.push(emission.item);
      }
    },
    onNavigation: (from, to) => navigations.push(`${from} ${to}`),
  });
}

const task = () => new Promise((resolve) => setTimeout(resolve, 0));
const paths = () => seen.map((view) => new URL(view.url).href.replace(location.origin, ""));

beforeEach(() => {
  history.replaceState(null, "", "/");
  document.title = "Shop";
});
afterEach(() => views.stop());

test("the first load is a page view with its title", async () => {
  open();
  await task();
  expect(seen).toMatchObject([{ event_type: "page_view", title: "Shop", referrer: "" }]);
});

test("pushState is a page view, with the title the app sets after it and the page it came from", async () => {
  open();
  await task();
  history.pushState(null, "", "/cart?coupon=1");
  document.title = "Cart";
  await task();
  expect(paths()).toEqual(["/", "/cart?coupon=1"]);
  expect(seen[1]).toMatchObject({ title: "Cart", referrer: `${location.origin}/` });
  expect(navigations).toEqual(["/ /cart"]);
});

test("the same address twice is one page view", async () => {
  open();
  await task();
  history.pushState(null, "", "/");
  history.replaceState({ scroll: 1 }, "");
  await task();
  history.replaceState({ scroll: 2 }, "");
  await task();
  expect(paths()).toEqual(["/"]);
});

test("a redirect counts as the page it leads to", async () => {
  open();
  await task();
  history.pushState(null, "", "/account");
  history.replaceState(null, "", "/login");
  await task();
  expect(paths()).toEqual(["/", "/login"]);
});

test("back is a page view", async () => {
  open();
  await task();
  history.pushState(null, "", "/cart");
  await task();
  const popped = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
  history.back();
  await popped;
  await task();
  expect(paths()).toEqual(["/", "/cart", "/"]);
});

test("a fragment counts only where it is a route", async () => {
  open();
  await task();
  location.hash = "#details";
  await task();
  await task();
  expect(paths()).toEqual(["/"]);
  location.hash = "#/orders/7";
  await task();
  await task();
  expect(paths()).toEqual(["/", "/#/orders/7"]);
});

test("a filter that replaces its query at every key press is one page", async () => {
  open();
  await task();
  for (const query of ["?q=l", "?q=la", "?q=lamp"]) {
    history.replaceState(null, "", query);
    await task();
  }
  expect(paths()).toEqual(["/"]);
  history.pushState(null, "", "?page=2");
  await task();
  expect(paths()).toEqual(["/", "/?page=2"]);
});

test("a page brought back from the back/forward cache is viewed again", async () => {
  open();
  await task();
  dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  await task();
  expect(seen).toHaveLength(1);
  dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await task();
  expect(paths()).toEqual(["/", "/"]);
});

test("a page that is loaded ahead is viewed when it is shown", async () => {
  const prerendering = (value: boolean) =>
    Object.defineProperty(document, "prerendering", { value, configurable: true });
  prerendering(true);
  open();
  await task();
  views.settle();
  expect(seen).toEqual([]);
  prerendering(false);
  document.dispatchEvent(new Event("prerenderingchange"));
  expect(paths()).toEqual(["/"]);
  Reflect.deleteProperty(document, "prerendering");
});

test("while a router says what is shown the history is silent", async () => {
  open();
  const router = views.routed(() => undefined);
  router.shown({ route: "/", path: "/" });
  await task();
  history.pushState(null, "", "/orders/7");
  await task();
  expect(seen).toHaveLength(1);
  router.shown({ route: "/orders/:id", path: "/orders/7" });
  await task();
  expect(seen.map((view) => view.route)).toEqual(["/", "/orders/:id"]);
  expect(views.place().route).toBe("/orders/:id");
  router.stop();
  history.pushState(null, "", "/plain");
  await task();
  expect(paths()).toEqual(["/", "/orders/7", "/plain"]);
  expect(views.place().route).toBeUndefined();
});

test("a router that mounts late names the page that was counted", async () => {
  open();
  await task();
  views.routed(() => undefined).shown({ route: "/shop", path: "/" });
  await task();
  expect(seen).toHaveLength(1);
  expect(views.place().route).toBe("/shop");
});

test("what a router has not reached when its task ends is not a page view", async () => {
  open(true);
  let ready = false;
  const router = views.routed(() => (ready ? undefined : {}));
  router.shown({ route: "/old", path: "/old" });
  await task();
  expect(seen).toEqual([]);
  ready = true;
  router.shown({ route: "/new", path: "/new" });
  await task();
  expect(seen.map((view) => view.route)).toEqual(["/new"]);
});

test("by hand, every call counts and the rest is silent when told so", async () => {
  open(false);
  history.pushState(null, "", "/a");
  await task();
  expect(seen).toEqual([]);
  views.view({ route: "/:x", title: "Mine", url: "https://shop.example/b" });
  views.view({ route: "/:x" });
  expect(seen).toMatchObject([
    { url: "https://shop.example/b", route: "/:x", title: "Mine" },
    { url: `${location.origin}/a`, route: "/:x", title: "Shop" },
  ]);
});

test("a page that goes away at once was still viewed", () => {
  open();
  views.settle();
  expect(paths()).toEqual(["/"]);
});

test("stop gives the history back", () => {
  const { pushState, replaceState } = history;
  open();
  expect(history.pushState).not.toBe(pushState);
  views.stop();
  expect(history.pushState).toBe(pushState);
  expect(history.replaceState).toBe(replaceState);
});

test("a page that is left is said before the next one is counted", async () => {
  open();
  await task();
  expect(left).toEqual([]);
  history.pushState(null, "", "/cart");
  await task();
  views.view();
  expect(left).toEqual(seen.slice(0, 2).map((view) => view.event_id));
});

test("what was measured finds the page it was measured on", async () => {
  open();
  expect(viewAt(views.views, 0)).toBeUndefined();
  await task();
  const first = performance.now();
  await task();
  trace = "trace-2";
  history.pushState(null, "", "/cart");
  await task();
  const [home, cart] = seen;
  expect(viewAt(views.views, 0)).toMatchObject({
    event_id: home?.event_id,
    session_id: "session-1",
  });
  expect(viewAt(views.views, first)).toMatchObject({
    event_id: home?.event_id,
    trace_id: "trace-1",
  });
  expect(viewAt(views.views, performance.now())).toMatchObject({
    event_id: cart?.event_id,
    url: `${location.origin}/cart`,
    trace_id: "trace-2",
  });
  expect(views.place()).toMatchObject({ trace_id: "trace-2" });
});

test("a router that mounts late names what was measured before it, too", async () => {
  open();
  await task();
  views.routed(() => undefined).shown({ route: "/shop", path: "/" });
  await task();
  expect(viewAt(views.views, 0)?.route).toBe("/shop");
});

test("a page view says its trace and how its visitor came", async () => {
  open();
  await task();
  expect(seen).toMatchObject([
    { trace_id: "trace-1", properties: { session: "session-1", from: "" } },
  ]);
});
