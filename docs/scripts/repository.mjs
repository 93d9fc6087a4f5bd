/**
 * `node scripts/repository.mjs`: fails when the files that say where the project lives do not say
 * the same. To move it, change the first and let this name the others.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exit } from "node:process";
import { root } from "./pages.mjs";

const read = (file) => readFileSync(join(root, file), "utf8");
const { repository } = JSON.parse(read("docs/package.json"));
const home = repository.url.replace(/^git\+|\.git$/g, "");

const wrong = [
  "pom.xml",
  "observer-client-js/packages/client/package.json",
  ".github/SECURITY.md",
  "README.md",
].filter((file) => {
  const named = read(file).match(/github\.com[/:][\w.-]+\/observer\b/g) ?? [];
  return named.length === 0 || named.some((one) => !home.endsWith(one.replace(":", "/")));
});
const version = read("pom.xml")
  .match(/<version>([^<]+)<\/version>/)[1]
  .replace("-SNAPSHOT", "");
const npm = JSON.parse(read("observer-client-js/packages/client/package.json")).version;
if (npm !== version)
  wrong.push(`the versions of pom.xml (${version}) and of the npm package (${npm})`);
if (wrong.length > 0) {
  console.error(`Not as docs/package.json says (${home}): ${wrong.join(", ")}`);
  exit(1);
}
