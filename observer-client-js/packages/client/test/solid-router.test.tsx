import {
  A,
  createMemoryHistory,
  HashRouter,
  MemoryRouter,
  Navigate,
  Route,
  Router,
  type RouteSectionProps,
  useNavigate,
  useSearchParams,
} from "@solidjs/router";
import { cleanup, render } from "@solidjs/testing-library";
import { createEffect, type JSX, lazy, onMount, Suspense } from "solid-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Observer } from "../src/api";
import { startObserver } from "../src/observer";
import type { ObserverOptions } from "../src/options";
import { ObserverErrorBoundary, ObserverProvider, useTrackEvent } from "../src/solid";
import { PageViews, usePageViews } from "../src/solid/router";
import { startServer, type TestServer } from "./server";

let server: TestServer;
let observer: Observer;
let go: (to: string, options?: { replace?: boolean }) => void;
let filter: (q: string) => void;
let turn: (page: number) => void;
let preloads = 0;
let loadLate: () => void;

beforeEach(() => {
  server = startServer();
  // jsdom has none.
  window.scrollTo = () => {};
});
afterEach(async () => {
  cleanup();
  await observer.close();
});

/** Lets transitions, effects and the history of jsdom finish; each takes a few tasks. */
async function settled(): Promise<void> {
  for (let task = 0; task < 20; task++) await new Promise((resolve) => setTimeout(resolve, 0));
}

async function pageViews() {
  await observer.flush();
  // biome-ignore lint/suspicious/noExplicitAny: items are looked into field by field
  const events: any[] = server.items("events");
  return events.filter((event) => event.event_type === "page_view");
}

async function views(): Promise<string[]> {
  return (await pageViews()).map((view) => `${view.route} ${new URL(view.url).pathname}`);
}

function Home() {
  const navigate = useNavigate();
  go = navigate;
  return <A href="/orders/9">nine</A>;
}
function Search() {
  const [, setParams] = useSearchParams();
  filter = (q) => setParams({ q }, { replace: true });
  turn = (page) => setParams({ page });
  go = useNavigate();
  return <p>search</p>;
}
function Guarded() {
  const navigate = useNavigate();
  onMount(() => navigate("/login", { replace: true }));
  return <p>wait</p>;
}
function Root(props: RouteSectionProps) {
  usePageViews();
  return <Suspense>{props.children}</Suspense>;
}

function open(path: string, root: typeof Root = Root, options: ObserverOptions = {}) {
  history.replaceState(null, "", path);
  observer = startObserver(options, { fetch: server.fetch });
  const Late = lazy(
    () =>
      new Promise<{ default: () => string }>((resolve) => {
        loadLate = () => resolve({ default: () => "late" });
      }),
  );
  return render(() => (
    <ObserverProvider observer={observer}>
      <Suspense>
        <Router root={root}>
          <Route path="/" component={Home} />
          <Route path="/orders/:id" component={Home} preload={() => preloads++} />
          <Route path="/old/:id" component={() => <Navigate href="/orders/1" />} />
          <Route path="/guarded" component={Guarded} />
          <Route path="/login" component={Home} />
          <Route path="/search" component={Search} />
          <Route path="/late" component={Late} />
          <Route path="/shop/:shop" component={(props: RouteSectionProps) => props.children}>
            <Route path="/item/:item" component={Home} />
          </Route>
        </Router>
      </Suspense>
    </ObserverProvider>
  ));
}

test("the first page and each navigation count once, with the pattern of the whole route", async () => {
  open("/");
  await settled();
  go("/orders/7");
  await settled();
  go("/orders/8");
  await settled();
  go("/shop/a/item/b");
  await settled();
  history.back();
  await settled();
  expect(await views()).toEqual([
    "/ /",
    "/orders/:id /orders/7",
    "/orders/:id /orders/8",
    "/shop/:shop/item/:item /shop/a/item/b",
    "/orders/:id /orders/8",
  ]);
});

test("a redirect counts as the page it leads to, at the start and later", async () => {
  open("/old/5");
  await settled();
  expect(await views()).toEqual(["/orders/:id /orders/1"]);
  go("/guarded");
  await settled();
  expect(await views()).toEqual(["/orders/:id /orders/1", "/login /login"]);
});

test("a lazy page counts when it is shown, and not the page that was left on the way", async () => {
  open("/");
  await settled();
  go("/late");
  await settled();
  expect(await views()).toEqual(["/ /"]);
  loadLate();
  await settled();
  expect(await views()).toEqual(["/ /", "/late /late"]);
});

