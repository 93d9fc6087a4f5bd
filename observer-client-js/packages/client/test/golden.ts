import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../../../observer-core/src/test/resources/wire");

/** One of the golden files that the Java and the TypeScript tests share. */
export function golden(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** The file as one line, the way `JSON.stringify` writes it. */
export function goldenLine(name: string): string {
  return JSON.stringify(JSON.parse(golden(name)));
}
