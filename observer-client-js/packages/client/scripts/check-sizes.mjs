import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** What a page may cost, gzip. A change that needs more needs a reason. */
const BUDGETS = [
  // 8 KB, and what another hash in it may cost.
  { name: "client.js (at once)", pattern: /^client\.js$/, maxBytes: 8_200 },
  { name: "replay-<hash>.js (when recording)", pattern: /^replay-.+\.js$/, maxBytes: 26_000 },
  { name: "activity-<hash>.js (at once, too)", pattern: /^activity-.+\.js$/, maxBytes: 5_400 },
  { name: "vitals-<hash>.js (after loading)", pattern: /^vitals-.+\.js$/, maxBytes: 4_000 },
  { name: "autocapture-<hash>.js (if asked)", pattern: /^autocapture-.+\.js$/, maxBytes: 2_500 },
];

/** Prints the sizes of the drop-in script's files; throws above a budget or when a file is not known here. */
export function checkSizes(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  const over = [];
  console.log("bundle                              gzip B   budget");
  for (const { name, pattern, maxBytes } of BUDGETS) {
    const found = files.filter((file) => pattern.test(file));
    if (found.length !== 1) throw new Error(`expected one ${name}, found ${found.length}`);
    const bytes = gzipSync(readFileSync(`${folder}/${found[0]}`), { level: 9 }).length;
    console.log(`${name.padEnd(34)}${String(bytes).padStart(8)} ${String(maxBytes).padStart(8)}`);
    if (bytes > maxBytes) over.push(name);
  }
  if (files.length !== BUDGETS.length) throw new Error(`files without a budget: ${files}`);
  if (over.length > 0) throw new Error(`larger than the budget: ${over.join(", ")}`);
}
