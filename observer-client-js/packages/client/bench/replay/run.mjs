/**
 * What a replay costs the page and the wire, as ratios to the same page without a script:
 *   npm run build && npm run bench:replay [-- --runs 7 --rounds 2 --only none,observer --lowest --profile file]
 * In Chromium, each variant in turn, medians of all runs. rrweb as it is runs beside, recording into
 * memory and sending its JSON every five seconds.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "vite";
import { startChromium } from "./chromium.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    rounds: { type: "string", default: "2" },
    rest: { type: "string", default: "150" },
    only: { type: "string", default: "none,core,observer,rrweb" },
    /** The lowest instead of the medians: on a machine that others use. */
    lowest: { type: "boolean", default: false },
    /** Writes a CPU profile of the last run of the last variant. */
    profile: { type: "string" },
  },
});
const client = fileURLToPath(new URL("../../", import.meta.url));
const script = `${client}dist/script/`;
if (!existsSync(script)) throw new Error("build first: npm run build");

const VARIANTS = {
  none: "",
  core: '<script src="/api/observer/client.js" async></script>',
  observer: '<script src="/api/observer/client.js" data-replay="always" async></script>',
  rrweb: '<script type="module" src="/rrweb.js"></script>',
};
const RRWEB = `
import { record } from "/record.js";
let events = [];
record({ emit: (event) => events.push(event), maskAllInputs: true });
setInterval(() => {
  const batch = events;
  events = [];
  if (batch.length > 0) fetch("/rrweb", { method: "POST", body: JSON.stringify({ events: batch }) });
}, 5000);`;

const { unpack } = await importOf(`${client}../console/src/replay/unpack.ts`);
const received = { observer: [], rrweb: [] };
const server = createServer(answer).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const chromium = startChromium();
const variants = options.only.split(",");
const figures = Object.fromEntries(variants.map((name) => [name, []]));
try {
  await run("none"); // The first page of a browser is slower.
  for (let i = 0; i < Number(options.runs); i++) {
    // Each in each place of the order.
    const order = variants.map((_, at) => variants[(at + i) % variants.length]);
    for (const name of order) figures[name].push(await run(name));
    process.stderr.write(`run ${i + 1} of ${options.runs}\n`);
  }
} finally {
  await chromium.stop();
  server.close();
}
report();

async function run(variant) {
  const page = await chromium.open();
  // Time of the processor, not of the clock: other programs do not count.
  await page.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.send("Page.enable");
  if (options.profile) {
    await page.send("Profiler.enable");
    await page.send("Profiler.setSamplingInterval", { interval: 200 });
    await page.send("Profiler.start");
  }
  const loaded = new Promise((resolve) => page.on("Page.loadEventFired", resolve));
  received.observer = [];
  received.rrweb = [];
  await page.send("Page.navigate", { url: `${origin}/?${variant}` });
  await loaded;
  await sleep(700);
  const operations = await page.evaluate(`stress(${options.rounds}, ${options.rest})`);
  await act(page);
  // What is recorded is sent in the end.
  await sleep(6_000);
  const { metrics } = await page.send("Performance.getMetrics");
  const metric = (name) => metrics.find((one) => one.name === name).value * 1000;
  if (options.profile) {
    const { profile } = await page.send("Profiler.stop");
    writeFileSync(options.profile, JSON.stringify(profile));
  }
  await page.close();
  return {
    operations,
    task: metric("TaskDuration"),
    script: metric("ScriptDuration"),
    bytes: bytesOf(variant),
  };
}

/** A visitor who moves the mouse, types, scrolls. */
async function act(page) {
  for (let i = 0; i < 60; i++) {
    const [x, y] = [100 + i * 8, 100 + ((i * 37) % 300)];
    await page.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    await sleep(16);
  }
  await page.evaluate('document.querySelector("#search").focus()');
  for (const text of "blue vase, not too large") {
    await page.send("Input.insertText", { text });
    await sleep(30);
  }
  for (let i = 0; i < 10; i++) {
    await page.evaluate(`document.scrollingElement.scrollTop = ${i * 40}`);
    await sleep(30);
  }
}

