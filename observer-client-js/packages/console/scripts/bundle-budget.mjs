/** Prints what the console loads, gzipped, and fails when the first load is above its budget. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_BUDGET = 110 * 1024;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));

const page = readFileSync(join(dist, "index.html"), "utf8");
const files = [
  "index.html",
  ...readdirSync(join(dist, "assets")).map((name) => `assets/${name}`),
].map((name) => ({
  name,
  gzip: gzipSync(readFileSync(join(dist, name)), { level: 9 }).length,
  first: name === "index.html" || page.includes(name),
}));

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);
for (const { name, gzip, first } of files.sort((a, b) => b.gzip - a.gzip)) {
  console.log(`${name.padEnd(44)} ${kib(gzip)}  ${first ? "first load" : "on demand"}`);
}
const total = files.filter((file) => file.first).reduce((sum, file) => sum + file.gzip, 0);
console.log(
  `${"first load, gzip".padEnd(44)} ${kib(total)}  budget ${kib(FIRST_LOAD_BUDGET).trim()}`,
);

// A file that the page does not name could still be loaded at once by one that it does name.
const entries = files.filter(({ name, first }) => first && name.endsWith(".js"));
const eager = entries.flatMap(({ name }) =>
  [
    ...readFileSync(join(dist, name), "utf8").matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g),
  ].map((m) => `assets/${m[1]}`),
);
const unlisted = eager.filter((name) => !page.includes(name));
if (unlisted.length > 0) {
  console.error(`loaded at once but not named by the page: ${unlisted.join(", ")}`);
  process.exit(1);
}
if (total > FIRST_LOAD_BUDGET) {
  console.error("the console's first load is above its budget");
  process.exit(1);
}
