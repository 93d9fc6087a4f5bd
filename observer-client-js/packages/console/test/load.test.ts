// @vitest-environment node
import { describe, expect, test } from "vitest";
import { createPacker } from "../../client/src/replay/packed";
import { ApiError, createApi } from "../src/api/client";
import { type JsonObject, object } from "../src/api/decode";
import type { Recording } from "../src/api/sessions";
import { quietStretches } from "../src/replay/inactivity";
import { join, type LoadedRecording, loadRecording, type Unplayable } from "../src/replay/load";
import { serve } from "./server";

const START = Date.parse("2026-11-25T10:00:00.000Z");
const META = {
  type: 4,
  data: { href: "https://shop.example/", width: 1280, height: 800 },
  timestamp: START,
};
const SNAPSHOT = {
  type: 2,
  data: { node: { type: 0, childNodes: [], id: 1 } },
  timestamp: START + 10,
};
const move = (offset: number) => ({
  type: 3,
  data: { source: 1, positions: [] },
  timestamp: START + offset,
});

function recording(sequences: number[], missing: number[] = []): Recording {
  const batches = sequences.map((sequence) => ({ sequence, bytes: 1 }));
  return { recordingId: "recording-1", startTime: START, initialUrl: undefined, batches, missing };
}

function body(events: unknown, fields: JsonObject = {}): JsonObject {
  return { start_time: new Date(START).toISOString(), ...fields, events };
}

function playable(loaded: LoadedRecording | Unplayable): LoadedRecording {
  if ("reason" in loaded) throw new Error(`cannot be played: ${loaded.reason}`);
  return loaded;
}

const never = new AbortController().signal;

/** Waits that take no time. */
function waiting() {
  const waits: number[] = [];
  return { waits, wait: async (ms: number) => void waits.push(ms) };
}

