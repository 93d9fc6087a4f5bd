/**
 * `node scripts/licences.mjs`: fails when a package in one of the project's lock files has a licence
 * that is not listed here. What is passed on to users is held to the shorter list.
 */
import { readFileSync } from "node:fs";

const PASSED_ON = new Set(["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);
const TOOLS = new Set([
  ...PASSED_ON,
  "0BSD",
  "BlueOak-1.0.0",
  "CC-BY-4.0", // the data of caniuse
  "CC0-1.0",
  "MIT OR Apache-2.0",
  "MIT-0",
  "MPL-2.0", // lightningcss, which vite minifies with
  "Python-2.0", // argparse
]);
/** Built into what is passed on, though the package's own users need not install it. */
const BUILT_IN = /^(@rrweb\/|web-vitals$)/;

const LOCKS = [
  "../package-lock.json",
  "../../observer-example/web/package-lock.json",
  "../../docs/package-lock.json",
];

let seen = 0;
const wrong = LOCKS.flatMap((lock) => {
  const { packages } = JSON.parse(readFileSync(new URL(lock, import.meta.url), "utf8"));
  return Object.entries(packages).flatMap(([path, { license, dev, link }]) => {
    const name = path.split("node_modules/")[1];
    if (name === undefined || link) return [];
    seen++;
    const allowed = dev && !BUILT_IN.test(name) ? TOOLS : PASSED_ON;
    return allowed.has(license) ? [] : [`${lock}: ${name} has the licence ${license}`];
  });
});
if (seen === 0) wrong.push("no package was found in the lock files");
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exit(1);
