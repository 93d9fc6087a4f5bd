import { render } from "@solidjs/testing-library";
import { createEffect, createSignal, ErrorBoundary } from "solid-js";
import { createStore } from "solid-js/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Observer } from "../src/api";
import { startObserver } from "../src/observer";
import {
  ObserverErrorBoundary,
  ObserverProvider,
  track,
  useObserver,
  useTrackEvent,
} from "../src/solid";
import { startServer, type TestServer } from "./server";

let server: TestServer;
let observer: Observer;

beforeEach(() => {
  server = startServer();
  observer = startObserver({ pageViews: false }, { fetch: server.fetch });
});
afterEach(() => observer.close());

// biome-ignore lint/suspicious/noExplicitAny: items are looked into field by field
async function sent(path: string): Promise<any[]> {
  await observer.flush();
  return server.items(path);
}

test("a rendering error is reported once, and the fallback is shown", async () => {
  const error = new TypeError("no price");
  function Row(): never {
    throw error;
  }
  const { container } = render(() => (
    <ObserverProvider observer={observer}>
      <ObserverErrorBoundary fallback={<p>Sorry</p>} name="Cart">
        <Row />
      </ObserverErrorBoundary>
    </ObserverProvider>
  ));
  observer.captureException(error);
  expect(container.textContent).toBe("Sorry");
  expect(await sent("errors")).toMatchObject([
    { message: "no price", mechanism: "error_boundary", handled: true, component_path: "Cart" },
  ]);
});

test.each([
  ["that is replaced", (text: () => string) => () => (text() === "one" ? <b>one</b> : "two")],
  ["without parameters", (text: () => string) => () => text],
  ["with parameters, which is read once", () => () => (error: unknown) => <i>{`${error}`}</i>],
] as const)("a fallback %s stays as live as Solid's own", async (_, fallbackOf) => {
  const [text, setText] = createSignal("one");
  const Broken = (): never => {
    throw new Error("x");
  };
  const shows = (Boundary: typeof ErrorBoundary) =>
    render(() => (
      <ObserverProvider observer={observer}>
        <Boundary fallback={fallbackOf(text)()}>
          <Broken />
        </Boundary>
      </ObserverProvider>
    )).container;
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const [theirs, ours] = [shows(ErrorBoundary), shows(ObserverErrorBoundary)];
  expect(ours.innerHTML).toBe(theirs.innerHTML);
  setText("two");
  logged.mockRestore();
  expect(ours.innerHTML).toBe(theirs.innerHTML);
  expect(await sent("errors")).toHaveLength(1);
});

test("names of boundaries add up to the path, and reset renders anew", async () => {
  const [broken, setBroken] = createSignal(true);
  let retry = () => {};
  const { container } = render(() => (
    <ObserverProvider observer={observer}>
      <ObserverErrorBoundary name="App" fallback={<p>outer</p>}>
        <ObserverErrorBoundary
          name="Cart"
          fallback={(error, reset) => {
            retry = reset;
            return <p>{String(error)}</p>;
          }}
        >
          {(() => {
            if (broken()) throw new Error("first");
            return <p>fine</p>;
          })()}
        </ObserverErrorBoundary>
      </ObserverErrorBoundary>
    </ObserverProvider>
  ));
  expect(container.textContent).toBe("Error: first");
  setBroken(false);
  retry();
  expect(container.textContent).toBe("fine");
  expect(await sent("errors")).toMatchObject([{ component_path: "App > Cart" }]);
});

test("without names the development build tells the components", async () => {
  function Checkout() {
    return (
      <ObserverErrorBoundary fallback="Sorry">
        {(() => {
          throw new Error("x");
        })()}
      </ObserverErrorBoundary>
    );
  }
  render(() => (
    <ObserverProvider observer={observer}>
      <Checkout />
    </ObserverProvider>
  ));
  const [error] = await sent("errors");
  expect(error.component_path).toBe("Checkout");
});

