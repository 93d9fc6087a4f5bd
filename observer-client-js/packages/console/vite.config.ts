import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses, because the server decides the base path when it starts.
  base: "./",
  plugins: [solid()],
  build: {
    target: "es2022",
    assetsDir: "assets",
    // The preload polyfill and inlined scripts would need more than `script-src 'self'`.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 300,
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
  },
});
