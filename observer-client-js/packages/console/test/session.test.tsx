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
const batch = { events: [1, 2].map((type) => ({ type: 3, timestamp: type, data: {} })) };

/** The console at the page of this session. */
async function open(detail: object) {
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
  // jsdom has no layout to scroll.
  vi.stubGlobal("scrollTo", () => {});
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
