import { afterEach, expect, test, vi } from "vitest";
import { startActivity, startAfterLoad } from "../src/activity/activity";
import { settingsOf } from "../src/options";
import type { Part } from "../src/part";
import { testHost } from "./host";

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
  const stop = startAfterLoad(testHost().host, [load]);
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
  startAfterLoad(testHost().host, [load])();
  await task();
  expect(calls).toEqual([]);
});

test("a part that cannot be loaded is counted, and the others go on", async () => {
  const { calls, load } = part();
  const { host, unavailable } = testHost();
  startAfterLoad(host, [() => Promise.reject(new Error("404")), false, undefined, load]);
  await task();
  expect(unavailable).toHaveLength(1);
  expect(calls).toEqual(["start"]);
});

test.each([
  [{}, ["vitals"]],
  [{ autocapture: true }, ["vitals", "autocapture"]],
  [{ vitals: false }, []],
])("with %j are loaded %j", async (options, wanted) => {
  const loaded: string[] = [];
  const later = (name: string) => async () => {
    loaded.push(name);
    return part().load();
  };
  const { host } = testHost({ settings: settingsOf(options) });
  startActivity(host, { vitals: later("vitals"), autocapture: later("autocapture") }).stop();
  expect(loaded).toEqual(wanted);
});

test("leaving a page says how it was used, and only if there was one", () => {
  let view: string | undefined;
  const { host, reports } = testHost({ viewId: () => view });
  const never = vi.fn();
  const activity = startActivity(
    { ...host, settings: settingsOf({ vitals: false }) },
    { vitals: never, autocapture: never },
  );
  activity.leave(true);
  expect(reports).toEqual([]);
  view = "view-1";
  activity.leave(false);
  expect(reports).toMatchObject([{ name: "page_leave", time: expect.any(Number) }]);
  activity.stop();
  expect(never).not.toHaveBeenCalled();
});
