import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Breadcrumbs,
  captureBreadcrumbs,
  createBreadcrumbs,
} from "../src/capture/breadcrumbs";
import { type Typed, watchTyped } from "../src/capture/typed";
import { byteLength, LIMITS } from "../src/event/limits";

let typed: Typed;
let crumbs: Breadcrumbs;
let stop: () => void;
let answer: () => Promise<Response>;
const original = { fetch: window.fetch, error: console.error, warn: console.warn };
const written: unknown[][] = [];

beforeEach(() => {
  written.length = 0;
  console.error = console.warn = (...args) => written.push(args);
  window.fetch = () => answer();
  typed = watchTyped();
  crumbs = createBreadcrumbs(() => Date.UTC(2026, 10, 22), typed.mask);
  stop = captureBreadcrumbs(crumbs, (url) => url.startsWith("/api/observer"));
});
afterEach(() => {
  stop();
  typed.stop();
  document.body.replaceChildren();
  Object.assign(console, { error: original.error, warn: original.warn });
  window.fetch = original.fetch;
});

const lines = () => crumbs.read().map((crumb) => `${crumb.category} ${crumb.message}`);

function type(selector: string, value: string): void {
  const field = document.querySelector<HTMLInputElement>(selector);
  if (field === null) throw new Error(selector);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
}

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

test("console errors and warnings are kept, and still written", () => {
  console.error("failed", { code: 7 }, new Error("why"));
  console.warn("careful");
  expect(lines()).toEqual(['console failed {"code":7} Error: why', "console careful"]);
  expect(crumbs.read()[0]).toMatchObject({
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
  const all = JSON.stringify(crumbs.read());
  for (const secret of ["jane", "hunter", "confession"]) expect(all).not.toContain(secret);
  expect(all).toContain("invalid address ****************");
});

test("failed requests are kept without their query, successful ones and ours are not", async () => {
  answer = async () => new Response("", { status: 500 });
  await fetch("/cart?token=secret", { method: "post" });
  await fetch("/api/observer/events");
  answer = async () => new Response("", { status: 200 });
  await fetch("/fine");
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await expect(fetch("https://elsewhere.example/x?y=1")).rejects.toThrow("Failed to fetch");
  expect(lines()).toEqual(["http POST /cart 500", "http GET https://elsewhere.example/x failed"]);
});

test("only the latest are kept, each bounded", () => {
  for (let i = 0; i < LIMITS.breadcrumbs + 5; i++) crumbs.add("custom", `${i} ${"x".repeat(1e5)}`);
  const kept = crumbs.read();
  expect(kept).toHaveLength(LIMITS.breadcrumbs);
  expect(kept[0]?.message.startsWith("5 ")).toBe(true);
  expect(byteLength(kept[0]?.message ?? "")).toBeLessThanOrEqual(LIMITS.breadcrumbBytes);
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
