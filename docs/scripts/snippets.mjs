/**
 * `node scripts/snippets.mjs`: fails when a code block under `<!-- snippet FILE#REGION -->` is not
 * that region of that file, which the build compiles and tests. `--write` puts it there.
 *
 * The code stands in the page itself, not a reference to it, so that it is read on GitHub, too.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { markdown, named } from "./pages.mjs";

const SNIPPET = /(<!-- snippet (\S+?)#([\w,-]+) -->\n+)```(\w+)\n(.*?)```/gs;

/** The lines between `#region NAME` and `#endregion NAME`, with the indentation of their first taken away. */
export function region(text, name) {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => new RegExp(`#region ${name}\\b(?!-)`).test(line));
  const to = lines.findIndex((line) => new RegExp(`#endregion ${name}\\b(?!-)`).test(line));
  if (from < 0 || to < from) throw new Error(`there is no region ${name}`);
  const inner = lines.slice(from + 1, to).filter((line) => !/#(end)?region /.test(line));
  const indents = inner.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const least = Math.min(...indents);
  return `${inner
    .map((line) => line.slice(least))
    .join("\n")
    .trim()}\n`;
}

/** The page with each snippet as its file has it. `read` gives the text of a file by its path from the page. */
export function renew(page, read) {
  return page.replace(SNIPPET, (_, marker, path, names, language) => {
    const text = read(path);
    const parts = names.split(",").map((name) => region(text, name));
    return `${marker}\`\`\`${language}\n${parts.join("\n")}\`\`\``;
  });
}

function main() {
  const stale = [];
  for (const file of markdown) {
    const page = readFileSync(file, "utf8");
    const fresh = renew(page, (path) => {
      try {
        return readFileSync(join(dirname(file), path), "utf8");
      } catch (error) {
        throw new Error(`${named(file)}: ${error.message}`);
      }
    });
    if (fresh === page) continue;
    stale.push(named(file));
    if (argv.includes("--write")) writeFileSync(file, fresh);
  }
  if (stale.length > 0 && !argv.includes("--write")) {
    console.error(
      `The code in ${stale.join(", ")} is not what is tested: npm run snippets, in docs`,
    );
    exit(1);
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) main();
