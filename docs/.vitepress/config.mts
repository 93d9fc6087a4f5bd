import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig } from "vitepress";
import { pages, slug } from "../scripts/pages.mjs";
import { logql } from "./logql.mts";

const docs = fileURLToPath(new URL("..", import.meta.url));
const { repository } = JSON.parse(readFileSync(join(docs, "package.json"), "utf8"));
const home = repository.url.replace(/^git\+|\.git$/g, "");

/** Every page has its place here; one that has none, and a place without a page, ends the build. */
const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: "Start",
    items: [
      { text: "Introduction", link: "/introduction" },
      { text: "Five-minute start", link: "/start" },
      { text: "The example", link: "/example" },
      { text: "How it works", link: "/concepts" },
      { text: "Beside others", link: "/comparison" },
    ],
  },
  {
    text: "Browser",
    items: [
      { text: "SolidJS", link: "/solid" },
      { text: "What the browser reports", link: "/browser" },
      { text: "Session replay", link: "/replay" },
      { text: "Naming events", link: "/event-naming" },
    ],
  },
  {
    text: "JVM",
    items: [
      { text: "Errors, events, traces", link: "/jvm" },
      { text: "Procedures", link: "/procedures" },
      { text: "Metrics", link: "/metrics" },
    ],
  },
  {
    text: "Recipes",
    items: [
      { text: "Find an error's cause", link: "/recipes/errors" },
      { text: "A sign-up funnel", link: "/recipes/sign-up-funnel" },
      { text: "The replay of an error", link: "/recipes/replay-of-an-error" },
      { text: "A Grafana dashboard", link: "/recipes/grafana" },
    ],
  },
  {
    text: "Operation",
    items: [
      { text: "In production", link: "/production" },
      { text: "With Docker Compose", link: "/deploy" },
      { text: "Security and privacy", link: "/security" },
      { text: "Loki", link: "/backends/loki" },
      { text: "MinIO or another S3", link: "/backends/minio" },
      { text: "Prometheus", link: "/backends/prometheus" },
      { text: "Dashboards", link: "/dashboards" },
      { text: "LogQL cookbook", link: "/logql" },
      { text: "Troubleshooting", link: "/troubleshooting" },
    ],
  },
  {
    text: "Reference",
    items: [
      { text: "Configuration", link: "/reference/configuration" },
      { text: "Meters", link: "/reference/metrics" },
      { text: "HTTP API", link: "/http-api" },
      { text: "Form of replays", link: "/replay-format" },
      { text: "API of Java and TypeScript", link: "/reference/api" },
      { text: "Changes", link: "/changelog" },
    ],
  },
];

const placed = sidebar.flatMap(({ items = [] }) =>
  items.map(({ link = "" }) => `${link.slice(1)}.md`),
);
const astray = [
  ...pages.filter((page) => page !== "index.md" && !placed.includes(page)),
  ...placed.filter((page) => !pages.includes(page)),
];
if (astray.length > 0) throw new Error(`Not both a page and in the side bar: ${astray.join(", ")}`);

/**
 * Where a link of a page leads on the site: pages stay as they are, and files that the site does
 * not serve are shown in the repository.
 */
function onSite(href: string, page: string): string {
  if (/^([a-z]+:|#|\/)/i.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const file = join(docs, dirname(page), path);
  const inDocs = relative(docs, file);
  if (path.endsWith(".md") && !inDocs.startsWith("..")) return href;
  const kind = existsSync(file) && !/\.\w+$|LICENSE$/.test(file) ? "tree" : "blob";
  return `${home}/${kind}/main/${relative(join(docs, ".."), file)}${anchor === undefined ? "" : `#${anchor}`}`;
}

export default defineConfig({
  title: "Observer",
  description:
    "Errors, analytics, session replay and metrics inside your JVM; acknowledged only when on disk.",
  lang: "en",
  base: process.env.DOCS_BASE ?? "/",
  cleanUrls: true,
  head: [
    [
      "link",
      { rel: "icon", type: "image/svg+xml", href: `${process.env.DOCS_BASE ?? "/"}mark.svg` },
    ],
  ],
  outDir: "target/site",
  cacheDir: "target/cache",
  srcExclude: ["node_modules/**", "target/**"],
  markdown: {
    anchor: { slugify: slug },
    languages: [logql],
    linkify: false,
    config(md) {
      md.core.ruler.push("observer", ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === "link_open")
            token.attrSet("href", onSite(token.attrGet("href") ?? "", env.relativePath));
          // Braces in code are the query's, not the site's.
          if (token.type === "code_inline") token.attrSet("v-pre", "");
        }
      });
    },
  },
  themeConfig: {
    logo: "/mark.svg",
    nav: [
      { text: "Start", link: "/start", activeMatch: "^/(start|introduction|example|concepts)" },
      { text: "Recipes", link: "/recipes/errors", activeMatch: "^/recipes/" },
      {
        text: "Operation",
        link: "/production",
        activeMatch: "^/(production|deploy|security|backends)",
      },
      {
        text: "Reference",
        link: "/reference/configuration",
        activeMatch: "^/(reference|http-api)",
      },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: home }],
    editLink: { pattern: `${home}/edit/main/docs/:path`, text: "Improve this page" },
    footer: { message: "Apache License 2.0" },
  },
});
