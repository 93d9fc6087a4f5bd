import { cleanup, configure, fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../src/app";
import { createAuth, takeToken } from "../src/auth";
import { observer, serve } from "./server";

// A busy machine takes longer than the second that is the default.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 20_000 });

const error = (id: string, message: string) => ({
  ...{
    event_id: id,
    timestamp: "2026-11-25T10:00:00.000Z",
    kind: "error",
    level: "error",
    error_type: "TypeError",
  },
  ...{ message, service_name: "shop-web", route: "/checkout", handled: false },
});

afterEach(cleanup);

beforeEach(() => {
  history.replaceState(null, "", "/console/");
  // jsdom has no layout to scroll.
  vi.stubGlobal("scrollTo", () => {});
});

test("whoever comes without a token is asked for it; a wrong one is refused in words, the right one opens the errors", async () => {
  const { base } = await observer(() => ({
    json: { records: [error("1", "x is undefined")], next_cursor: null },
  }));
  render(() => <App base={base} token={undefined} />);
  const field = await screen.findByLabelText("Access token");
  expect(screen.queryByRole("alert")).toBeNull();

  fireEvent.input(field, { target: { value: "wrong" } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
  expect((await screen.findByRole("alert")).textContent).toContain(
    "This token is not the server's",
  );

  fireEvent.input(screen.getByLabelText("Access token"), { target: { value: " sesame " } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByText("x is undefined")).toBeTruthy();
  expect(screen.getByText("Errors", { selector: "nav a" }).getAttribute("aria-current")).toBe(
    "page",
  );
});

test("older errors are loaded by the cursor, after those that are there, until there are no more", async () => {
  const { base } = await observer((path) => ({
    json: path.includes("cursor=older")
      ? { records: [error("2", "the older one")], next_cursor: null }
      : { records: [error("1", "the newest one")], next_cursor: "older" },
  }));
  render(() => <App base={base} token="sesame" />);
  await screen.findByText("the newest one");
  fireEvent.click(screen.getByRole("button", { name: "Load older" }));
  await screen.findByText("the older one");
  expect([...document.querySelectorAll(".error-message")].map((row) => row.textContent)).toEqual([
    "the newest one",
    "the older one",
  ]);
  expect(screen.queryByRole("button", { name: "Load older" })).toBeNull();
  expect(screen.getByText("2 errors in all")).toBeTruthy();
});

test("what a list is narrowed to is in its address, and there again on the way back", async () => {
  const { base, requests } = await observer(() => ({
    json: { records: [error("1", "x is undefined")], next_cursor: null },
  }));
  const asked = () => requests.filter(({ path }) => path.startsWith("/records")).length;
  const hour = () => screen.getByRole<HTMLInputElement>("radio", { name: "1 h", hidden: true });
  render(() => <App base={base} token="sesame" />);
  await screen.findByText("x is undefined");
  fireEvent.click(hour());
  await waitFor(() => expect(location.hash).toBe("#/errors?range=1h"));
  fireEvent.click(await screen.findByText("x is undefined"));
  await screen.findByText("This error came without a stack trace.");
  fireEvent.click(screen.getByText("Errors", { selector: ".crumbs a" }));
  await waitFor(() => expect(location.hash).toBe("#/errors?range=1h"));
  expect(hour().checked).toBe(true);
  expect(asked()).toBe(2);

  fireEvent.click(screen.getByText("Sessions", { selector: "nav a" }));
  await screen.findByText("No sessions yet");
  history.back();
  await screen.findByText("x is undefined");
  expect(hour().checked).toBe(true);
});

test("an address that narrows a list is heeded", async () => {
  const { base, requests } = await observer(() => ({ json: { records: [] } }));
  history.replaceState(null, "", "/console/#/sessions?range=24h&user_id=u-7");
  render(() => <App base={base} token="sesame" />);
  await screen.findByText("No sessions match");
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("u-7");
  const query = new URLSearchParams(requests.at(-1)?.path.split("?")[1]);
  expect(query.get("user_id")).toBe("u-7");
  const day = Date.now() - Date.parse(query.get("since") ?? "");
  expect(Math.abs(day - 24 * 3_600_000)).toBeLessThan(60_000);
});

test("both lists are narrowed to one of several services, and widened again", async () => {
  const shop = { service_name: "shop-web", environment: "production" };
  const staging = { service_name: "shop-web", environment: "staging" };
  const empty = { json: { records: [], sessions: [], next_cursor: null } };
  const { base, requests } = await observer(
    () => empty,
    () => empty,
    [shop, staging, { service_name: 7 }],
  );
  const asked = () => Object.fromEntries(new URLSearchParams(requests.at(-1)?.path.split("?")[1]));
  render(() => <App base={base} token="sesame" />);
  for (const [list, noun] of [
    ["Errors", "errors"],
    ["Sessions", "sessions"],
  ] as const) {
    fireEvent.click(await screen.findByText(list, { selector: "nav a" }));
    await screen.findByText(list, { selector: "h1" });
    const choice = await screen.findByLabelText<HTMLSelectElement>("Only this service");
    expect([...choice.options].map((option) => option.text)).toEqual([
      "All services",
      "shop-web · production",
      "shop-web · staging",
    ]);
    fireEvent.change(choice, { target: { value: "shop-web · staging" } });
    fireEvent.click(await screen.findByRole("button", { name: "Show everything kept" }));
    await screen.findByText(`No ${noun} yet`);
    expect(choice.value).toBe("");
    expect(asked()).not.toHaveProperty("service_name");
    fireEvent.change(choice, { target: { value: "shop-web · staging" } });
    await screen.findByText(`No ${noun} match`);
    expect(asked()).toMatchObject(staging);
    expect(location.hash).toBe(`#/${noun}?service_name=shop-web&environment=staging`);
  }
});

test("a service that an address names is chosen, whether or not the server knows it", async () => {
  const { base } = await observer(() => ({ json: { records: [] } }));
  history.replaceState(null, "", "/console/#/errors?service_name=gone&environment=test");
  render(() => <App base={base} token="sesame" />);
  const choice = await screen.findByLabelText<HTMLSelectElement>("Only this service");
  expect(choice.selectedOptions[0]?.text).toBe("gone · test");
});

test("an error is opened by its event id alone, also with a time that is not its own; errors of a trace are listed", async () => {
  const id = "0193b1c2-7a10-7000-8000-000000000003";
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const { base } = await observer((path) => {
    const query = new URLSearchParams(path.split("?")[1]);
    const found =
      query.get("event_id") === id
        ? [error(id, "the one asked for")]
        : query.get("trace_id") === trace
          ? [error("2", "the one of the trace")]
          : [];
    return { json: { records: found, next_cursor: null } };
  });
  history.replaceState(null, "", `/console/#/errors/${id}?at=2020-01-01T00:00:00Z`);
  render(() => <App base={base} token="sesame" />);
  await screen.findByText("the one asked for");
  fireEvent.click(screen.getByText("Errors", { selector: ".crumbs a" }));
  await waitFor(() => expect(location.hash).toBe("#/errors"));

  fireEvent.change(screen.getByRole("searchbox"), { target: { value: ` ${id.toUpperCase()} ` } });
  await screen.findByText("the one asked for");
  history.back();
  await waitFor(() => expect(location.hash).toBe("#/errors"));

  fireEvent.change(screen.getByRole("searchbox"), { target: { value: trace } });
  await screen.findByText("the one of the trace");
  expect(location.hash).toBe(`#/errors?trace_id=${trace}`);
});

test("a listing that fails says why and can be tried again; an empty one says what that means", async () => {
  let broken = true;
  const { base } = await observer(() =>
    broken
      ? {
          status: 503,
          headers: { "Retry-After": "5" },
          json: { detail: "the event store is being opened" },
        }
      : { json: { records: [], next_cursor: null } },
  );
  render(() => <App base={base} token="sesame" />);
  expect((await screen.findByRole("alert")).textContent).toContain(
    "the event store is being opened. Try again in 5 s.",
  );
  broken = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No errors yet")).toBeTruthy();
});

test("a login that expired says so, however many requests are refused with it", async () => {
  let expired = false;
  const { base } = await observer(() =>
    expired ? { status: 401 } : { json: { records: [], next_cursor: null } },
  );
  const auth = createAuth(base);
  await auth.enter("sesame");
  expired = true;
  await Promise.allSettled([auth.api.records({}), auth.api.records({})]);
  expect(auth.login()).toMatchObject({ state: "out", reason: "expired" });
});

test("a server that does not answer can be asked again, and a token that was typed stays", async () => {
  let restarting = true;
  const json = { sessions: [], records: [], next_cursor: null };
  const { base } = await serve(({ path }) => {
    if (path === "/health") return { json: { status: "up" } };
    return restarting ? { status: 503 } : { json };
  });
  render(() => <App base={base} token={undefined} />);
  const field = await screen.findByLabelText<HTMLInputElement>("Access token");
  fireEvent.input(field, { target: { value: "sesame" } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
  await screen.findByRole("alert");
  expect(field.isConnected).toBe(true);
  expect(field.value).toBe("sesame");

  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(document.activeElement).toBe(field);
  await screen.findByRole("alert");
  restarting = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("No errors yet");
});

test("how the server is, is asked again with each page, and that it does not answer is said", async () => {
  let status = 200;
  const { base } = await serve(({ path }) =>
    path === "/health"
      ? { status, json: { status: "up" } }
      : { json: { sessions: [], records: [], next_cursor: null } },
  );
  render(() => <App base={base} token="sesame" />);
  await screen.findByText("Server up");
  status = 502;
  fireEvent.click(screen.getByText("Sessions", { selector: "nav a" }));
  await screen.findByText("Server does not answer");
  status = 200;
  fireEvent.click(screen.getByText("Errors", { selector: "nav a" }));
  await screen.findByText("Server up");
});

test("what an error says is text, never markup", async () => {
  const evil = '<img src=x onerror="alert(1)">';
  const { base } = await observer(() => ({
    json: { records: [error("1", evil)], next_cursor: null },
  }));
  render(() => <App base={base} token="sesame" />);
  await screen.findByText(evil);
  expect(document.querySelector("img")).toBeNull();
});

test("logging out forgets the login and asks for the token again", async () => {
  const server = await observer(() => ({ json: { records: [], next_cursor: null } }));
  render(() => <App base={server.base} token="sesame" />);
  fireEvent.click(await screen.findByRole("button", { name: "Log out" }));
  await screen.findByLabelText("Access token");
  expect(
    server.requests.filter(({ method, path }) => method === "POST" && path === "/console/logout"),
  ).toHaveLength(1);
});

test("a ready link opened in a tab that shows the console logs in, and its token leaves the address", async () => {
  const { base } = await observer(() => ({ json: { records: [], next_cursor: null } }));
  render(() => <App base={base} token={undefined} />);
  await screen.findByLabelText("Access token");
  location.hash = "#sesame";
  await screen.findByText("No errors yet");
  await waitFor(() => expect(location.href).not.toContain("sesame"));
});

test("a token is taken out of the address and the history; a route is left alone", () => {
  history.pushState(null, "", "/console/?x=1#s%2Fesame");
  const entries = history.length;
  expect(takeToken(window)).toBe("s/esame");
  expect(location.href).toMatch(/\/console\/\?x=1$/);
  expect(history.length).toBe(entries);
  history.replaceState(null, "", "/console/#/errors");
  expect(takeToken(window)).toBeUndefined();
  expect(location.hash).toBe("#/errors");
});
