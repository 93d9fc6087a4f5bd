import { describe, expect, test } from "vitest";
import { omissionAt } from "../src/replay/omission-notice";
import { omissionsOf } from "../src/replay/omissions";

const custom = (timestamp: number, tag: string, payload: unknown = {}) => ({
  type: 5,
  timestamp,
  data: { tag, payload },
});
const effort = (timestamp: number, said: unknown) =>
  custom(timestamp, "observer_effort", { effort: said });
const change = (timestamp: number) => ({ type: 3, timestamp, data: { source: 0 } });

describe("what the recorder left out", () => {
  test("each step lasts until the next, the last until the end", () => {
    const events = [
      change(0),
      effort(100, "no_moves"),
      effort(200, "coarse"),
      effort(300, "full"),
      effort(400, "paused"),
    ];
    expect(omissionsOf(events, 500)).toEqual([
      { kind: "no_moves", start: 100, end: 200 },
      { kind: "coarse", start: 200, end: 300 },
      { kind: "paused", start: 400, end: 500 },
    ]);
  });

  test("said twice it is one stretch", () => {
    expect(omissionsOf([effort(100, "coarse"), effort(200, "coarse")], 300)).toEqual([
      { kind: "coarse", start: 100, end: 300 },
    ]);
  });

  test("nobody is there until whatever comes next, on its own count", () => {
    const events = [effort(50, "no_moves"), custom(100, "observer_idle"), change(900), change(950)];
    expect(omissionsOf(events, 1000)).toEqual([
      { kind: "no_moves", start: 50, end: 1000 },
      { kind: "idle", start: 100, end: 900 },
    ]);
    expect(omissionsOf([custom(100, "observer_idle")], 100)).toEqual([]);
  });

  test.each([
    [effort(100, "none of these")],
    [effort(100, undefined)],
    [effort(100, ["coarse"])],
    [custom(100, "observer_effort", null)],
    [custom(100, "of the page's own", { effort: "coarse" })],
    [{ type: 5, timestamp: 100, data: "coarse" }],
  ])("a stranger's %j is none", (event) => {
    expect(omissionsOf([event], 500)).toEqual([]);
  });

  test("a moment says it in few words, the innermost of several", () => {
    const omissions = omissionsOf(
      [effort(0, "no_moves"), custom(100, "observer_idle"), change(200)],
      300,
    );
    expect([50, 150, 250, 300].map((time) => omissionAt(omissions, time))).toEqual([
      "Pointer recorded at clicks only",
      "Nobody there",
      "Pointer recorded at clicks only",
      undefined,
    ]);
  });
});
