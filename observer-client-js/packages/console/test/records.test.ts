import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRecord } from "../src/api/records";
import { readSession, readSessionDetail } from "../src/api/sessions";

/** The golden files of the wire, which the Java tests read too. */
function golden(name: string): string {
  // Joined by hand: vite takes `new URL(…, import.meta.url)` for an asset of the page.
  const folder = join(import.meta.dirname, "../../../../observer-core/src/test/resources/wire");
  return readFileSync(join(folder, name), "utf8");
}

test("what the server stores can be read: page views and custom events", () => {
  const lines = golden("events.stored.ndjson")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(readRecord(line)).toMatchObject({
      kind: line.event_type,
      eventId: line.event_id,
      timestamp: Date.parse(line.timestamp),
      sessionId: line.session_id,
      route: line.route,
      ...(line.event_type === "page_view"
        ? { title: line.title }
        : { eventName: line.event_name, properties: line.properties }),
    });
  }
});

test("what the browser says of an error can be read, with its context folded in as the server does", () => {
  const { context, errors } = JSON.parse(golden("errors.request.json"));
  expect(errors.length).toBeGreaterThan(0);
  for (const item of errors) {
    expect(readRecord({ ...context, ...item, kind: "error", source: "client" })).toMatchObject({
      kind: "error",
      message: item.message,
      errorType: item.error_type,
      stackTrace: item.stack_trace,
      sessionId: context.session_id,
      breadcrumbs: (item.breadcrumbs ?? []).map((crumb: { message: string }) => ({
        message: crumb.message,
      })),
    });
  }
});

test("a field of the wrong shape is left out, and the record stays", () => {
  const record = readRecord({
    ...{
      event_id: "e",
      timestamp: "2026-11-25T10:00:00.000Z",
      kind: "error",
      message: { toString: "x" },
      level: 7,
    },
    ...{
      causes: "none",
      breadcrumbs: [null, { message: 1 }],
      feature_flags: [true],
      properties: null,
      url: ["javascript:"],
    },
  });
  expect(record).toMatchObject({
    ...{
      kind: "error",
      message: "",
      level: "error",
      causes: [],
      featureFlags: {},
      properties: {},
      url: undefined,
    },
    breadcrumbs: [{ message: "" }, { message: "" }],
  });
});

test.each([
  ["no object", 7],
  ["no id", { timestamp: "2026-11-25T10:00:00.000Z", kind: "error" }],
  ["no time", { event_id: "e", kind: "error", timestamp: "yesterday" }],
  ["an unknown kind", { event_id: "e", timestamp: "2026-11-25T10:00:00.000Z", kind: "vital" }],
])("%s is not a record", (_, json) => {
  expect(readRecord(json)).toBeUndefined();
});

test("fields without a place of their own are kept for the context", () => {
  const record = readRecord({
    event_id: "e",
    timestamp: "2026-11-25T10:00:00Z",
    kind: "error",
    user_agent: "x",
    message: "m",
  });
  expect(record?.rest).toEqual({ user_agent: "x" });
});

test("a session never lasts less than nothing, and counts are whole numbers from 0", () => {
  const session = readSession({
    ...{
      session_id: "s",
      first_time: "2026-11-25T10:00:00Z",
      last_time: "2026-11-25T09:00:00Z",
      page_views: -3,
      errors: "2",
    },
  });
  expect(session).toMatchObject({
    lastTime: session?.firstTime,
    pageViews: 0,
    errors: 0,
    hasReplay: false,
  });
});

test("recordings are in the order of their start, batches in that of their sequence", () => {
  const detail = readSessionDetail({
    ...{ session_id: "s", first_time: "2026-11-25T10:00:00Z" },
    recordings: [
      { recording_id: "later", start_time: "2026-11-25T10:05:00Z", batches: [], missing: [] },
      { recording_id: "not yet", start_time: null, batches: [{ sequence: 0, bytes: 1 }] },
      { start_time: "2026-11-25T10:00:00Z" },
      {
        ...{ recording_id: "sooner", start_time: "2026-11-25T10:00:00Z", missing: [1, "x"] },
        batches: [
          { sequence: 2, bytes: 20 },
          { sequence: 0, bytes: 10 },
        ],
      },
    ],
  });
  expect(detail?.recordings).toMatchObject([
    { recordingId: "sooner", batches: [{ sequence: 0 }, { sequence: 2 }], missing: [1] },
    { recordingId: "later" },
    { recordingId: "not yet", startTime: undefined },
  ]);
});