test("a lazy page that all waits for has its pattern, though Solid holds effects back till it is there", async () => {
  open("/late", PageViews);
  await settled();
  expect(await views()).toEqual(["/late /late"]);
  loadLate();
  await settled();
  expect(await views()).toEqual(["/late /late"]);
});

test("preloading a link is no page view", async () => {
  const { container } = open("/");
  await settled();
  const before = preloads;
  container
    .querySelector("a")
    ?.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, composed: true }));
  container.querySelector("a")?.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  await vi.waitUntil(() => preloads > before);
  await settled();
  expect(await views()).toEqual(["/ /"]);
});

test.each([{}, { pageViews: false }])(
  "a filter that replaces its query is one page, %o",
  async (options) => {
    open("/search", Root, options);
    await settled();
    filter("la");
    await settled();
    filter("lamp");
    await settled();
    expect(location.search).toBe("?q=lamp");
    expect(await views()).toEqual(["/search /search"]);
  },
);

test("a page of a list, pushed as its query, is a page of its own", async () => {
  open("/search");
  await settled();
  turn(2);
  await settled();
  go("/search?page=3");
  await settled();
  history.back();
  await settled();
  expect((await pageViews()).map((view) => new URL(view.url).search)).toEqual([
    "",
    "?page=2",
    "?page=3",
    "?page=2",
  ]);
});

test.each([0, 1])(
  "agreed to %i tasks after it came, the page says its route and where the visitor came from",
  async (tasks) => {
    const referrer = "https://search.example/";
    Object.defineProperty(document, "referrer", { value: referrer, configurable: true });
    localStorage.clear();
    open("/orders/7", Root, { requireConsent: true });
    Reflect.deleteProperty(document, "referrer");
    if (tasks > 0) {
      await settled();
      go("/orders/8");
      await settled();
    }
    observer.optIn();
    await settled();
    observer.track("looked");
    const [view, ...more] = await pageViews();
    expect(view).toMatchObject({
      route: "/orders/:id",
      referrer,
      properties: { initial_referrer: referrer },
    });
    expect(more).toEqual([]);
    expect(server.items("events").at(-1)).toMatchObject({
      event_name: "looked",
      route: "/orders/:id",
    });
    localStorage.clear();
  },
);

test("events and errors carry the pattern of the page they happen on", async () => {
  open("/orders/7", PageViews);
  await settled();
  observer.track("looked");
  await observer.flush();
  expect(server.items("events").at(-1)).toMatchObject({
    event_name: "looked",
    route: "/orders/:id",
  });
});

test("when the router is gone the history counts again", async () => {
  const { unmount } = open("/");
  await settled();
  unmount();
  history.pushState(null, "", "/plain");
  await settled();
  expect(await views()).toEqual(["/ /", "undefined /plain"]);
});

/** Reports at every moment of its own beginning. */
function Reporting() {
  const track = useTrackEvent();
  go = useNavigate();
  track("body");
  createEffect(() => track("effect"));
  onMount(() => track("mount"));
  return <p>here</p>;
}
function Broken(): never {
  throw new Error("broken");
}
function Bounded(props: RouteSectionProps) {
  usePageViews();
  go = useNavigate();
  return (
    <ObserverErrorBoundary fallback="Sorry">
      <Suspense>{props.children}</Suspense>
    </ObserverErrorBoundary>
  );
}

/** What was reported, `<name> <route> <address>`, but page views. */
async function reported(): Promise<string[]> {
  await observer.flush();
  // biome-ignore lint/suspicious/noExplicitAny: items are looked into field by field
  const items: any[] = [...server.items("events"), ...server.items("errors")];
  return items
    .filter((item) => item.event_type !== "page_view")
    .map(
      (item) =>
        `${item.event_name ?? item.message} ${item.route} ${item.url.replace(location.origin, "")}`,
    );
}

