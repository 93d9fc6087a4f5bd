import { afterEach, expect, test, vi } from "vitest";
import { startActivity, startAfterLoad } from "../src/activity/activity";
import type { Viewed } from "../src/capture/page-views";
import type { Part } from "../src/part";
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
