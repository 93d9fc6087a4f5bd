/** The TypeScript of README.md and docs, run as the pages show it. */
import { ObserverProvider } from "@observer/client/solid";
import { cleanup, render } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Observer } from "../src";
import { flags, sampling, scrubbing, strict, typed } from "./docs/options";
import { SignUp } from "./docs/sign-up";
import { startServer, type TestServer } from "./server";

let server: TestServer;
let observer: Observer | undefined;

beforeEach(() => {
  server = startServer();
  vi.stubGlobal("fetch", server.fetch);
  window.scrollTo = () => {}; // jsdom has none
});
afterEach(async () => {
  cleanup();
  await observer?.close();
  observer = undefined;
  localStorage.clear();
  vi.unstubAllGlobals();
});

// biome-ignore lint/suspicious/noExplicitAny: items are looked into field by field
async function sent(path: string): Promise<any[]> {
  await observer?.flush();
  return server.items(path);
}

test("the app of the first page says its pages by their routes", async () => {
  ({ observer } = await import("./docs/app"));
  await vi.waitFor(async () => expect(await sent("events")).not.toEqual([]));
  document.querySelector("a")?.click();
  await vi.waitFor(() => expect(document.querySelector("h1")?.textContent).toBe("Order 7"));
  await vi.waitFor(async () => {
    const events = await sent("events");
    const views = events.filter((event) => event.event_type === "page_view");
    expect(views.map((view) => view.route)).toEqual(["/", "/orders/:id"]);
  });
  expect(server.received[0]?.json.context).toMatchObject({
    service_name: "shop-web",
    release: "1.4.0",
  });
});

test("the funnel's steps arrive in order, the last one with its user", async () => {
  observer = flags();
  const given = observer;
  const create = async () => ({ id: "u-1" });
  const { getByText } = render(() => (
    <ObserverProvider observer={given}>
      <SignUp create={create} />
    </ObserverProvider>
  ));
  getByText("Create an account").click();
  getByText("Finish").click();
  await vi.waitFor(async () => {
    const events = await sent("events");
    expect(events.map((event) => event.event_name).filter((name) => /^signup/.test(name))).toEqual([
      "signup_started",
      "signup_details_completed",
      "signup_completed",
    ]);
    expect(events.at(-1)).toMatchObject({ properties: { plan: "team" } });
  });
  const last = server.received.find((request) => request.text.includes("signup_completed"));
  expect(last?.json.context).toMatchObject({ user_id: "u-1" });
});

test("an error carries its context and, once they are set, the flags", async () => {
  observer = flags();
  observer.captureException(new Error("later"));
  const errors = await sent("errors");
  expect(errors[0]).toMatchObject({
    error_type: "SyntaxError",
    properties: { import: "prices.json" },
  });
  expect(errors[1]).toMatchObject({ message: "later", feature_flags: { "new-checkout": true } });
});

test("beforeSend drops and changes", async () => {
  observer = scrubbing();
  observer.captureException(new Error("ResizeObserver loop limit exceeded"));
  observer.pageView({ url: "http://shop.example/", title: "secret" });
  await observer.flush();
  expect(await sent("errors")).toEqual([]);
  expect((await sent("events")).at(-1)).toMatchObject({ title: "" });
});

test("without consent nothing leaves, with it the page does", async () => {
  observer = strict();
  observer.track("too_early");
  expect(await sent("events")).toEqual([]);
  observer.optIn();
  observer.track("agreed");
  expect((await sent("events")).map((event) => event.event_name)).toContain("agreed");
  await observer.optOut();
});

test("errors and events of a session that is not recorded arrive", async () => {
  observer = sampling();
  observer.track("still_here");
  expect((await sent("events")).map((event) => event.event_name)).toContain("still_here");
});

test("a declared event arrives with its properties", async () => {
  observer = typed();
  const events = await sent("events");
  const declared = events.find((event) => event.event_name === "checkout_completed");
  expect(declared?.properties).toEqual({ value: 12.5, currency: "EUR" });
});