describe.each([
  ["the address bar", Router, "/orders/7", (path: string) => path],
  ["the fragment", HashRouter, "/shop#/orders/7", (path: string) => `/shop#${path}`],
  ["memory", MemoryRouter, "/shop", () => "/shop"],
] as const)("with a router of %s", (_, Kind, start, addressOf) => {
  beforeEach(() => {
    history.replaceState(null, "", start);
    observer = startObserver({}, { fetch: server.fetch });
    const memory = createMemoryHistory();
    memory.set({ value: "/orders/7" });
    const late = (page: () => JSX.Element) =>
      lazy(
        () =>
          new Promise<{ default: typeof page }>((resolve) => {
            loadLate = () => resolve({ default: page });
          }),
      );
    render(() => (
      <ObserverProvider observer={observer}>
        <Kind root={Bounded} history={memory}>
          <Route path="/orders/:id" component={Reporting} />
          <Route path="/carts/:id" component={Reporting} />
          <Route path="/bad/:id" component={Broken} />
          <Route path="/late/:id" component={late(Reporting)} />
          <Route path="/late-bad/:id" component={late(Broken)} />
        </Kind>
      </ObserverProvider>
    ));
  });
  const at = (name: string, route: string, path: string) => `${name} ${route} ${addressOf(path)}`;

  test("what a page reports while it begins is its own, the first page's too", async () => {
    await settled();
    expect(await reported()).toEqual(
      ["body", "effect", "mount"].map((name) => at(name, "/orders/:id", "/orders/7")),
    );
    go("/carts/8?a=b#c");
    await settled();
    expect((await reported()).slice(3)).toEqual(
      ["body", "effect", "mount"].map((name) => at(name, "/carts/:id", "/carts/8?a=b#c")),
    );
  });

  test("an error while a page is rendered is that page's", async () => {
    await settled();
    go("/bad/1");
    await settled();
    expect((await reported()).slice(3)).toEqual([at("broken", "/bad/:id", "/bad/1")]);
  });

  test("while a page is waited for, what happens is of the page that is shown", async () => {
    await settled();
    go("/late/1");
    await settled();
    observer.track("clicked");
    loadLate();
    await settled();
    const [clicked, ...late] = (await reported()).slice(3);
    expect(clicked).toBe(at("clicked", "/orders/:id", "/orders/7"));
    expect(late).toEqual(
      ["body", "effect", "mount"].map((name) => at(name, "/late/:id", "/late/1")),
    );
  });

  test("an error while a page that was waited for is rendered is that page's", async () => {
    await settled();
    go("/late-bad/1");
    await settled();
    loadLate();
    await settled();
    expect((await reported()).slice(3)).toEqual([at("broken", "/late-bad/:id", "/late-bad/1")]);
  });

  test("each navigation is a page view, also after an agreement and a page view by hand", async () => {
    await settled();
    go("/carts/8");
    await settled();
    await observer.flush();
    await observer.optOut();
    observer.optIn();
    await settled();
    go("/carts/9");
    await settled();
    observer.pageView({ route: "by hand" });
    go("/carts/10");
    await settled();
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await settled();
    go("/carts/11");
    await settled();
    localStorage.clear();
    expect((await pageViews()).map((view) => view.route)).toEqual([
      "/orders/:id",
      "/carts/:id",
      "/carts/:id",
      "/carts/:id",
      "by hand",
      "/carts/:id",
      "/carts/:id",
      "/carts/:id",
    ]);
  });
});

test("a router of memory that comes back to the page's own path makes no address of its others", async () => {
  history.replaceState(null, "", "/orders/7");
  observer = startObserver({}, { fetch: server.fetch });
  const memory = createMemoryHistory();
  memory.set({ value: "/carts/7" });
  render(() => (
    <ObserverProvider observer={observer}>
      <MemoryRouter root={Bounded} history={memory}>
        <Route path="/orders/:id" component={Home} />
        <Route path="/carts/:id" component={Reporting} />
      </MemoryRouter>
    </ObserverProvider>
  ));
  await settled();
  go("/orders/7");
  await settled();
  go("/carts/8");
  await settled();
  const [, , , body] = await reported();
  expect(body).toBe("body /carts/:id /orders/7");
});

test("where pages are not counted by themselves, those of the router are, the first too, when it is there", async () => {
  history.replaceState(null, "", "/orders/7");
  observer = startObserver({ pageViews: false }, { fetch: server.fetch });
  await settled();
  render(() => (
    <ObserverProvider observer={observer}>
      <Router root={Bounded}>
        <Route path="/orders/:id" component={Home} />
      </Router>
    </ObserverProvider>
  ));
  await settled();
  go("/orders/8");
  await settled();
  await observer.flush();
  await observer.optOut();
  observer.optIn();
  await settled();
  localStorage.clear();
  expect(await views()).toEqual([
    "/orders/:id /orders/7",
    "/orders/:id /orders/8",
    "/orders/:id /orders/8",
  ]);
});
