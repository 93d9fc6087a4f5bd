import { describe, expect, test } from "vitest";
import { type ObserverRecord, readRecord } from "../src/api/records";
import type { Recording } from "../src/api/sessions";
import { currentIndex, isMeasurement, recordingAt, timeline } from "../src/sessions/timeline";

function pageView(id: string, timestamp: string): ObserverRecord {
  const record = readRecord({
    event_id: id,
    timestamp,
    kind: "event",
    event_type: "page_view",
    url: "https://a.example/",
  });
  if (record === undefined) throw new Error("not readable");
  return record;
}

const a = pageView("a", "2026-11-25T10:00:00.000Z");
const b = pageView("b", "2026-11-25T10:00:05.000Z");
const c = pageView("c", "2026-11-25T10:00:05.000Z");

test("records of several pages become one line: oldest first, each once, ties by id", () => {
  expect(timeline([c, b, a, b]).map((record) => record.eventId)).toEqual(["a", "b", "c"]);
});

test("what the SDK measured by itself is told from what the visitor did", () => {
  const event = (event_name: string) =>
    readRecord({
      ...{ event_id: "e", timestamp: "2026-11-25T10:00:00.000Z", kind: "event" },
      ...{ event_type: "custom_event", event_name, properties: {} },
    });
  const measured = ["observer.web_vital", "observer.rage_click", "added_to_cart"].map((name) => {
    const record = event(name);
    return record !== undefined && isMeasurement(record);
  });
  expect([...measured, isMeasurement(a)]).toEqual([true, false, false, false]);
});

test("the current record is the last at or before the moment", () => {
  const line = timeline([a, b, c]);
  expect(
    [-1, 0, 4_999, 5_000, 99_999].map((offset) => currentIndex(line, a.timestamp + offset)),
  ).toEqual([-1, 0, 0, 2, 2]);
  expect(currentIndex([], a.timestamp)).toBe(-1);
});

describe("the recording that shows a moment", () => {
  const recording = (recordingId: string, startTime: number): Recording => ({
    ...{ recordingId, startTime, initialUrl: undefined, batches: [], missing: [] },
  });
  const first = recording("first", 10_000);
  const second = recording("second", 60_000);

  test("is the last that had started by then", () => {
    expect(recordingAt([first, second], 59_999)).toBe(first);
    expect(recordingAt([first, second], 60_000)).toBe(second);
  });

  test("is the next one when the moment is only just before it, because the recorder loads lazily", () => {
    expect(recordingAt([first], 5_000)).toBe(first);
    expect(recordingAt([first], 4_999)).toBeUndefined();
  });

  test("is none when there are none", () => {
    expect(recordingAt([], 1)).toBeUndefined();
  });
});