/** What went over the wire, and what the same events are as rrweb's JSON in the same batches, gzipped. */
function bytesOf(variant) {
  if (variant === "rrweb") {
    return { json: sum(received.rrweb.map((body) => gzipSync(body).length)), events: 0 };
  }
  let wire = 0;
  let json = 0;
  let events = 0;
  for (const body of received.observer) {
    wire += body[0] === 0x1f ? body.length : gzipSync(body).length;
    const batch = JSON.parse(body[0] === 0x1f ? gunzipSync(body) : body);
    const plain = batch.encoding === "packed-2" ? unpack(batch.events) : batch.events;
    events += plain.length;
    json += gzipSync(JSON.stringify({ ...batch, encoding: "rrweb", events: plain })).length;
  }
  return { wire, json, events };
}

function report() {
  const base = figures.none ?? [];
  const names = Object.keys(Object.values(figures)[0][0].operations);
  const blocked = (one, name) => typical(one.operations[name].blocked);
  const framed = (one, name) => typical(one.operations[name].frame);
  const all = (runs, of) => sum(names.map((name) => typical(runs.map((one) => of(one, name)))));
  console.log(
    `${options.lowest ? "lowest" : "medians"} of ${options.runs} runs, ${options.rounds} rounds; ms, ratio to no script\n`,
  );
  const line = (title, of) => {
    const cells = variants.map((name) => {
      const value = of(figures[name]);
      const ratio = base.length > 0 && name !== "none" ? ` ${(value / of(base)).toFixed(2)}×` : "";
      return `${value.toFixed(value < 10 ? 2 : 1)}${ratio}`.padStart(18);
    });
    console.log(title.padEnd(34) + cells.join(""));
  };
  console.log("".padEnd(34) + variants.map((name) => name.padStart(18)).join(""));
  for (const name of names) line(name, (runs) => typical(runs.map((one) => blocked(one, name))));
  line("operations block, sum", (runs) => all(runs, blocked));
  line("time to the next frame, sum", (runs) => all(runs, framed));
  line("main thread, total", (runs) => typical(runs.map((one) => one.task)));
  line("of it script", (runs) => typical(runs.map((one) => one.script)));
  for (const name of variants.filter((one) => one === "observer" || one === "rrweb")) {
    const bytes = figures[name].map((one) => one.bytes);
    const json = typical(bytes.map((one) => one.json));
    if (name === "rrweb") console.log(`\nrrweb: ${kb(json)} as gzipped JSON`);
    else {
      const wire = typical(bytes.map((one) => one.wire));
      const of = `${(wire / json).toFixed(3)} of the same events as gzipped rrweb JSON (${kb(json)})`;
      console.log(`\nobserver: ${kb(wire)} on the wire, ${of}`);
    }
  }
}

function answer(request, response) {
  const path = request.url.split("?")[0];
  if (request.method === "POST") {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      if (path === "/rrweb") received.rrweb.push(body);
      if (path.endsWith("/replay-events")) received.observer.push(body);
      response.writeHead(202, { "Content-Type": "application/json" });
      response.end('{"accepted":1,"rejected":[]}');
    });
    return;
  }
  const file = fileOf(path, request.url.split("?")[1]);
  response.writeHead(file === undefined ? 404 : 200, {
    "Content-Type": path.endsWith(".js") ? "text/javascript" : "text/html",
    // For a clock of microseconds.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  });
  response.end(file);
}

function fileOf(path, variant) {
  const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
  if (path === "/") return here("page.html").replace("<!-- recorder -->", VARIANTS[variant] ?? "");
  if (path === "/stress.js") return here("stress.js");
  if (path === "/rrweb.js") return RRWEB;
  if (path === "/record.js") {
    return readFileSync(fileURLToPath(import.meta.resolve("@rrweb/record")), "utf8");
  }
  const name = path.replace("/api/observer/", "");
  return readdirSync(script).includes(name) ? readFileSync(`${script}${name}`) : undefined;
}

/** A TypeScript module of ours. */
async function importOf(file) {
  const { output } = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: false, lib: { entry: file, formats: ["es"] } },
  }).then((built) => (Array.isArray(built) ? built[0] : built));
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString("base64")}`);
}

function typical(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[options.lowest ? 0 : Math.floor(sorted.length / 2)] ?? 0;
}
function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}
function kb(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