describe("a recording is joined from its batches", () => {
  test("fetched each once, in whatever order they arrive, with the progress told", async () => {
    const bodies: JsonObject[] = [
      body([META, SNAPSHOT]),
      body([move(100)]),
      body([move(200)]),
      body([move(300)]),
      body([move(400)]),
    ];
    const server = await serve(({ path }) => ({
      gzip: true,
      json: bodies[Number(path.split("/").at(-1))],
    }));
    const progress: number[] = [];
    const loaded = await loadRecording(
      createApi(server.base),
      "session-1",
      recording([0, 1, 2, 3, 4]),
      never,
      (done) => progress.push(done),
    );
    expect(playable(loaded)).toMatchObject({
      start: START,
      end: START + 400,
      gaps: [],
      addresses: [{ url: "https://shop.example/" }],
    });
    expect(playable(loaded).events.map((event) => event.timestamp - START)).toEqual([
      0, 10, 100, 200, 300, 400,
    ]);
    expect(server.requests.map((request) => request.path).sort()).toEqual(
      [0, 1, 2, 3, 4].map((n) => `/replays/session-1/recording-1/${n}`),
    );
    expect(progress).toEqual([1, 2, 3, 4, 5]);
  });

  test("a batch that is gone, or is no JSON, is a gap until the next full snapshot", async () => {
    const answers = [
      { json: body([META, SNAPSHOT, move(100)]) },
      { status: 404 },
      { text: "{cut off" },
      { json: body([move(400), { ...SNAPSHOT, timestamp: START + 500 }]) },
    ];
    const server = await serve(
      ({ path }) => answers[Number(path.split("/").at(-1))] ?? { status: 404 },
    );
    const loaded = await loadRecording(
      createApi(server.base),
      "session-1",
      recording([0, 1, 2, 3]),
      never,
    );
    expect(playable(loaded).gaps).toEqual([
      { from: 1, to: 2, start: START + 100, end: START + 500 },
    ]);
  });

  test("a server that refuses is not a gap: it can be asked again", async () => {
    const server = await serve(() => ({ status: 500 }));
    await expect(
      loadRecording(createApi(server.base), "session-1", recording([0]), never),
    ).rejects.toBeInstanceOf(ApiError);
    expect(server.requests).toHaveLength(1);
  });

  test("a server that is busy for a while is waited for, as long as it says", async () => {
    const answers = [{ status: 503, headers: { "Retry-After": "7" } }, { status: 429 }];
    const server = await serve(() => answers.shift() ?? { json: body([META, SNAPSHOT]) });
    const { waits, wait } = waiting();
    const loaded = await loadRecording(
      createApi(server.base),
      "session-1",
      recording([0]),
      never,
      undefined,
      wait,
    );
    expect(playable(loaded).gaps).toEqual([]);
    expect(waits).toEqual([7_000, 2_000]);
  });

  test("a server that stays out of reach is given up, and no further batch is asked for", async () => {
    const asked: number[] = [];
    const { waits, wait } = waiting();
    const gone = {
      async replayBatch(_session: string, _recording: string, sequence: number) {
        asked.push(sequence);
        throw new ApiError({ kind: "unreachable" });
      },
    };
    const many = recording(Array.from({ length: 100 }, (_, sequence) => sequence));
    await expect(
      loadRecording(gone, "session-1", many, never, undefined, wait),
    ).rejects.toBeInstanceOf(ApiError);
    expect(new Set(asked)).toEqual(new Set([0, 1, 2, 3]));
    expect(waits.filter((_, i) => i % 4 === 0)).toEqual([1_000, 2_000, 4_000]);
  });

  test("a server that asks for a long wait is not waited for", async () => {
    const server = await serve(() => ({ status: 503, headers: { "Retry-After": "60" } }));
    await expect(
      loadRecording(createApi(server.base), "session-1", recording([0]), never),
    ).rejects.toMatchObject({ refusal: { kind: "busy", retryAfterSeconds: 60 } });
  });

  test("whoever leaves while a server is waited for ends the wait", async () => {
    const leaving = new AbortController();
    const gone = {
      async replayBatch() {
        leaving.signal.throwIfAborted();
        setTimeout(() => leaving.abort());
        throw new ApiError({ kind: "unreachable" });
      },
    };
    const began = performance.now();
    await expect(
      loadRecording(gone, "session-1", recording([0]), leaving.signal),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(performance.now() - began).toBeLessThan(900);
  });

  test("a batch of more events than a call takes arguments is joined like any", () => {
    const many = Array.from({ length: 200_000 }, (_, offset) => move(100 + offset));
    const bodies = new Map([[0, body([META, SNAPSHOT, ...many])]]);
    expect(playable(join(recording([0]), bodies, [])).events).toHaveLength(200_002);
  });

  test("events that are none are left out", () => {
    const bodies = new Map([
      [0, body([META, null, 7, { type: "2" }, { type: 2, timestamp: "now" }, SNAPSHOT])],
    ]);
    expect(playable(join(recording([0]), bodies, [])).events).toHaveLength(2);
  });
});

describe("packed batches", () => {
  /** Five batches of some changes each; the first and the fourth begin with a full snapshot. */
  const recorded = [0, 1, 2, 3, 4].map((sequence) => {
    const change = (i: number) => ({
      type: 3,
      data: {
        source: 0,
        adds: [
          {
            parentId: 1,
            nextId: null,
            node: { type: 3, textContent: `${sequence}.${i}`, id: 9 + i },
          },
        ],
      },
      timestamp: START + sequence * 1_000 + i * 100,
    });
    const begin =
      sequence % 3 === 0
        ? [META, SNAPSHOT].map((event) => ({ ...event, timestamp: START + sequence * 1_000 }))
        : [];
    return [...begin, change(1), change(2)];
  });
  const bodies = new Map(
    recorded.map((events, sequence) => {
      const packer = createPacker();
      const packed = events.map((event) => JSON.parse(packer.pack(event)));
      return [sequence, body(packed, { encoding: "packed-2" })];
    }),
  );
  const timesOf = (events: readonly { timestamp: number }[]) =>
    events.map((event) => event.timestamp);

  test("are read as what was recorded", () => {
    const loaded = playable(join(recording([0, 1, 2, 3, 4]), bodies, []));
    expect(loaded.events).toMatchObject(recorded.flat());
    expect(loaded.gaps).toEqual([]);
  });

  test.each([0, 1, 2, 3, 4])(
    "of which %i is missing are the others, with a gap to the next snapshot",
    (missing) => {
      const others = [0, 1, 2, 3, 4].filter((sequence) => sequence !== missing);
      const left = new Map([...bodies].filter(([sequence]) => sequence !== missing));
      const loaded = playable(join(recording(others), left, []));
      expect(timesOf(loaded.events)).toEqual(
        timesOf(others.flatMap((sequence) => recorded[sequence] ?? [])),
      );
      // What was lost after the last batch cannot be known.
      const known = missing < 4;
      expect(loaded.gaps).toHaveLength(known ? 1 : 0);
      if (known) {
        expect(loaded.gaps[0]).toEqual({
          from: missing,
          to: missing,
          start: missing === 0 ? START + 1_100 : START + (missing - 1) * 1_000 + 200,
          end: missing === 3 ? undefined : START + 3_000,
        });
      }
    },
  );

  test("of which one is not of its form are the others, with a gap", () => {
    const broken = new Map(bodies).set(1, body([[7, 1]], { encoding: "packed-2" }));
    const loaded = playable(join(recording([0, 1, 2, 3, 4]), broken, []));
    expect(loaded.gaps).toMatchObject([{ from: 1, to: 1, end: START + 3_000 }]);
  });

  test("can stand beside batches of rrweb's own form", () => {
    const mixed = new Map(bodies).set(1, body(recorded[1]));
    expect(playable(join(recording([0, 1, 2, 3, 4]), mixed, [])).events).toHaveLength(14);
  });
});

test("what acts is taken out in the order in which it is played, not in that of the batches", () => {
  const mutation = (offset: number, data: object) => ({
    type: 3,
    data: { source: 0, adds: [], removes: [], texts: [], attributes: [], ...data },
    timestamp: START + offset,
  });
  const frame = { type: 2, id: 99, tagName: "iframe", attributes: {}, childNodes: [] };
  const bodies = new Map([
    [
      0,
      body([
        META,
        SNAPSHOT,
        mutation(900, { attributes: [{ id: 99, attributes: { src: "/account", class: "x" } }] }),
      ]),
    ],
    [1, body([mutation(500, { adds: [{ parentId: 1, nextId: null, node: frame }] })])],
  ]);
  const { events } = playable(join(recording([0, 1]), bodies, []));
  expect(events.at(-1)?.data).toMatchObject({ attributes: [{ attributes: { class: "x" } }] });
  expect(JSON.stringify(events)).not.toContain("/account");
});

describe("what cannot be played is said", () => {
  test.each([
    ["nothing there", new Map<number, JsonObject>(), { reason: "empty" }],
    ["no list of events", new Map([[0, body("x")]]), { reason: "empty" }],
    [
      "the full snapshot was lost",
      new Map([[1, body([move(1), move(2)])]]),
      { reason: "no_snapshot" },
    ],
    [
      "another form",
      new Map([[0, body([META, SNAPSHOT], { encoding: "packed-99" })]]),
      { reason: "encoding", encoding: "packed-99" },
    ],
  ])("%s", (_, bodies, why) => {
    expect(join(recording([0, 1]), bodies, [])).toEqual(why);
  });
});

describe("times are the server's", () => {
  const wrongClock = (minutes: number) => ({
    start_time: new Date(START - minutes * 60_000).toISOString(),
  });

  test("a browser's clock that the server corrected is corrected here too", () => {
    const late = (event: { timestamp: number }) => ({
      ...event,
      timestamp: event.timestamp - 10 * 60_000,
    });
    const loaded = join(
      recording([0]),
      new Map([[0, body([late(META), late(SNAPSHOT)], wrongClock(10))]]),
      [],
    );
    expect(playable(loaded)).toMatchObject({ start: START, end: START + 10 });
  });

  test("less than the server corrects is left alone", () => {
    const loaded = join(
      recording([0]),
      new Map([[0, body([META, SNAPSHOT], wrongClock(0.5))]]),
      [],
    );
    expect(playable(loaded).start).toBe(START);
  });
});

test("events are defused before they reach the player", () => {
  const script = {
    type: 2,
    tagName: "a",
    attributes: { href: "javascript:alert(1)", onclick: "alert(1)" },
    childNodes: [],
    id: 2,
  };
  const snapshot = { ...SNAPSHOT, data: { node: { type: 0, childNodes: [script], id: 1 } } };
  const loaded = playable(join(recording([0]), new Map([[0, body([META, snapshot])]]), []));
  expect(JSON.stringify(object(loaded.events[1]?.data))).not.toContain("alert");
});

test("stretches without anything done by the visitor are found, also at both ends; the page's own changes do not count", () => {
  const own = (offset: number) => ({ type: 3, data: { source: 0 }, timestamp: START + offset });
  const events = [own(1_000), move(6_000), own(9_000), move(10_000), own(14_000)];
  expect(quietStretches(events, START, START + 20_000, 5_000)).toEqual([
    { start: START, end: START + 6_000 },
    { start: START + 10_000, end: START + 20_000 },
  ]);
});
