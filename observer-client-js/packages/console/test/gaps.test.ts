import { describe, expect, test } from "vitest";
import type { Recording } from "../src/api/sessions";
import { gapsInTime, missingRuns } from "../src/replay/gaps";

function recording(sequences: number[], missing: number[] = []): Recording {
  const batches = sequences.map((sequence) => ({ sequence, bytes: 1 }));
  return { recordingId: "r", startTime: 0, initialUrl: undefined, batches, missing };
}

describe("missing sequences", () => {
  test("a whole recording has none", () => {
    expect(missingRuns(recording([0, 1, 2]))).toEqual([]);
    expect(missingRuns(recording([]))).toEqual([]);
  });

  test("holes are found even when the server does not name them, neighbours as one run", () => {
    expect(missingRuns(recording([0, 3, 5]))).toEqual([
      { from: 1, to: 2 },
      { from: 4, to: 4 },
    ]);
  });

  test("the beginning can be missing", () => {
    expect(missingRuns(recording([2, 3]))).toEqual([{ from: 0, to: 1 }]);
  });

  test("a batch that claims to be the millionth is one run, however few the server names", () => {
    expect(missingRuns(recording([999_999], [0, 1, 2]))).toEqual([{ from: 0, to: 999_998 }]);
  });

  test("what the server names and what could not be fetched count once, together", () => {
    expect(missingRuns(recording([0, 2, 3], [1]), [2])).toEqual([{ from: 1, to: 2 }]);
  });
});

describe("gaps in time", () => {
  const span = (sequence: number, first: number, last: number, snapshots: number[] = []) => ({
    sequence,
    first,
    last,
    snapshots,
  });

  test("a gap lasts from the last event before it to the next full snapshot after it", () => {
    const spans = [span(0, 100, 200, [100]), span(3, 500, 600), span(4, 700, 800, [750])];
    expect(gapsInTime([{ from: 1, to: 2 }], spans, 100)).toEqual([
      { from: 1, to: 2, start: 200, end: 750 },
    ]);
  });

  test("without a later full snapshot it has no end", () => {
    expect(
      gapsInTime([{ from: 1, to: 1 }], [span(0, 100, 200, [100]), span(2, 500, 600)], 100),
    ).toEqual([{ from: 1, to: 1, start: 200, end: undefined }]);
  });

  test("a missing beginning starts where the recording starts", () => {
    expect(gapsInTime([{ from: 0, to: 0 }], [span(1, 500, 600, [500])], 400)).toEqual([
      { from: 0, to: 0, start: 400, end: 500 },
    ]);
  });
});
