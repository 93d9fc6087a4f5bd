import { describe, expect, test } from "vitest";
import { readAnswer } from "../src/event/answer";
import { itemsBody, replayBody, SDK } from "../src/event/envelope";
import { golden, goldenLine } from "./golden";

describe("envelopes", () => {
  for (const list of ["events", "errors"] as const) {
    test(`${list} are the golden file, byte for byte`, () => {
      const request = JSON.parse(golden(`${list}.request.json`));
      const items = request[list].map((item: unknown) => JSON.stringify(item));
      const body = itemsBody(list, request.sent_at, JSON.stringify(request.context), items);
      expect(body).toBe(goldenLine(`${list}.request.json`));
    });
  }

  test("a replay batch is the golden file, byte for byte, its events last", () => {
    const request = JSON.parse(golden("replay.request.json"));
    const { sent_at, context, events, ...batch } = request;
    const body = replayBody(
      sent_at,
      JSON.stringify(context),
      batch,
      events.map((event: unknown) => JSON.stringify(event)),
    );
    expect(body).toBe(goldenLine("replay.request.json"));
    expect(Object.keys(JSON.parse(body)).at(-1)).toBe("events");
  });

  test("the version is the package's", async () => {
    const { default: manifest } = await import("../package.json");
    expect(SDK).toEqual({ name: manifest.name, version: manifest.version });
  });
});

describe("answers", () => {
  test("the golden acceptance says how many items were refused", () => {
    const answer = readAnswer(202, golden("accepted.answer.json"), null);
    expect(answer).toEqual({ outcome: "accepted", refused: 1 });
  });

  test("the golden refusal is final", () => {
    const answer = readAnswer(400, golden("refused.answer.json"), null);
    expect(answer).toEqual({ outcome: "refused", status: 400 });
  });

  test.each([200, 202, 204])("status %i without a count is no acknowledgement", (status) => {
    expect(readAnswer(status, "<h1>Welcome to the hotel</h1>", null).outcome).toBe("later");
    expect(readAnswer(status, "", null).outcome).toBe("later");
    expect(readAnswer(status, "{}", null).outcome).toBe("later");
  });

  test.each([408, 429, 500, 502, 503, 504])("status %i is tried again", (status) => {
    expect(readAnswer(status, "", null)).toEqual({ outcome: "later", afterMs: 0 });
  });

  test("Retry-After is seconds, at most an hour; what is not a number is not obeyed", () => {
    expect(readAnswer(503, "", "7")).toEqual({ outcome: "later", afterMs: 7_000 });
    expect(readAnswer(429, "", "86400")).toEqual({ outcome: "later", afterMs: 3_600_000 });
    expect(readAnswer(503, "", "soon")).toEqual({ outcome: "later", afterMs: 0 });
  });

  test.each([401, 403, 404, 409, 415])("status %i is final", (status) => {
    expect(readAnswer(status, "", null)).toEqual({ outcome: "refused", status });
  });

  test("413 asks for less", () => {
    expect(readAnswer(413, "", null)).toEqual({ outcome: "too_large" });
  });
});
