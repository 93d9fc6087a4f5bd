import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";
import { defines } from "./scripts/defines.mjs";
import { rrwebPatch } from "./scripts/rrweb-patch.mjs";

export default defineConfig({
  plugins: [rrwebPatch(), solid()],
  define: defines,
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
    // Through vite, so that the patch applies.
    server: { deps: { inline: [/@rrweb\/record/] } },
  },
});
