import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
  /\.tsx?$/.test(file),
);

/** What each file imports of ours, by path without extension. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(src, file), "utf8");
    const found = [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)];
    const targets = found.map(([, path = ""]) => relative(src, join(src, dirname(file), path)));
    return [file.replace(/\.tsx?$/, ""), targets];
  }),
);

test("capture, replay and solid hand on through emit and never know who sends", () => {
  for (const [file, targets] of imports) {
    if (!/^(capture|activity|vitals|autocapture|replay|solid)\//.test(file)) continue;
    expect([file, targets.filter((target) => /^(queue|transport|observer)$/.test(target))]).toEqual(
      [file, []],
    );
  }
});

test("events know nothing of the rest", () => {
  for (const [file, targets] of imports) {
    if (!file.startsWith("event/")) continue;
    expect([file, targets.filter((target) => !target.startsWith("event/"))]).toEqual([file, []]);
  }
});

test("no module imports itself, over whatever way", () => {
  function reach(file: string, seen: Set<string>): Set<string> {
    for (const target of imports.get(file) ?? []) {
      const found = imports.has(target) ? target : `${target}/index`;
      expect([file, target, imports.has(found)]).toEqual([file, target, true]);
      if (!seen.has(found)) reach(found, seen.add(found));
    }
    return seen;
  }
  for (const file of imports.keys())
    expect([file, reach(file, new Set()).has(file)]).toEqual([file, false]);
});