test.each([
  ["a string", "string", "a string"],
  [{ code: 7 }, "Object", '{"code":7}'],
])(
  "thrown %s is reported as it was thrown, not as Solid wraps it",
  async (thrown, type, message) => {
    render(() => (
      <ObserverProvider observer={observer}>
        <ObserverErrorBoundary fallback="Sorry">
          {(() => {
            throw thrown;
          })()}
        </ObserverErrorBoundary>
      </ObserverProvider>
    ));
    expect(await sent("errors")).toMatchObject([{ error_type: type, message }]);
  },
);

test("useTrackEvent and track send events; a tracked element reads its properties when it happens", async () => {
  const [step, setStep] = createSignal(1);
  function Form() {
    const trackEvent = useTrackEvent();
    return (
      <form ref={track("signed_up")}>
        <button type="button" ref={track("clicked", { properties: () => ({ step: step() }) })}>
          go
        </button>
        <button type="button" id="hook" onClick={() => trackEvent("by_hook", { a: 1 })}>
          hook
        </button>
        <input ref={track("focused", { on: "focus", properties: { b: 2 } })} />
      </form>
    );
  }
  const { container, unmount } = render(() => (
    <ObserverProvider observer={observer}>
      <Form />
    </ObserverProvider>
  ));
  const button = container.querySelector("button");
  setStep(2);
  button?.click();
  container.querySelector<HTMLElement>("#hook")?.click();
  container.querySelector("input")?.dispatchEvent(new Event("focus"));
  container.querySelector("form")?.dispatchEvent(new Event("submit"));
  unmount();
  button?.click();
  const events = await sent("events");
  expect(events.map((event) => [event.event_name, event.properties])).toEqual([
    ["clicked", { step: 2 }],
    ["by_hook", { a: 1 }],
    ["focused", { b: 2 }],
    ["signed_up", undefined],
  ]);
});

test("an effect that reports a store does not listen to it", async () => {
  const [cart, setCart] = createStore({ items: [{ sku: "lamp", count: 1 }] });
  let button: HTMLButtonElement | undefined;
  let runs = 0;
  function Cart() {
    const reporter = useObserver();
    const trackEvent = useTrackEvent();
    createEffect(() => {
      runs++;
      trackEvent("cart_viewed", { cart });
      reporter.addBreadcrumb("cart", { cart });
      reporter.captureException(new Error("cart"), { properties: { cart } });
      button?.click();
    });
    return (
      <button
        type="button"
        ref={(element) => {
          button = element;
          track("clicked", { properties: () => ({ items: cart.items.length }) })(element);
        }}
      />
    );
  }
  render(() => (
    <ObserverProvider observer={observer}>
      <Cart />
    </ObserverProvider>
  ));
  setCart("items", 0, "count", 2);
  setCart("items", 1, { sku: "bulb", count: 3 });
  expect(runs).toBe(1);
  expect(await sent("events")).toMatchObject([
    { event_name: "cart_viewed", properties: { cart: { items: [{ sku: "lamp", count: 1 }] } } },
    { event_name: "clicked", properties: { items: 1 } },
  ]);
});

test("without a provider everything does nothing and nothing throws", async () => {
  function Lonely() {
    useObserver().captureException(new Error("unheard"));
    useTrackEvent()("unheard");
    return <p ref={track("unheard")}>here</p>;
  }
  const { container } = render(() => <Lonely />);
  expect(container.textContent).toBe("here");
  expect(await sent("errors")).toEqual([]);
  expect(await sent("events")).toEqual([]);
});

test("use:track tracks an element too, with the properties of that moment, until it is gone", async () => {
  const [step, setStep] = createSignal(1);
  const { container, unmount } = render(() => (
    <ObserverProvider observer={observer}>
      <button type="button" use:track="signup_clicked" />
      <form use:track={["signup_sent", { properties: () => ({ step: step() }) }]} />
    </ObserverProvider>
  ));
  const button = container.querySelector("button");
  button?.click();
  setStep(2);
  container.querySelector("form")?.dispatchEvent(new Event("submit"));
  unmount();
  button?.click();
  expect(await sent("events")).toMatchObject([
    { event_name: "signup_clicked" },
    { event_name: "signup_sent", properties: { step: 2 } },
  ]);
});
