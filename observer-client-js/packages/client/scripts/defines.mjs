import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** What the sources learn from the build; tests and all builds share it. */
export const defines = { __OBSERVER_VERSION__: JSON.stringify(version) };
