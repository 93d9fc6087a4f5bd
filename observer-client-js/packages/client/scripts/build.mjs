/**
 * Builds everything that packages/client ships, into dist/:
 *   dist/npm      ES modules and declarations: the package
 *   dist/script   client.js, the drop-in script, and the recorder's chunk beside it
 * and fails when what a page loads is larger than the budget.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { checkSizes } from "./check-sizes.mjs";
import { defines } from "./defines.mjs";
import { rrwebPatch } from "./rrweb-patch.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });

const shared = {
  root,
  configFile: false,
  logLevel: "warn",
  define: defines,
};

/** A classic script is read in the encoding of its page, whatever that is. */
const inAscii = {
  name: "in-ascii",
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      chunk.code = chunk.code.replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    }
  },
};

/** One minified file for browsers of the last years. Returns its name. */
async function buildScript(entry, format, fileName, define = {}) {
  const { output } = await build({
    ...shared,
    plugins: [rrwebPatch(), inAscii],
    define: { ...defines, ...define },
    build: {
      outDir: "dist/script",
      emptyOutDir: false,
      target: "es2020",
      modulePreload: false,
      // Not lib mode, which leaves ES modules with their white space.
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        output: { format, entryFileNames: fileName },
      },
    },
  });
  return output[0].fileName;
}

// The recorder first: the script names it by its hash.
const recorder = await buildScript("src/replay/recording.ts", "es", "replay-[hash].js");
await buildScript("src/script.ts", "iife", "client.js", {
  __OBSERVER_RECORDER__: JSON.stringify(recorder),
});

await build({
  ...shared,
  // Inside the chunk, because it is changed.
  plugins: [rrwebPatch()],
  build: {
    outDir: "dist/npm",
    target: "es2022",
    minify: false,
    lib: {
      entry: {
        index: "src/index.ts",
        solid: "src/solid/index.ts",
        "solid-router": "src/solid/router.ts",
      },
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^solid-js/, /^@solidjs\/router/],
      output: { chunkFileNames: "[name].js" },
    },
  },
});
const tsc = createRequire(import.meta.url).resolve("typescript/package.json");
const tscBin = fileURLToPath(new URL("bin/tsc", `file://${tsc}`));
execFileSync(process.execPath, [tscBin, "-p", "tsconfig.types.json"], {
  cwd: root,
  stdio: "inherit",
});

checkSizes(`${root}dist/script`);
