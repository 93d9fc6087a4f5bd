/**
 * `node scripts/messages.mjs`: fails when troubleshooting.md quotes a text that no source says, as
 * people look for what they see.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exit } from "node:process";
import { root } from "./pages.mjs";

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
const quoted = [...page.matchAll(/`([a-z]+(?: [^`]+)*)`/g)].map(([, text]) => text.trim()).filter((text) => text.split(" ").length > 2);
const unsaid = quoted.filter((text) => !said.includes(text));
if (quoted.length === 0 || unsaid.length > 0) {
  console.error(`docs/troubleshooting.md quotes what nothing says: ${unsaid.join(" | ")}`);
  exit(1);
}
