// @vitest-environment node
import { describe, expect, test } from "vitest";
import { apiBase } from "../src/api/base";
import { type Api, ApiError, createApi, type Refusal } from "../src/api/client";
import { inWords } from "../src/api/words";
import { serve } from "./server";

async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const caught: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(caught instanceof ApiError)) throw new Error(`no refusal but ${caught}`);
  return caught.refusal;
}

const error = (id: string) => ({
  event_id: id,
  timestamp: "2026-11-25T10:00:00.000Z",
  kind: "error",
  message: "m",
});

test.each([
  ["https://host/api/observer/console/", "https://host/api/observer"],
  ["https://host:8443/console/#/errors", "https://host:8443"],
  ["https://host/a/console/b/console/index.html?x", "https://host/a/console/b"],
])("the API of %s is at %s", (page, base) => {
  expect(apiBase(new URL(page))).toBe(base);
});

describe("records", () => {
  test("the filter becomes the query of the wire, times in RFC 3339, nothing for what is not set", async () => {
    const server = await serve(() => ({ json: { records: [], next_cursor: null } }));
    const since = Date.parse("2026-11-25T10:00:00.000Z");
    await createApi(server.base).records({
      kind: "error",
      eventId: "id-1",
      traceId: "id-2",
      sessionId: "a b&c",
      since,
      limit: 50,
      cursor: "x=",
    });
    await createApi(server.base).records({});
    expect(server.requests.map((request) => request.path)).toEqual([
      "/records?kind=error&event_id=id-1&trace_id=id-2&session_id=a+b%26c&since=2026-11-25T10%3A00%3A00.000Z&limit=50&cursor=x%3D",
      "/records",
    ]);
  });

  test("the cursor leads through all pages to the last", async () => {
    const pages: Record<string, object> = {
      "": { records: [error("1"), error("2")], next_cursor: "two" },
      two: { records: [error("3")], next_cursor: null },
    };
    const server = await serve(({ path }) => ({
      json: pages[new URLSearchParams(path.split("?")[1]).get("cursor") ?? ""],
    }));
    const api = createApi(server.base);
    const first = await api.records({ kind: "error" });
    const second = await api.records({ kind: "error", cursor: first.next });
    expect([...first.items, ...second.items].map((record) => record.eventId)).toEqual([
      "1",
      "2",
      "3",
    ]);
    expect(second.next).toBeUndefined();
  });

  test("a record of a kind from the future is counted and does not hide the others", async () => {
    const server = await serve(() => ({
      json: { records: [error("1"), { kind: "vital" }], next_cursor: null },
    }));
    expect(await createApi(server.base).records({})).toMatchObject({
      items: [{ eventId: "1" }],
      unread: 1,
    });
  });
});

describe("a refusal says what happened", () => {
  async function answered(
    status: number,
    headers: Record<string, string> = {},
    text = "",
  ): Promise<Refusal> {
    const server = await serve(() => ({ status, headers, text }));
    return refusal(createApi(server.base).sessions({}));
  }

  test("401, and whoever watches the login is told", async () => {
    const server = await serve(() => ({
      status: 401,
      headers: { "WWW-Authenticate": "Bearer" },
      json: { status: 401 },
    }));
    let told = 0;
    expect(await refusal(createApi(server.base, () => told++).sessions({}))).toEqual({
      kind: "unauthorised",
    });
    expect(told).toBe(1);
  });

  test("a wrong token at login is not an expired login", async () => {
    const server = await serve(() => ({ status: 401 }));
    let told = 0;
    expect(await refusal(createApi(server.base, () => told++).login("wrong"))).toEqual({
      kind: "unauthorised",
    });
    expect(told).toBe(0);
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      path: "/console/login",
      body: '{"token":"wrong"}',
    });
  });

  test("429 and 503 with Retry-After, in words", async () => {
    const busy = await answered(429, { "Retry-After": "37" }, '{"detail":"too many log-ins."}');
    expect(busy).toEqual({
      kind: "busy",
      status: 429,
      retryAfterSeconds: 37,
      detail: "too many log-ins.",
    });
    expect(inWords(busy)).toBe("Too many requests: too many log-ins. Try again in 37 s.");
    expect(inWords(await answered(503))).toBe(
      "The server cannot answer right now. Try again in a moment.",
    );
    expect(await answered(503, { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" })).toMatchObject({
      retryAfterSeconds: undefined,
    });
  });

  test("others with the server's own words when it has some, even if the body is no JSON", async () => {
    expect(
      inWords(await answered(400, {}, '{"title":"Bad request","detail":"limit is at most 1000"}')),
    ).toBe("The server refused the request (400): limit is at most 1000.");
    expect(inWords(await answered(502, {}, "<html>Bad gateway</html>"))).toBe(
      "The server refused the request (502).",
    );
    expect(await answered(404)).toEqual({ kind: "not_found" });
  });

  test("no server at all", async () => {
    const server = await serve(() => ({}));
    await server.stop();
    expect(await refusal(createApi(server.base).sessions({}))).toEqual({ kind: "unreachable" });
  });

  test.each([
    ["no JSON", "<!doctype html>"],
    ["JSON without the list", '{"items":[]}'],
    ["a list that is none", '{"sessions":{}}'],
  ])("an answer of another form: %s", async (_, text) => {
    expect(await answered(200, {}, text)).toEqual({ kind: "unreadable" });
  });

  test("an aborted request is an abort and not a refusal", async () => {
    const abort = new AbortController();
    const server = await serve(() => {
      abort.abort();
      return { json: { sessions: [] } };
    });
    await expect(createApi(server.base).sessions({}, abort.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("one thing", () => {
  test("ids are one segment of the path, whatever is in them", async () => {
    const server = await serve(() => ({ status: 404 }));
    const api = createApi(server.base);
    await refusal(api.session("../health"));
    await refusal(api.replayBatch("a/b", "c?d", 0));
    expect(server.requests.map((request) => request.path)).toEqual([
      "/sessions/..%2Fhealth",
      "/replays/a%2Fb/c%3Fd/0",
    ]);
  });

  test("a stored batch is read as it is stored: gzipped", async () => {
    const server = await serve(() => ({
      gzip: true,
      json: { sequence: 0, events: [{ type: 4, timestamp: 1 }] },
    }));
    expect(await createApi(server.base).replayBatch("session-1", "recording-1", 0)).toMatchObject({
      events: [{ type: 4 }],
    });
  });

  test("a server that is down still says how it is", async () => {
    const server = await serve(() => ({ status: 503, json: { status: "down", version: "0.1.0" } }));
    expect(await createApi(server.base).health()).toEqual({ status: "down", version: "0.1.0" });
  });

  test("a proxy's 503 is not the server's health", async () => {
    const api: Api = createApi((await serve(() => ({ status: 503, text: "<html>" }))).base);
    expect(await refusal(api.health())).toEqual({ kind: "unreadable" });
  });
});
