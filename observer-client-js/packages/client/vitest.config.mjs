import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";
import { defines } from "./scripts/defines.mjs";

export default defineConfig({
  plugins: [solid()],
  define: defines,
  test: { environment: "jsdom", include: ["test/**/*.test.{ts,tsx}"] },
});
