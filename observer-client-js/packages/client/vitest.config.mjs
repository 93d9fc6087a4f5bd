import { fileURLToPath } from "node:url";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";
import { defines } from "./scripts/defines.mjs";
import { rrwebPatch } from "./scripts/rrweb-patch.mjs";

const path = (file) => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  plugins: [rrwebPatch(), solid()],
  define: defines,
  resolve: {
    // The documentation's examples name the package as its users do.
    alias: [
      { find: /^@observer\/client$/, replacement: path("src/index.ts") },
      { find: /^@observer\/client\/solid$/, replacement: path("src/solid/index.ts") },
      { find: /^@observer\/client\/solid-router$/, replacement: path("src/solid/router.ts") },
    ],
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
    // Through vite, so that the patch applies.
    server: { deps: { inline: [/@rrweb\/record/] } },
  },
});
