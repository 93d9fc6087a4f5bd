import { cleanup, configure, fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../src/app";
import { type Answer, observer } from "./server";

// A busy machine takes longer than the second that is the default.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 20_000 });

const START = "2026-11-25T10:00:00.000Z";
const session = { session_id: "session-1", first_time: START, last_time: START };
const recording = {
  recording_id: "recording-1",
  start_time: START,
  batches: [{ sequence: 0, bytes: 1 }],
  missing: [],
};
/** Two events without a snapshot, so that no player is needed. */
const unplayable = { events: [1, 2].map((type) => ({ type: 3, timestamp: type, data: {} })) };

/** The console at the page of this session. */
async function open(detail: object, batch: object = unplayable) {
  const answers: [string, Answer][] = [
    ["/replays/", { json: batch }],
    ["/sessions/", { json: { ...session, ...detail } }],
  ];
  const server = await observer(
    () => ({ json: { records: [], next_cursor: null } }),
    (path) =>
      answers.find(([begin]) => path.startsWith(begin))?.[1] ?? {
        json: { sessions: [], next_cursor: null },
      },
  );
  history.replaceState(null, "", "/console/#/sessions/session-1");
  render(() => <App base={server.base} token="sesame" />);
  return server;
}

afterEach(cleanup);

beforeEach(() => {
  // jsdom has no layout to scroll or to measure.
  vi.stubGlobal("scrollTo", () => {});
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});

test("a session that was recorded, but of which the server has nothing, is not called one without replay", async () => {
  await open({ has_replay: true, recordings: [] });
  await screen.findByText(/It was recorded, but this server has nothing of it/);
});

test("a session that was not recorded says that replays are off", async () => {
  await open({ has_replay: false, recordings: [] });
  await screen.findByText(/Replays are off unless/);
});

test("a refresh of a session does not start its replay over", async () => {
  const server = await open({ has_replay: true, recordings: [recording] });
  const asked = (begin: string) =>
    server.requests.filter(({ path }) => path.startsWith(begin)).length;
  const shown = await screen.findByText("This recording cannot be played");
  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
  await waitFor(() => expect(asked("/sessions/session-1")).toBe(2));
  await waitFor(() => expect(asked("/records?session_id")).toBe(2));
  await screen.findByText("This recording cannot be played");
  expect(asked("/replays/")).toBe(1);
  expect(shown.isConnected).toBe(true);
});

test("the player has the focus once its big button is gone", async () => {
  // The player insists on a sandbox, which jsdom does not know, and scrolls inside of it, which jsdom cannot.
  Object.defineProperty(HTMLIFrameElement.prototype, "sandbox", {
    configurable: true,
    get(this: HTMLIFrameElement) {
      Object.assign(this.contentWindow ?? {}, { scrollTo() {} });
      return this.getAttribute("sandbox")?.split(" ") ?? [];
    },
  });
  const timestamp = Date.parse(START);
  const element = (id: number, tagName: string, ...childNodes: object[]) => ({
    ...{ type: 2, tagName, attributes: {}, id, childNodes },
  });
  const html = element(2, "html", element(3, "head"), element(4, "body"));
  const events = [
    { type: 4, data: { href: "https://shop.example/", width: 800, height: 600 }, timestamp },
    {
      type: 2,
      data: {
        node: { type: 0, childNodes: [html], id: 1 },
        initialOffset: { left: 0, top: 0 },
      },
      timestamp: timestamp + 1,
    },
    { type: 3, data: { source: 1, positions: [] }, timestamp: timestamp + 60_000 },
  ];
  await open({ has_replay: true, recordings: [recording] }, { events });
  const play = await waitFor(() => {
    const button = document.querySelector<HTMLButtonElement>(".stage-play");
    if (button === null) throw new Error("no player yet");
    return button;
  });
  play.focus();
  fireEvent.click(play);
  await waitFor(() => expect(play.isConnected).toBe(false));
  expect(document.activeElement?.className).toBe("player");
});
