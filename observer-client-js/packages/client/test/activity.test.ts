import { afterEach, expect, test, vi } from "vitest";
import { startActivity, startAfterLoad } from "../src/activity/activity";
import type { Viewed } from "../src/capture/page-views";
import { createIdentity } from "../src/identity";
import type { Part } from "../src/part";
import type { RecordingControl } from "../src/replay/recording";
import { testCore, testHost } from "./host";

afterEach(() => Reflect.deleteProperty(document, "readyState"));

function part() {
  const calls: string[] = [];
  const start: Part = () => {
    calls.push("start");
    return { stop: () => calls.push("stop") };
  };
  return { calls, load: async () => start };
}
const loading = () =>
  Object.defineProperty(document, "readyState", { value: "loading", configurable: true });
const task = () => new Promise((resolve) => setTimeout(resolve, 0));

test("a part is loaded after the page, started, and stopped", async () => {
  loading();
  const { calls, load } = part();
  const stop = startAfterLoad(testHost().host, [load], vi.fn());
  await task();
  expect(calls).toEqual([]);
  dispatchEvent(new Event("load"));
  await task();
  expect(calls).toEqual(["start"]);
  stop();
  expect(calls).toEqual(["start", "stop"]);
});

test("a part that arrives after the end is not started", async () => {
  const { calls, load } = part();
  startAfterLoad(testHost().host, [load], vi.fn())();
  await task();
  expect(calls).toEqual([]);
});

test("a part that cannot be loaded is counted, and the others go on", async () => {
  const { calls, load } = part();
  const unavailable = vi.fn();
  startAfterLoad(testHost().host, [() => Promise.reject(new Error("404")), load], unavailable);
  await task();
  expect(unavailable).toHaveBeenCalledOnce();
  expect(calls).toEqual(["start"]);
});

const never = () => Promise.reject(new Error("not asked for"));

test.each([
  [{}, ["vitals"]],
  [{ autocapture: true }, ["vitals", "autocapture"]],
  [{ vitals: false }, []],
  [{ vitals: false, replay: "always" }, ["recorder"]],
  [{ vitals: false, replay: { mode: "on-error" } }, ["recorder"]],
  [{ vitals: false, replay: "always", sampling: { replay: 0 } }, []],
] as const)("with %j are loaded %j", async (options, wanted) => {
  const loaded: string[] = [];
  const later = (name: string) => () => {
    loaded.push(name);
    return never();
  };
  startActivity(testCore(options).core, {
    recorder: later("recorder"),
    vitals: later("vitals"),
    autocapture: later("autocapture"),
  }).stop();
  expect(loaded).toEqual(wanted);
});

test("leaving a page says how it was used, and only if there was one", () => {
  const { core, events } = testCore({ vitals: false });
  const views: Viewed[] = [];
  const activity = startActivity(
    { ...core, pageViews: { ...core.pageViews, views } },
    { recorder: never, vitals: never, autocapture: never },
  );
  activity.leave(true);
  expect(events).toEqual([]);
  const view = {
    event_id: "view-1",
    session_id: "session-1",
    since: 0,
    url: "/",
    route: undefined,
  };
  views.push(view);
  activity.leave(false);
  expect(events).toEqual([
    [
      "observer.page_leave",
      { page_view_id: "view-1", engaged_ms: expect.any(Number), scroll_depth: expect.any(Number) },
      view,
      "session-1",
    ],
  ]);
  activity.stop();
});

test("a visitor who opts out in another tab is no longer recorded in this one, which stores nothing more", async () => {
  localStorage.clear();
  const { core } = testCore({ vitals: false, replay: "always" });
  let now = 0;
  const identity = createIdentity({ now: () => now, newId: () => "session-1" });
  let control: RecordingControl | undefined;
  const recording = { send() {}, cut() {}, stop: vi.fn() };
  const activity = startActivity(
    { ...core, identity, isSilent: identity.isOptedOut },
    {
      recorder: async () => ({
        startRecording(given) {
          control = given;
          return recording;
        },
      }),
      vitals: never,
      autocapture: never,
    },
  );
  await vi.waitUntil(() => control);
  expect(control?.sessionId()).toBe("session-1");
  createIdentity({ now: Date.now, newId: () => "other-tab" }).choose(true);
  now += 60_000;
  expect(control?.sessionId()).toBe("session-1");
  expect({ ...localStorage }).toEqual({ "observer.consent": "out" });
  await task();
  expect(recording.stop).toHaveBeenCalledOnce();
  activity.stop();
  localStorage.clear();
});
