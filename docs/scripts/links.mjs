/**
 * `node scripts/links.mjs`: fails when a relative link or picture of a page leads nowhere, also on
 * GitHub and outside of the site, or when its anchor is no heading there.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { markdown, named, slug } from "./pages.mjs";

/** Markdown without its code, where brackets are no links. */
function prose(text) {
  return text
    .replace(/^```.*?^```/gms, "")
    .replace(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ""));
}

export function linksOf(text) {
  const plain = prose(text);
  const inline = [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to);
  const html = [...plain.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)].map(([, to]) => to);
  const front = [...plain.matchAll(/^\s+(?:link|light|dark): (\S+)$/gm)].map(([, to]) => to);
  // The site's build makes `api` after the pages.
  return [...inline, ...html, ...front].filter((to) => !/^([a-z]+:|\.\.\/api\/)/i.test(to));
}

export function anchorsOf(text) {
  const seen = new Map();
  return new Set(
    [...text.replace(/^```.*?^```/gms, "").matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
      const once = slug(plain);
      const times = seen.get(once) ?? 0;
      seen.set(once, times + 1);
      return times === 0 ? once : `${once}-${times}`;
    }),
  );
}

/** What is wrong with the links of one file, one line each. `docs` is where the site's absolute links begin. */
export function wrongLinks(file, docs) {
  const text = readFileSync(file, "utf8");
  return linksOf(text).flatMap((to) => {
    const [path, anchor] = to.split("#");
    const target =
      path === "" ? file : path.startsWith("/") ? onSite(docs, path) : join(dirname(file), path);
    if (!existsSync(target)) return [`${to} leads nowhere`];
    if (anchor === undefined || !target.endsWith(".md")) return [];
    return anchorsOf(readFileSync(target, "utf8")).has(anchor) ? [] : [`${to} has no such heading`];
  });
}

/** A link from the root of the site: a page, or a file that is served as it is. */
function onSite(docs, path) {
  const candidates = [`${path}.md`, path, `public${path}`, path === "/" ? "index.md" : path];
  return (
    candidates.map((one) => join(docs, one)).find((one) => existsSync(one) && /\.\w+$/.test(one)) ??
    join(docs, path)
  );
}

function main() {
  const docs = fileURLToPath(new URL("..", import.meta.url));
  const wrong = markdown.flatMap((file) =>
    wrongLinks(file, docs).map((problem) => `${named(file)}: ${problem}`),
  );
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) exit(1);
}

if (argv[1] === fileURLToPath(import.meta.url)) main();
