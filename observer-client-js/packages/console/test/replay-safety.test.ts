// @vitest-environment node
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromium, documentOf } from "./chromium";
import { hostileEvents } from "./hostile-recording";
import { type Answer, serve } from "./server";

/** What the server sends with every file of the console; the frame of a replay inherits it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
  "media-src data: blob:; connect-src 'self'; frame-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const TIME = "2026-11-25T10:00:00.000Z";
const LATER = "2026-11-25T10:00:10.000Z";

const required = process.env.OBSERVER_TEST_REQUIRE_BACKENDS === "true";
if (chromium === undefined && !required)
  console.warn("SKIPPED: replays in a browser are not tested, because Chromium is missing.");

/** A stranger's server: counts who connects, even when nothing is asked. */
function stranger(): Promise<{ readonly origin: string; connections(): number; stop(): void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address !== "string" ? address.port : 0;
      resolve({
        origin: `http://127.0.0.1:${port}`,
        connections: () => connections,
        stop: () => server.close(),
      });
    }),
  );
}

describe.skipIf(chromium === undefined && !required)("a replay in Chromium", () => {
  const dist = mkdtempSync(join(tmpdir(), "observer-console-dist-"));

  beforeAll(async () => {
    await build({
      root: join(import.meta.dirname, ".."),
      logLevel: "error",
      build: { outDir: dist, emptyOutDir: true },
    });
  }, 60_000);
  afterAll(() => rmSync(dist, { recursive: true, force: true }));

  function file(name: string): Answer {
    const headers = {
      "Content-Type": TYPES[extname(name)] ?? "",
      "Content-Security-Policy": POLICY,
      "X-Content-Type-Options": "nosniff",
    };
    return { headers, text: readFileSync(join(dist, name), "utf8") };
  }

  test("shows the recorded page, runs nothing of it, and reaches no other server, under the console's policy", async () => {
    const foreign = await stranger();
    const session = {
      session_id: "session-1",
      first_time: TIME,
      last_time: TIME,
      has_replay: true,
    };
    const recording = {
      recording_id: "recording-1",
      start_time: TIME,
      batches: [{ sequence: 0, bytes: 1 }],
      missing: [],
    };
    // Without a base path, so that the paths a recorded page asks for are seen as well.
    const server = await serve(({ path }): Answer => {
      if (path === "/console/") return file("index.html");
      if (path.startsWith("/console/assets/")) return file(path.slice("/console/".length));
      if (path.startsWith("/records")) return { json: { records: [], next_cursor: null } };
      if (path.startsWith("/sessions?"))
        return { json: { sessions: [session], next_cursor: null } };
      if (path === "/sessions/session-1") return { json: { ...session, recordings: [recording] } };
      if (path === "/replays/session-1/recording-1/0") {
        return {
          gzip: true,
          json: {
            start_time: TIME,
            events: hostileEvents(foreign.origin, "/ran", Date.parse(TIME)),
          },
        };
      }
      return { status: 404, json: {} };
    }, "");
    try {
      // A link to a moment after the end: every recorded event is applied on the way there.
      const page = await documentOf(
        `${server.base}/console/#/sessions/session-1?at=${LATER}`,
        8_000,
      );
      const paths = server.requests.map((request) => request.path);

      // The page was rebuilt, and what it may load it loaded: its pictures and styles of this origin.
      expect(paths).toContain("/recorded.png");
      expect(paths).toContain("/recorded.css");

      // And all of its events were applied.
      expect(page).toMatch(/class="control-time">0:03<span class="quiet"> \/ 0:03/);
      expect(page).not.toContain("cannot be played");

      expect(page.match(/<iframe[^>]*>/g)).toHaveLength(1);
      expect(page).toMatch(/<iframe sandbox="allow-same-origin"[^>]*tabindex="-1"/);
      expect(paths).not.toContain("/ran");
      expect(paths).not.toContain("/framed");
      expect(foreign.connections()).toBe(0);
    } finally {
      foreign.stop();
    }
  }, 90_000);
});
