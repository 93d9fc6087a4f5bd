import { expect, test } from "vitest";
import { namedValue } from "../src/health/named-value";

test.each([
  ["bytes", 1_536, "1.5 KiB"],
  ["quota_bytes", 0, "0 B"],
  ["oldest_seconds", 94.2, "1 min 34 s"],
  ["oldest_seconds", 0, "0 s"],
  ["took_ms", 250, "250 ms"],
  ["kilobytes", 3, "3"],
  ["files", 1_234_567, "1,234,567"],
  ["public", false, "no"],
  ["last_error", "", "–"],
  ["last_error", null, "–"],
  ["state", "up", "up"],
  ["tags", [1, "a"], '[1,"a"]'],
])("%s of %j is shown as %s", (name, value, shown) => {
  expect(namedValue(name, value)).toBe(shown);
});
