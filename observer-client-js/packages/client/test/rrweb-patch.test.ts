// @vitest-environment node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { patched } from "../scripts/rrweb-patch.mjs";

const recorder = readFileSync(fileURLToPath(import.meta.resolve("@rrweb/record")), "utf8");

test("the pinned recorder is changed, and nothing of it can make a worker from a blob", () => {
  const code = patched(recorder);
  expect(code).toContain("record.observe(");
  expect(code).not.toMatch(/new Worker|createObjectURL/);
});

test("another recorder is refused, rather than recorded with as it is", () => {
  expect(() => patched(recorder.replace("initMutationObserver", "initObserver"))).not.toThrow();
  expect(() => patched(recorder.replace("new ObserverCtor(", "new Observer("))).toThrow(
    "not in the page's own task",
  );
  expect(() => patched(recorder.replace("function throttle(", "function slow("))).toThrow(
    "cannot leave out",
  );
});
