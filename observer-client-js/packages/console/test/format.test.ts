import { describe, expect, test } from "vitest";
import { ago, bytes, counted, duration, label, position, shortId, shortType } from "../src/format";

const NOW = Date.parse("2026-11-25T10:00:00Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("ago", () => {
  test.each([
    [0, "just now"],
    [9 * SECOND, "just now"],
    [10 * SECOND, "10 s ago"],
    [59 * SECOND + 999, "59 s ago"],
    [MINUTE, "1 min ago"],
    [59 * MINUTE, "59 min ago"],
    [23 * HOUR + 59 * MINUTE, "23 h ago"],
    [29 * DAY, "29 d ago"],
    [-5 * MINUTE, "in 5 min"],
  ])("%i ms before now is %s", (distance, words) => {
    expect(ago(NOW - distance, NOW)).toBe(words);
  });

  test("after a month the date is said, with its year", () => {
    expect(ago(NOW - 40 * DAY, NOW)).toBe("16 Oct 2026");
  });
});

describe("duration", () => {
  test.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [59_400, "59 s"],
    [59_600, "1 min"],
    [60_000, "1 min"],
    [245_000, "4 min 5 s"],
    [2 * HOUR + 3 * MINUTE + 59 * SECOND, "2 h 3 min"],
    [3 * DAY, "3 d"],
    [3 * DAY + 4 * HOUR, "3 d 4 h"],
    [-5, "0 ms"],
  ])("%i ms is %s", (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});

test("a position in a recording has seconds with two digits and hours only when there are any", () => {
  expect([7_999, 754_000, 3_723_000, -1].map(position)).toEqual([
    "0:07",
    "12:34",
    "1:02:03",
    "0:00",
  ]);
});

test("bytes are in binary units, with one digit after the point below ten", () => {
  expect([0, 1_023, 1_024, 1_536, 10 * 1_024 ** 2, 5 * 1_024 ** 4].map(bytes)).toEqual([
    ...["0 B", "1023 B", "1 KiB", "1.5 KiB", "10 MiB", "5 TiB"],
  ]);
});

test("a count of one is in the singular", () => {
  expect([counted(1, "error"), counted(0, "error"), counted(2_000, "page view")]).toEqual([
    ...["1 error", "0 errors", "2,000 page views"],
  ]);
});

test("a name of the wire is said without the unit that its value shows", () => {
  expect(["oldest_seconds", "quota_bytes", "last-success", "bytes"].map(label)).toEqual([
    ...["Oldest", "Quota", "Last success", "Bytes"],
  ]);
});

test("long ids are told apart by their end, because UUIDv7s of one moment begin alike", () => {
  expect(shortId("0193f0aa-7c1e-7b52-9d0e-4c8fb1a2e6d7")).toBe("…b1a2e6d7");
  expect(shortId("u-1")).toBe("u-1");
});

test("a Java type is said without its packages; other names stay whole", () => {
  expect(
    ["java.lang.IllegalStateException", "TypeError", "payments.declined", "a.b.C$Inner"].map(
      shortType,
    ),
  ).toEqual([...["IllegalStateException", "TypeError", "payments.declined", "C$Inner"]]);
});
