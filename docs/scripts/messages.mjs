/**
 * `node scripts/messages.mjs`: fails when troubleshooting.md quotes a text that no source says, as
 * people look for what they see; or when a page names a meter that is not in the reference, which a
 * test compares with a scrape.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exit } from "node:process";
import { markdown, named, root } from "./pages.mjs";

const SOURCES = [
  "observer-core/src/main/java",
  "observer-server/src/main/java",
  "observer-client-js/packages/client/src",
];

const said = SOURCES.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(java|ts)$/.test(file))
    .map((file) => readFileSync(join(root, folder, file), "utf8")),
).join("\n");

const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
/** Quoted as code, and of words: what is said, not what a thing is called. */
const quoted = [...page.matchAll(/`([a-z]+(?: [^`]+)*)`/g)]
  .map(([, text]) => text.trim())
  .filter((text) => text.split(" ").length > 2);
const unsaid = quoted.filter((text) => !said.includes(text));
const wrong = unsaid.map((text) => `docs/troubleshooting.md quotes what nothing says: ${text}`);
if (quoted.length === 0) wrong.push("docs/troubleshooting.md quotes nothing");

const reference = readFileSync(join(root, "docs/reference/metrics.md"), "utf8");
for (const file of markdown) {
  const meters = readFileSync(file, "utf8").match(/\bobserver_[a-z]+_[a-z_]*[a-z]\b/g) ?? [];
  for (const meter of new Set(meters)) {
    const base = meter.replace(/_(bucket|count|sum)$/, "");
    if (!reference.includes(`\`${base}\``)) wrong.push(`${named(file)} names no meter: ${meter}`);
  }
}
for (const line of wrong) console.error(line);
if (wrong.length > 0) exit(1);
