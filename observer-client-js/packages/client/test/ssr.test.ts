// @vitest-environment node
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { build } from "vite";
import solid from "vite-plugin-solid";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { defines } from "../scripts/defines.mjs";
import { rrwebPatch } from "../scripts/rrweb-patch.mjs";

// The package's own modules in a real Node, with Solid's server build: no jsdom, no browser.

const root = join(import.meta.dirname, "..");
let folder: string;

beforeAll(async () => {
  // Below node_modules, so that solid-js is found from there.
  mkdirSync(join(root, "node_modules"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.ssr-"));
  await build({
    root,
    configFile: false,
    logLevel: "error",
    define: defines,
    plugins: [solid({ ssr: true })],
    // What an SSR app does: the router comes as JSX and is compiled for the server.
    ssr: { noExternal: [/^@solidjs\/router/], resolve: { conditions: ["solid", "node"] } },
    build: {
      ssr: true,
      outDir: folder,
      minify: false,
      rolldownOptions: {
        input: {
          index: "src/index.ts",
          solid: "src/solid/index.ts",
          router: "src/solid/router.ts",
          app: "test/ssr-app.tsx",
        },
      },
    },
  });
}, 30_000);
/** What a browser gets of the same app, as one script. */
async function browserScript(): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: "error",
    define: defines,
    plugins: [rrwebPatch(), solid({ ssr: true })],
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: "test/ssr-client.tsx",
        output: { format: "iife", codeSplitting: false },
      },
    },
  });
  if (!("output" in built)) throw new Error("one build, one output");
  return built.output[0].code;
}

/** Opens what the server rendered and lets the app take it over. */
async function hydrated(html: string, address: string, script: string) {
  // biome-ignore lint/suspicious/noExplicitAny: items are looked into field by field
  const received: any[] = [];
  const page = new JSDOM(html, {
    url: address,
    runScripts: "dangerously",
    pretendToBeVisual: true,
    beforeParse(window: object) {
      Object.assign(window, {
        TextEncoder,
        async fetch(_: string, { body }: { body: string }) {
          const batch = JSON.parse(body);
          const items = batch.errors ?? batch.events;
          received.push(...items);
          return Response.json({ accepted: items.length, rejected: [] }, { status: 202 });
        },
      });
    },
  });
  const { window } = page;
  const before = window.document.querySelector("#app p");
  window.eval(script);
  await vi.waitUntil(() => received.some((item) => item.event_type === "page_view"), 4_000);
  // Errors go before events.
  const after = window.document.querySelector("#app p");
  const running = Reflect.get(window, Symbol.for("@observer/client"));
  await running.close();
  window.close();
  return { received, before, after };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function node(script: string): string {
  const file = join(folder, "run.mjs");
  writeFileSync(file, script);
  return execFileSync(process.execPath, [file], { encoding: "utf8" }).trim();
}

test("importing and using the client under Node does nothing and never throws", () => {
  const printed = node(`
    import { createObserver } from "./index.js";
    const before = Object.keys(globalThis).length;
    const observer = createObserver({ replay: "always" });
    observer.track("x"); observer.pageView(); observer.identify("u"); observer.reset();
    observer.addBreadcrumb("x"); observer.setFeatureFlags({ a: true });
    observer.sessionReplay.start(); observer.sessionReplay.stop();
    await observer.flush(); await observer.close();
    console.log(JSON.stringify([
      observer.captureException(new Error("x")) ?? null,
      observer.drops(),
      Object.keys(globalThis).length - before,
    ]));
  `);
  expect(JSON.parse(printed)).toEqual([null, {}, 0]);
});

test("the Solid parts render on the server what they wrap, and nothing else", () => {
  const printed = node(`
    import { renderPage } from "./app.js";
    console.log(JSON.stringify([renderPage("/orders/7"), renderPage("/broken")]));
  `);
  const [page, broken] = JSON.parse(printed);
  expect(page).toMatch(/<p[^>]*>page<\/p>/);
  expect(broken).toContain("fallback: Error: on the server");
});

test("a page that the server rendered is taken over as it is, and its errors are reported once", async () => {
  const printed = node(`
    import { documentOf } from "./app.js";
    console.log(JSON.stringify([documentOf("/orders/7"), documentOf("/broken")]));
  `);
  const [page, broken] = JSON.parse(printed);
  const script = await browserScript();

  const whole = await hydrated(page, "https://shop.example/orders/7", script);
  expect(whole.after?.textContent).toBe("page");
  expect(whole.after).toBe(whole.before);
  expect(whole.received.filter((item) => item.error_type)).toEqual([]);
  expect(whole.received.filter((item) => item.event_type === "page_view")).toMatchObject([
    { route: "/orders/:id", url: "https://shop.example/orders/7" },
  ]);

  const failed = await hydrated(broken, "https://shop.example/broken", script);
  expect(failed.after?.textContent).toBe("fallback: Error: on the server");
  expect(failed.received.filter((item) => item.error_type)).toMatchObject([
    { message: "on the server", mechanism: "error_boundary", handled: true },
  ]);
}, 60_000);
