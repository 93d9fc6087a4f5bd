import type { Plugin } from "vite";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

/**
 * When rrweb's player skips to a moment, it changes adopted style sheets before it makes them, and the changes are
 * lost. Made first, they are all there. Another version of the player, of another text, fails the build.
 */
function adoptedSheetsFirst(): Plugin {
  const change = `        this.constructedStyleMutations.forEach((data) => {
          this.applyStyleSheetMutation(data);
        });
        this.constructedStyleMutations = [];
`;
  const adopt = `        this.adoptedStyleSheets.forEach((data) => {
          this.applyAdoptedStyleSheet(data);
        });
        this.adoptedStyleSheets = [];
`;
  return {
    name: "adopted-sheets-first",
    transform(code, id) {
      if (!/@rrweb\/replay\/dist\/replay\.js(\?|$)/.test(id)) return undefined;
      const parts = code.split(change + adopt);
      if (parts.length !== 2) throw new Error("rrweb's player has changed: see vite.config.ts");
      return { code: parts.join(adopt + change), map: null };
    },
  };
}

export default defineConfig({
  // Relative addresses, because the server decides the base path when it starts.
  base: "./",
  plugins: [adoptedSheetsFirst(), solid()],
  build: {
    target: "es2022",
    assetsDir: "assets",
    // The preload polyfill and inlined scripts would need more than `script-src 'self'`.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // How long plugins take is no warning.
    rolldownOptions: { checks: { bundlerTimings: false } },
    chunkSizeWarningLimit: 300,
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
  },
});
