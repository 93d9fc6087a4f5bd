import { beforeEach, expect, test } from "vitest";
import { createDrops, type Drops } from "../src/drops";
import type { ReplayMode } from "../src/options";
import { createReplay, type Replay } from "../src/replay/replay";

let drops: Drops;
let replay: Replay;
/** What the chunk was told, in order. */
let told: string[];
let loading: () => Promise<void>;

beforeEach(() => {
  drops = createDrops(() => {});
  told = [];
  loading = async () => {};
});

async function open(mode: ReplayMode, wanted = true): Promise<void> {
  replay = createReplay({
    settings: { mode, maskAllText: false, minDurationMs: 0 },
    wanted: () => wanted,
    drops,
    newId: () => "recording-1",
    sessionId: () => "session-1",
    typed: { mask: (text) => text, remember: () => {} },
    emit: () => {},
    load: async () => {
      told.push("load");
      await loading();
      return {
        startRecording(_, keeps) {
          told.push(keeps ? "keep" : "record");
          return {
            send: () => told.push("send"),
            cut: (maxBytes) => told.push(`cut ${maxBytes}`),
            stop: () => told.push("stop"),
          };
        },
      };
    },
  });
  replay.begin();
  await settled();
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("off loads nothing, whatever happens", async () => {
  await open("off");
  replay.errorHappened();
  replay.cut();
  await settled();
  expect(told).toEqual([]);
});

test("a session that is not wanted is recorded only by hand", async () => {
  await open("always", false);
  replay.errorHappened();
  expect(told).toEqual([]);
  replay.start();
  await settled();
  expect(told).toEqual(["load", "record"]);
});

test("always records at once", async () => {
  await open("always");
  replay.errorHappened();
  replay.cut(7);
  expect(told).toEqual(["load", "record", "cut 7"]);
});

test("on-error keeps until an error, once", async () => {
  await open("on-error");
  replay.errorHappened();
  replay.errorHappened();
  expect(told).toEqual(["load", "keep", "send"]);
});

test("starting by hand sends what on-error kept", async () => {
  await open("on-error");
  replay.start();
  expect(told).toEqual(["load", "keep", "send"]);
});

test("an error that happens while the recorder loads is not missed", async () => {
  let loaded = () => {};
  loading = () =>
    new Promise((resolve) => {
      loaded = resolve;
    });
  await open("on-error");
  replay.errorHappened();
  replay.start();
  loaded();
  await settled();
  expect(told).toEqual(["load", "record"]);
});

test("stopped while it loads, it does not record", async () => {
  const opened = open("always");
  replay.stop();
  await opened;
  expect(told).toEqual(["load"]);
});

test("after a stop a start records again", async () => {
  await open("always");
  replay.stop();
  replay.cut();
  replay.start();
  await settled();
  expect(told).toEqual(["load", "record", "stop", "load", "record"]);
});

test("a recorder that cannot be loaded is a counted loss, and can be tried again", async () => {
  loading = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
  await open("always");
  expect(drops.read()).toEqual({ "recorder_unavailable:replay": 1 });
  loading = async () => {};
  replay.start();
  await settled();
  expect(told).toEqual(["load", "load", "record"]);
});
