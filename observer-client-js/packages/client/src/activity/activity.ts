/**
 * What goes on around: clicks, the console, requests, what is typed, how long a page engages its
 * visitor, long tasks, storms of errors, and the replay, which knows what was typed before it records.
 * In the npm package it starts with the rest; the drop-in script asks for it at once, as a chunk, so
 * that it stays small itself.
 */
import { viewAt } from "../capture/page-views";
import type { Activity, Core, Part, PartHost } from "../part";
import { createReplay, type LoadRecorder, replayOptionsOf } from "../replay/replay";
import { createBreadcrumbs } from "./breadcrumbs";
import { watchClicks } from "./clicks";
import { watchConsole } from "./console";
import { createEngagement } from "./engagement";
import { createFolding } from "./folding";
import { createLocks } from "./locks";
import { watchLongTasks } from "./long-tasks";
import { watchRequests } from "./requests";
import { watchTyped } from "./typed";

/** What is loaded when it is wanted: the recorder, and parts after the page. */
export interface LaterParts {
  readonly recorder: LoadRecorder;
  readonly vitals: () => Promise<{ readonly startVitals: Part }>;
  readonly autocapture: () => Promise<{ readonly startAutocapture: Part }>;
}

export function startActivity(core: Core, later: LaterParts): Activity {
  const { settings, now, identity, drops, emit, pageViews } = core;
  const host: PartHost = {
    ...core,
    report(name, properties, time) {
      core.quietly("event", () => {
        const view = viewAt(pageViews.views, time ?? performance.now());
        const all = { page_view_id: view?.event_id, ...properties };
        // What was measured belongs to the session it was measured in, and does not prolong it.
        core.event(
          `observer.${name}`,
          all,
          view,
          time === undefined ? undefined : view?.session_id,
        );
      });
    },
    traceId: () => (core.isSilent() ? undefined : pageViews.place().trace_id),
    sessionId: () =>
      core.isSilent() ? undefined : viewAt(pageViews.views, performance.now())?.session_id,
  };
  const typed = watchTyped();
  const crumbs = createBreadcrumbs(now, typed.mask);
  const folding = createFolding(now, (item) => emit({ kind: "error", item }));
  const engagement = createEngagement();
  const locks = createLocks();
  const tasks = watchLongTasks();
  const { vitals, autocapture } = later;
  const parts: (() => Promise<Part>)[] = [];
  if (settings.vitals !== false) parts.push(async () => (await vitals()).startVitals);
  if (settings.autocapture === true) {
    parts.push(async () => (await autocapture()).startAutocapture);
  }
  const stops = [
    watchClicks(host),
    watchConsole(host),
    watchRequests(host),
    typed.stop,
    engagement.stop,
    tasks.stop,
    startAfterLoad(host, parts, () => drops.count("chunk_unavailable", "event")),
  ];
  let session = "";
  const replay = createReplay({
    ...core,
    settings: replayOptionsOf(settings.replay),
    wanted: () => !core.isSilent() && identity.isSampled(settings.sampling?.replay),
    sessionId() {
      // Opted out in another tab. Soon: the recorder asks in the middle of its own work.
      if (core.isSilent()) queueMicrotask(replay.stop);
      else session = identity.sessionId();
      return session;
    },
    load: later.recorder,
    typed,
  });
  replay.begin();

  return {
    ...crumbs,
    replay,
    fold: folding.fold,
    settle: folding.settle,
    hide: typed.hide,
    exclusively: locks.exclusively,
    leave(ended) {
      const at = performance.now();
      if (pageViews.views.length > 0) {
        const used = engagement.take();
        if (used !== undefined) host.report("page_leave", used, at);
        const long = tasks.take();
        if (long !== undefined) host.report("long_tasks", long, at);
      }
      if (ended) engagement.begin();
      else locks.release();
    },
    forget() {
      replay.stop();
      crumbs.forget();
      folding.settle();
    },
    stop() {
      core.quietly("replay", replay.stop);
      for (const stop of stops) stop();
    },
  };
}

/**
 * Starts parts once the page itself is loaded. Returns what ends them, and starts none from then on.
 * @param unavailable told of each part that cannot be loaded
 */
export function startAfterLoad(
  host: PartHost,
  parts: readonly (() => Promise<Part>)[],
  unavailable: () => void,
): () => void {
  const running: ReturnType<Part>[] = [];
  let stopped = false;
  const start = () => {
    for (const load of parts) {
      if (stopped) continue;
      load().then((part) => {
        if (!stopped) running.push(part(host));
      }, unavailable);
    }
  };
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
  return () => {
    stopped = true;
    for (const part of running) part.stop();
  };
}
