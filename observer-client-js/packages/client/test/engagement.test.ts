import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEngagement, type Engagement } from "../src/activity/engagement";

let engagement: Engagement;
let visible = true;

function box(element: Element, scrollTop: number, clientHeight: number, scrollHeight: number) {
  for (const [name, value] of Object.entries({ scrollTop, clientHeight, scrollHeight })) {
    Object.defineProperty(element, name, { value, configurable: true });
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  visible = true;
  Object.defineProperty(document, "visibilityState", {
    get: () => (visible ? "visible" : "hidden"),
    configurable: true,
  });
  Object.defineProperty(document, "scrollingElement", {
    value: document.documentElement,
    configurable: true,
  });
  box(document.documentElement, 0, innerHeight, innerHeight * 4);
  engagement = createEngagement();
});
afterEach(() => {
  engagement.stop();
  vi.useRealTimers();
  Reflect.deleteProperty(document, "visibilityState");
  Reflect.deleteProperty(document, "scrollingElement");
});

function pass(ms: number, sign?: string): void {
  vi.advanceTimersByTime(ms);
  if (sign) document.dispatchEvent(new Event(sign, { bubbles: true }));
}
function show(now: boolean): void {
  visible = now;
  pass(0, "visibilitychange");
}

test("time counts while the visitor does something, and half a minute beyond", () => {
  pass(20_000, "pointermove");
  pass(10_000, "keydown");
  pass(600_000);
  expect(engagement.take()).toEqual({ engaged_ms: 60_000, scroll_depth: 0.25 });
});

test("a page that scrolls by itself engages nobody, one that is scrolled by its visitor does", () => {
  for (let line = 0; line < 60; line++) pass(1_000, "scroll");
  expect(engagement.take()).toMatchObject({ engaged_ms: 30_000 });
  for (let turn = 0; turn < 60; turn++) {
    pass(1_000, "wheel");
    pass(0, "scroll");
  }
  expect(engagement.take()).toMatchObject({ engaged_ms: 60_000 });
});

test("a page in the background engages nobody", () => {
  pass(5_000);
  show(false);
  pass(60_000, "pointermove");
  show(true);
  pass(2_000);
  expect(engagement.take()).toMatchObject({ engaged_ms: 7_000 });
});

test("what was said is not said again", () => {
  pass(1_000);
  expect(engagement.take()).toMatchObject({ engaged_ms: 1_000 });
  expect(engagement.take()).toBeUndefined();
  pass(500);
  expect(engagement.take()).toMatchObject({ engaged_ms: 500 });
});

test("a page that is left at once is said too, once", () => {
  expect(engagement.take()).toEqual({ engaged_ms: 0, scroll_depth: 0.25 });
  expect(engagement.take()).toBeUndefined();
});

test("the depth is the deepest, of the document or of what fills the window", () => {
  box(document.documentElement, innerHeight, innerHeight, innerHeight * 4);
  pass(0, "scroll");
  box(document.documentElement, 0, innerHeight, innerHeight * 4);
  pass(0, "scroll");
  expect(engagement.take()).toMatchObject({ scroll_depth: 0.5 });
  const main = document.body.appendChild(document.createElement("main"));
  const list = document.body.appendChild(document.createElement("ul"));
  box(main, 800, 600, 2000);
  box(list, 900, 100, 1000);
  list.dispatchEvent(new Event("scroll"));
  main.dispatchEvent(new Event("scroll"));
  expect(engagement.take()).toMatchObject({ scroll_depth: 0.7 });
});

test("another page begins anew", () => {
  box(document.documentElement, innerHeight * 3, innerHeight, innerHeight * 4);
  pass(3_000, "scroll");
  expect(engagement.take()).toEqual({ engaged_ms: 3_000, scroll_depth: 1 });
  box(document.documentElement, 0, innerHeight, innerHeight);
  engagement.begin();
  pass(1_000);
  expect(engagement.take()).toEqual({ engaged_ms: 1_000, scroll_depth: 1 });
});
