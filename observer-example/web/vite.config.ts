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
    // Function names in stacks are worth more here than some kilobytes; see the console.
    minify: "oxc",
    assetsInlineLimit: 0,
    // The polyfill is an inline script, which the shop's policy forbids.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    // `npm run dev` beside a running Shop.
    proxy: { "/api": "http://127.0.0.1:8080" },
  },
});
