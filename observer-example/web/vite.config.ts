import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

export default defineConfig({
  plugins: [solid()],
  resolve: {
    // The SDK is a link to a folder with packages of its own: Solid and its router must be one.
    dedupe: ["solid-js", "@solidjs/router"],
  },
  build: {
    target: "es2022",
    rolldownOptions: {
      // Functions keep their names: what breaks here is there to be looked at in the console.
      output: { minify: { mangle: false } },
      // How long plugins take is no warning.
      checks: { bundlerTimings: false },
    },
    assetsInlineLimit: 0,
    // The polyfill is an inline script, which the shop's policy forbids.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npm run dev` beside a running Shop.
  // #region proxy
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8080" } },
  },
  // #endregion proxy
});
