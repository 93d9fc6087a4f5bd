import { afterEach, beforeEach, expect, test } from "vitest";
import { type Breadcrumbs, createBreadcrumbs } from "../src/activity/breadcrumbs";
import { watchClicks } from "../src/activity/clicks";
import { thrownTo, watchConsole } from "../src/activity/console";
import { type Typed, watchTyped } from "../src/activity/typed";
import { byteLength, LIMITS } from "../src/event/limits";
import { settingsOf } from "../src/options";
import { testHost } from "./host";

let typed: Typed;
let crumbs: Breadcrumbs;
let stop: () => void;
const original = { error: console.error, warn: console.warn };
const written: unknown[][] = [];
const captured: unknown[] = [];

function open(consoleErrors = false): void {
  typed = watchTyped();
  crumbs = createBreadcrumbs(() => Date.UTC(2026, 10, 22), typed.mask);
  const { host } = testHost({
    settings: settingsOf({ consoleErrors }),
    addBreadcrumb: crumbs.addBreadcrumb,
    captureException: (thrown, about) => {
      captured.push([thrown, about?.mechanism]);
      return undefined;
    },
  });
  const stops = [watchClicks(host), watchConsole(host), typed.stop];
  stop = () => {
    for (const each of stops) each();
  };
}

beforeEach(() => {
  written.length = captured.length = 0;
  console.error = console.warn = (...args) => written.push(args);
  open();
});
afterEach(() => {
  stop();
  document.body.replaceChildren();
  Object.assign(console, original);
});

const kept = () => crumbs.breadcrumbs() ?? [];
const lines = () => kept().map((crumb) => `${crumb.category} ${crumb.message}`);

function type(selector: string, value: string): void {
  const field = document.querySelector<HTMLInputElement>(selector);
  if (field === null) throw new Error(selector);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
}

test("a navigation is told without the query of a route in the fragment", () => {
  crumbs.addBreadcrumb("navigation", "/#/find?q=blue → /#/reset?token=abc", undefined);
  expect(crumbs.breadcrumbs()?.map(({ message }) => message)).toEqual(["/#/find → /#/reset"]);
});

test("a click names the element, never what it shows or holds", () => {
  document.body.innerHTML =
    '<form id="pay"><label>Jane Doe <input name="card" value="4111"></label><button type="button" class="primary big wide">Pay 12</button></form>';
  document.querySelector<HTMLElement>("button")?.click();
  document.querySelector<HTMLElement>("input")?.click();
  const clicks = lines().filter((line) => line.startsWith("click"));
  expect(clicks).toEqual([
    "click form#pay > button.primary.big",
    "click form#pay > label > input[name=card]",
  ]);
});

test("a form is named by its own attributes, whatever its fields are called", () => {
  const fields = '<input name="id"><input name="name">';
  document.body.innerHTML = `<form class="pay">${fields}</form><form id="ask">${fields}</form>`;
  for (const form of document.forms) {
    // As browsers have it, and jsdom has not.
    for (const field of form.querySelectorAll("input")) {
      Object.defineProperty(form, field.name, { value: field });
    }
    form.click();
  }
  expect(lines()).toEqual(["click body > form.pay", "click form#ask"]);
});

test("console errors and warnings are kept, and still written", () => {
  console.error("failed", { code: 7 }, new Error("why"));
  console.warn("careful");
  expect(lines()).toEqual(['console failed {"code":7} Error: why', "console careful"]);
  expect(kept()[0]).toMatchObject({
    timestamp: "2026-11-22T00:00:00.000Z",
    properties: { level: "error" },
  });
  expect(written).toHaveLength(2);
});

test("what was typed does not come back through the console", () => {
  document.body.innerHTML =
    '<input id="mail"><input id="pass" type="password"><textarea></textarea>';
  type("#mail", "jane@example.org");
  type("#pass", "hunter22");
  type("textarea", "a long confession");
  console.error("invalid address jane@example.org", { password: "hunter22" });
  type("#mail", "");
  console.warn("cleared jane@example.org and a long confession");
  const all = JSON.stringify(crumbs.breadcrumbs());
  for (const secret of ["jane", "hunter", "confession"]) expect(all).not.toContain(secret);
  expect(all).toContain("invalid address ****************");
});

test("errors that are written are errors when asked for, warnings never", () => {
  console.error("failed", 7);
  expect(captured).toEqual([]);
  stop();
  open(true);
  const error = new TypeError("why");
  console.error("failed", error);
  console.warn("careful", error);
  expect(captured).toEqual([[error, "console"]]);
});

test("of console.error's arguments the error is what was thrown, or else the words", () => {
  const error = new TypeError("why");
  expect(thrownTo(["failed", error])).toBe(error);
  expect(thrownTo(["failed", { code: 7 }])).toMatchObject({
    name: "console.error",
    message: 'failed {"code":7}',
  });
});

test("all together are bounded, the oldest make room", () => {
  for (let i = 0; i < 40; i++) crumbs.addBreadcrumb("custom", `${i} ${"é".repeat(500)}`);
  expect(byteLength(JSON.stringify(kept()))).toBeLessThanOrEqual(LIMITS.breadcrumbsBytes + 40);
  expect(kept().length).toBeGreaterThan(10);
  expect(kept().at(-1)?.message.startsWith("39 ")).toBe(true);
});

test("only the latest are kept, each bounded", () => {
  for (let i = 0; i < LIMITS.breadcrumbs + 5; i++) crumbs.addBreadcrumb("custom", `${i}`);
  expect(kept()).toHaveLength(LIMITS.breadcrumbs);
  expect(kept()[0]?.message).toBe("5");
  crumbs.addBreadcrumb("custom", "x".repeat(1e5));
  const [last] = kept().slice(-1);
  expect(byteLength(last?.message ?? "")).toBeLessThanOrEqual(LIMITS.breadcrumbBytes);
});

test("hostile console arguments reach the console and harm nothing", () => {
  const hostile = {
    get boom() {
      throw new Error("no");
    },
    toString() {
      throw new Error("no");
    },
  };
  console.error(hostile, Object.create(null), Symbol("s"));
  expect(written).toHaveLength(1);
});

test("stop gives everything back", () => {
  const wrapped = console.error;
  stop();
  expect(console.error).not.toBe(wrapped);
  console.error("after");
  document.body.click();
  expect(lines()).toEqual([]);
});

test("a wrapper that someone wrapped again passes calls on after stop", () => {
  const ours = console.error;
  console.error = (...args) => ours(...args);
  stop();
  console.error("after");
  expect(written).toEqual([["after"]]);
  expect(lines()).toEqual([]);
});
