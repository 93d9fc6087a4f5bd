/**
 * What goes on around: clicks, the console, requests, what is typed, how long a page engages its
 * visitor, long tasks, storms of errors. In the npm package it starts with the rest; the drop-in
 * script asks for it at once, as a chunk, so that it stays small itself.
 */
import type { Activity, Part, PartHost } from "../part";
import { createBreadcrumbs } from "./breadcrumbs";
import { watchClicks } from "./clicks";
import { watchConsole } from "./console";
import { createEngagement } from "./engagement";
import { createFolding } from "./folding";
import { watchLongTasks } from "./long-tasks";
import { watchRequests } from "./requests";
import { watchTyped } from "./typed";

/** Parts that are loaded after the page, if they are wanted. */
export interface LaterParts {
  readonly vitals: () => Promise<Part>;
  readonly autocapture: () => Promise<Part>;
}

export function startActivity(host: PartHost, later: LaterParts): Activity {
  const { settings } = host;
  const typed = watchTyped();
  const crumbs = createBreadcrumbs(host.now, typed.mask);
  const folding = createFolding(host.now, host.emitError);
  const engagement = createEngagement();
  const tasks = watchLongTasks();
  const stops = [
    watchClicks(host),
    watchConsole(host),
    watchRequests(host),
    typed.stop,
    engagement.stop,
    tasks.stop,
    startAfterLoad(host, [
      settings.vitals !== false && later.vitals,
      settings.autocapture === true && later.autocapture,
    ]),
  ];

  return {
    ...crumbs,
    mask: typed.mask,
    remember: typed.remember,
    fold: folding.fold,
    settle: folding.settle,
    leave(ended) {
      const now = performance.now();
      if (host.viewId(now) !== undefined) {
        const used = engagement.take();
        if (used !== undefined) host.report("page_leave", used, now);
        const long = tasks.take();
        if (long !== undefined) host.report("long_tasks", long, now);
      }
      if (ended) engagement.begin();
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Starts parts once the page itself is loaded. Returns what ends them, and starts none from then on. */
export function startAfterLoad(
  host: PartHost,
  parts: readonly (false | undefined | (() => Promise<Part>))[],
): () => void {
  const running: ReturnType<Part>[] = [];
  let stopped = false;
  const start = () => {
    for (const load of parts) {
      if (!load || stopped) continue;
      load().then((part) => {
        if (!stopped) running.push(part(host));
      }, host.unavailable);
    }
  };
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
  return () => {
    stopped = true;
    for (const part of running) part.stop();
  };
}
