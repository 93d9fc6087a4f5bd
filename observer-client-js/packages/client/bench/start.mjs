/**
 * What the start of the script costs the main thread of a fresh page, in milliseconds:
 *   npm run build && npm run bench:start [-- --runs 21]
 * Running it, to the end of the task, everything watched. Compiling, which a browser does beside the
 * main thread for a script that is `async`, is not in it, nor what comes in tasks of their own: the activity, the database, the first request. In time of the
 * processor, because other programs do not count, and beside it in time of the clock.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChromium } from "./replay/chromium.mjs";

const MOST_MS = 2;
const { values: options } = parseArgs({ options: { runs: { type: "string", default: "21" } } });
const folder = fileURLToPath(new URL("../dist/script/", import.meta.url));
const files = new Map(readdirSync(folder).map((name) => [`/${name}`, readFileSync(folder + name)]));

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const file = files.get(pathname);
  response.writeHead(pathname === "/" || file ? 200 : 404, {
    "content-type": file ? "text/javascript" : "text/html",
    // For a clock of microseconds.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  });
  response.end(file ?? "<!doctype html><title>Start</title><h1>Start</h1>");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const PREPARE = `fetch("/client.js").then((answer) => answer.text()).then((code) => {
  window.script = document.createElement("script");
  window.script.textContent = code;
})`;
const START = `(() => {
  const started = performance.now();
  document.head.append(window.script);
  return { clockMs: performance.now() - started, works: typeof window.observer === "object" };
})()`;

const chromium = startChromium();
const times = [];
try {
  for (let i = 0; i <= Number(options.runs); i++) {
    const page = await chromium.open();
    // Of the processor, not of the clock.
    await page.send("Performance.enable", { timeDomain: "threadTicks" });
    const scriptMs = async () => {
      const { metrics } = await page.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "ScriptDuration").value * 1000;
    };
    await page.send("Page.enable");
    const loaded = new Promise((resolve) => page.on("Page.loadEventFired", resolve));
    await page.send("Page.navigate", { url: `${origin}/` });
    await loaded;
    await page.evaluate(PREPARE);
    const before = await scriptMs();
    const { clockMs, works } = await page.evaluate(START);
    const ms = (await scriptMs()) - before;
    if (!works) throw new Error("the script did not start");
    // The first page of a browser is slower.
    if (i > 0) times.push({ ms, clockMs });
    await page.close();
  }
} finally {
  await chromium.stop();
  server.close();
}
const median = (name) =>
  times.map((time) => time[name]).sort((a, b) => a - b)[Math.floor(times.length / 2)];
console.log(
  `start, median of ${times.length}: ${median("ms").toFixed(2)} ms of the processor, ${median("clockMs").toFixed(2)} ms of the clock`,
);
if (median("ms") > MOST_MS) throw new Error(`more than ${MOST_MS} ms`);
