/**
 * Builds everything that packages/client ships, into dist/:
 *   dist/npm      ES modules and declarations: the package
 *   dist/script   client.js, the drop-in script, and the chunks beside it that it loads later
 * and fails when what a page loads is larger than the budget, or the package cannot be imported as it says.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { minify } from "terser";
import { build } from "vite";
import { checkPackage } from "./check-package.mjs";
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

/** The core is our own code, none of whose functions is called with new, and gzip likes what each round leaves. */
const HOISTED = { hoist_vars: true, unsafe_arrows: true };
const ROUNDS = { es: [{}], iife: [{}, HOISTED, HOISTED] };

/**
 * Tells a browser that most of it runs at the start: it is then compiled with the rest, beside the
 * main thread, and not again function by function when the page waits for it.
 */
const COMPILED_AT_ONCE = "//# allFunctionsCalledOnLoad\n";

/** The recorder, like the core, runs nearly all of itself when it starts. */
const compiledAtOnce = (format, name) => format === "iife" || name.startsWith("replay-");

/** After vite's own minifier: each finds what the other does not. In ASCII, because a classic script is read in the encoding of its page. */
const minifiedAgain = {
  name: "minified-again",
  async generateBundle({ format }, bundle) {
    for (const chunk of Object.values(bundle)) {
      for (const compress of ROUNDS[format]) {
        const { code } = await minify(chunk.code, {
          ecma: 2022,
          module: format === "es",
          toplevel: true,
          compress: { passes: 5, ...compress },
          format: { ascii_only: true },
        });
        chunk.code = code;
      }
      if (compiledAtOnce(format, chunk.fileName)) chunk.code = COMPILED_AT_ONCE + chunk.code;
    }
  },
};

/** One minified file for browsers of the last years. Returns its name. */
async function buildScript(entry, format, fileName, define = {}) {
  const { output } = await build({
    ...shared,
    plugins: [rrwebPatch(), minifiedAgain],
    define: { ...defines, ...define },
    build: {
      outDir: "dist/script",
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      // Not lib mode, which leaves ES modules with their white space.
      rolldownOptions: {
        input: entry,
        // It takes its seconds.
        checks: { bundlerTimings: false },
        preserveEntrySignatures: "strict",
        output: { format, entryFileNames: fileName },
      },
    },
  });
  return output[0].fileName;
}

// The last first: the script names the activity by its hash, and this one the others.
const chunks = {
  replay: await buildScript("src/replay/recording.ts", "es", "replay-[hash].js"),
  vitals: await buildScript("src/vitals/vitals.ts", "es", "vitals-[hash].js"),
  autocapture: await buildScript("src/autocapture/autocapture.ts", "es", "autocapture-[hash].js"),
};
const activity = await buildScript("src/script-activity.ts", "es", "activity-[hash].js", {
  __OBSERVER_CHUNKS__: JSON.stringify(chunks),
});
await buildScript("src/script.ts", "iife", "client.js", {
  __OBSERVER_ACTIVITY__: JSON.stringify(activity),
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
      external: [/^solid-js/, /^@solidjs\/router/, /^web-vitals/],
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

/** Node's way of resolving needs the extensions that bundlers do without. */
const declarations = readdirSync(`${root}dist/npm`, { recursive: true, encoding: "utf8" });
for (const file of declarations.filter((name) => name.endsWith(".d.ts"))) {
  const text = readFileSync(`${root}dist/npm/${file}`, "utf8");
  writeFileSync(
    `${root}dist/npm/${file}`,
    text.replace(/((?:from|import\() ?")(\.[^"]+)"/g, '$1$2.js"'),
  );
}

checkSizes(`${root}dist/script`);
await checkPackage(root);
