import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What GitHub shows beside the site, from the repository's folder. */
const BESIDE = [
  "README.md",
  "CONTRIBUTING.md",
  ".github/SECURITY.md",
  ".github/CODE_OF_CONDUCT.md",
  "observer-client-js/packages/client/README.md",
];

/** The pages of the site, from the folder `docs`. */
export const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter(
    (file) =>
      /\.md$/.test(file) && !/(^|[/\\])(node_modules|\.vitepress|public|target)[/\\]/.test(file),
  )
  .map((file) => file.replaceAll("\\", "/"))
  .sort();

/** Every Markdown file that readers see, by absolute path. */
export const markdown = [...BESIDE, ...pages.map((page) => `docs/${page}`)].map((file) =>
  join(root, file),
);

/** As people name it: from the repository's folder. */
export function named(file) {
  return relative(root, file).replaceAll("\\", "/");
}

/** The anchor of a heading, as GitHub makes it; the site makes the same. */
export function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replace(/\s/gu, "-");
}
