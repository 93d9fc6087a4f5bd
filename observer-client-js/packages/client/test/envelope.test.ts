import { describe, expect, test } from "vitest";
import type { DropReason } from "../src/drops";
import { readAnswer } from "../src/event/answer";
import { bodyOf, replayPart, SDK } from "../src/event/envelope";
import type { Dropped } from "../src/event/types";
import { golden, goldenLine } from "./golden";

/** Every reason as it is told; the compiler knows when one is missing. */
const REASONS = {
  queue_full: true,
  storage_failed: true,
  expired: true,
  before_send: true,
  before_send_error: true,
  rejected: true,
  refused: true,
  too_large: true,
  closed: true,
  recorder_error: true,
  recorder_unavailable: true,
  chunk_unavailable: true,
  capture_error: true,
} satisfies Record<Exclude<DropReason, `refused_${number}`> | "refused", true>;

describe("envelopes", () => {
  for (const kind of ["event", "error"] as const) {
    const list = `${kind}s`;
    test(`${list} are the golden file, byte for byte`, () => {
      const request = JSON.parse(golden(`${list}.request.json`));
      const items = request[list].map((item: unknown) => JSON.stringify(item));
      const body = bodyOf(kind, request.sent_at, JSON.stringify(request.context), items);
      expect(body).toBe(goldenLine(`${list}.request.json`));
    });
  }

  test("what was lost before stands beside the items, in the words of the golden file", () => {
    const request = JSON.parse(golden("dropped.request.json"));
    const items = request.events.map((item: unknown) => JSON.stringify(item));
    const context = JSON.stringify(request.context);
    const body = bodyOf("event", request.sent_at, context, items, request.dropped);
    expect(body).toBe(goldenLine("dropped.request.json"));
    const known = request.dropped.map((one: Dropped) => one.reason);
    for (const reason of Object.keys(REASONS)) expect(known).toContain(reason);
  });

  test("a replay batch is the golden file, byte for byte, its events last", () => {
    const request = JSON.parse(golden("replay.request.json"));
    const { sent_at, sdk, context, events, ...batch } = request;
    const part = replayPart(
      batch,
      events.map((event: unknown) => JSON.stringify(event)),
    );
    const body = bodyOf("replay", sent_at, JSON.stringify(context), [part]);
    expect(sdk).toEqual(JSON.parse(SDK));
    expect(body).toBe(goldenLine("replay.request.json"));
    expect(Object.keys(JSON.parse(body)).at(-1)).toBe("events");
  });

  test("the version is the package's", async () => {
    const { default: manifest } = await import("../package.json");
    expect(JSON.parse(SDK)).toEqual({ name: manifest.name, version: manifest.version });
  });
});

describe("answers", () => {
  test("the golden acceptance says how many items were accepted", () => {
    const answer = readAnswer(202, golden("accepted.answer.json"), null);
    expect(answer).toEqual({ accepted: 49 });
  });

  test("the golden refusal is final", () => {
    const answer = readAnswer(400, golden("refused.answer.json"), null);
    expect(answer).toEqual({ refused: 400, less: false });
  });

  test.each([200, 202, 204])("status %i without a count is no acknowledgement", (status) => {
    expect(readAnswer(status, "<h1>Welcome to the hotel</h1>", null)).toEqual({ afterMs: 0 });
    expect(readAnswer(status, "", null)).toEqual({ afterMs: 0 });
    expect(readAnswer(status, "{}", null)).toEqual({ afterMs: 0 });
  });

  test.each([408, 425, 429, 500, 502, 503, 504])("status %i is tried again", (status) => {
    expect(readAnswer(status, "", null)).toEqual({ afterMs: 0 });
  });

  test("Retry-After is seconds, at most an hour; what is not a number is not obeyed", () => {
    expect(readAnswer(503, "", "7")).toEqual({ afterMs: 7_000 });
    expect(readAnswer(429, "", "86400")).toEqual({ afterMs: 3_600_000 });
    expect(readAnswer(503, "", "soon")).toEqual({ afterMs: 0 });
  });

  test("a replay batch that is there already is with the server", () => {
    expect(readAnswer(409, "", null)).toEqual({ accepted: 1 });
  });

  test.each([401, 403, 404, 405, 415])("status %i is final", (status) => {
    expect(readAnswer(status, "", null)).toEqual({ refused: status, less: false });
  });

  test("413 asks for less, and so does a 400 that blames no item", () => {
    expect(readAnswer(413, "", null)).toEqual({ refused: 413, less: true });
    const unreadable = JSON.stringify({ status: 400, detail: "not JSON at byte 812" });
    expect(readAnswer(400, unreadable, null)).toEqual({ refused: 400, less: true });
  });

  test.each(["/events/3/url", "/errors/0/message", "/context/service_name"])(
    "a 400 that points at %s is final: each item was read",
    (pointer) => {
      const refusal = JSON.stringify({ status: 400, errors: [{ pointer, reason: "is wrong" }] });
      expect(readAnswer(400, refusal, null)).toEqual({ refused: 400, less: false });
    },
  );
});
