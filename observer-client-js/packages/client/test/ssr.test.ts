// @vitest-environment node
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import solid from "vite-plugin-solid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defines } from "../scripts/defines.mjs";

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
