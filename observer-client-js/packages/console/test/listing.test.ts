import { createRoot } from "solid-js";
import { afterEach, expect, test, vi } from "vitest";
import type { Page } from "../src/api/client";
import { createListing, type From, type Listing } from "../src/ui/load";

afterEach(() => vi.useRealTimers());

/** A listing whose pages are answered by hand, in the order they are asked for. */
function listing() {
  const asked: { from: From; answer(...items: string[]): Promise<void> }[] = [];
  const { list, dispose } = createRoot((dispose) => ({
    dispose,
    list: createListing<undefined, string>(
      () => undefined,
      (_, from) =>
        new Promise<Page<string>>((resolve) => {
          asked.push({
            from,
            async answer(...items) {
              resolve({ items, next: `after ${items.at(-1)}`, unread: 0 });
              await new Promise((after) => setTimeout(after));
            },
          });
        }),
      (item) => item,
    ),
  }));
  return { list: list as Listing<string>, asked, dispose };
}

test("a page of the old list that comes after the new one is dropped, and the next can be asked for", async () => {
  const { list, asked, dispose } = listing();
  await asked[0]?.answer("2");
  list.reload();
  list.loadOlder();
  await asked[1]?.answer("3");
  expect(list.older()).toBe("idle");
  await asked[2]?.answer("1");
  expect(list.items()).toEqual(["3"]);
  list.loadOlder();
  expect(asked[3]?.from.cursor).toBe("after 3");
  dispose();
});

test("an older page is asked for as of the moment of the first one", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { list, asked, dispose } = listing();
  await asked[0]?.answer("2");
  vi.setSystemTime(Date.now() + 60_000);
  list.loadOlder();
  await asked[1]?.answer("1");
  list.loadOlder();
  const moments = asked.map(({ from }) => from.moment);
  expect(moments).toEqual([moments[0], moments[0], moments[0]]);
  dispose();
});
