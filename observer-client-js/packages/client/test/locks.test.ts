import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLocks } from "../src/activity/locks";

type Holder = () => Promise<unknown>;

/** Locks of a browser: one holder a name, others wait in order or until they are told not to. */
function browserLocks() {
  const queues = new Map<string, Promise<unknown>>();
  return {
    request(name: string, { signal }: { signal: AbortSignal }, hold: Holder) {
      const before = queues.get(name) ?? Promise.resolve();
      const mine = before.then(() => (signal.aborted ? undefined : hold()));
      queues.set(name, mine);
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        mine.then(resolve, reject);
      });
    },
  };
}

/** Work that lasts until it is told to end. */
function work() {
  let end = () => {};
  const started = vi.fn();
  const ended = new Promise<string>((resolve) => {
    end = () => resolve("done");
  });
  return {
    started,
    end,
    act: () => {
      started();
      return ended;
    },
  };
}

const settle = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  Reflect.set(navigator, "locks", browserLocks());
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(navigator, "locks");
});

test("two pages take turns under one name and not under two", async () => {
  const [one, two, three] = [work(), work(), work()];
  const result = createLocks().exclusively("a", one.act);
  void createLocks().exclusively("a", two.act);
  void createLocks().exclusively("b", three.act);
  await settle();
  expect([one, two, three].map(({ started }) => started.mock.calls.length)).toEqual([1, 0, 1]);
  one.end();
  await settle();
  expect(two.started).toHaveBeenCalledTimes(1);
  expect(await result).toBe("done");
});

test("a page that was frozen while it held the name stops others for 40 s only", async () => {
  const [frozen, waiting] = [work(), work()];
  void createLocks().exclusively("a", frozen.act);
  void createLocks().exclusively("a", waiting.act);
  await vi.advanceTimersByTimeAsync(39_000);
  expect(waiting.started).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(waiting.started).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(frozen.started).toHaveBeenCalledTimes(1);
});

test("a page that is left lets others go on while its own work ends", async () => {
  const [leaving, next] = [work(), work()];
  const locks = createLocks();
  const result = locks.exclusively("a", leaving.act);
  void createLocks().exclusively("a", next.act);
  await settle();
  locks.release();
  await settle();
  expect(next.started).toHaveBeenCalledTimes(1);
  leaving.end();
  expect(await result).toBe("done");
  expect(leaving.started).toHaveBeenCalledTimes(1);
});

test("without Web Locks nobody waits", async () => {
  Reflect.deleteProperty(navigator, "locks");
  const [one, two] = [work(), work()];
  void createLocks().exclusively("a", one.act);
  void createLocks().exclusively("a", two.act);
  await settle();
  expect([one, two].map(({ started }) => started.mock.calls.length)).toEqual([1, 1]);
});
