import type { ErrorContext, FeatureFlags, Observer } from "./api";
import { type Breadcrumbs, captureBreadcrumbs, createBreadcrumbs } from "./capture/breadcrumbs";
import { captureUncaught } from "./capture/errors";
import { describeException } from "./capture/exception";
import { createPageViews } from "./capture/page-views";
import { watchTyped } from "./capture/typed";
import { openDisk } from "./disk";
import { createDrops, type DropReason } from "./drops";
import { replayPart } from "./event/envelope";
import { json } from "./event/json";
import { clip, LIMITS, plain } from "./event/limits";
import type { Context, Emission, Properties, Stamp } from "./event/types";
import { uuidv7 } from "./event/uuid";
import { createIdentity } from "./identity";
import { absolute, type ObserverOptions, settingsOf } from "./options";
import { createQueue } from "./queue";
import { createReplay, type LoadRecorder } from "./replay/replay";
import { createTransport } from "./transport";

/** What the outside world gives; tests give their own. @internal */
export interface Surroundings {
  readonly loadRecorder: LoadRecorder;
  readonly now?: () => number;
  readonly newId?: () => string;
  readonly fetch?: typeof fetch;
  readonly random?: () => number;
}

/** In memory, of this page: hours of errors and events, and some minutes of replay. On disk there is more. */
const QUEUE_BYTES = 16 * 1024 * 1024;
/** Of the envelope around a replay's events. */
const ENVELOPE_BYTES = 12 * 1024;

/** Starts to observe. @internal: `createObserver` knows where the recorder lies. */
export function startObserver(options: ObserverOptions, surroundings: Surroundings): Observer {
  const settings = settingsOf(options);
  const { loadRecorder, now = Date.now, random = Math.random } = surroundings;
  const newId = surroundings.newId ?? (() => uuidv7(now()));
  const ownFetch = surroundings.fetch ?? window.fetch;
  const warn = console.warn.bind(console, "[observer]");

  const { endpoint, cookieless } = settings;
  const drops = createDrops((losses) => queue.lost(losses));
  const identity = createIdentity({
    now,
    newId,
    storage: cookieless ? undefined : () => window.localStorage,
    optedOut: settings.requireConsent || (settings.honorPrivacySignals && asksForPrivacy()),
  });
  const queue = createQueue({
    endpoint,
    page: random().toString(36).slice(2),
    drops,
    now,
    openDisk: cookieless ? undefined : () => openDisk(endpoint),
    maxBytes: QUEUE_BYTES,
  });
  const transport = createTransport({
    endpoint,
    key: settings.key,
    queue,
    drops,
    allowed: () => !identity.isOptedOut(),
    random,
    fetch: ownFetch,
    warn,
  });
  const typed = watchTyped();
  const crumbs = createBreadcrumbs(now, typed.mask);
  const breadcrumbs: Breadcrumbs = {
    ...crumbs,
    add: (...crumb) => isSilent() || crumbs.add(...crumb),
  };
  const reported = new WeakSet<object>();
  let flags: Properties | undefined;
  let closed = false;

  const stamp = (): Stamp => ({ event_id: newId(), timestamp: new Date(now()).toISOString() });

  /** Closed, or opted out. */
  const isSilent = () => closed || identity.isOptedOut();

  function contextOf(session_id?: string): Context {
    return {
      service_name: settings.service,
      environment: settings.environment,
      release: settings.release,
      session_id,
      visitor_id: identity.visitorId(),
      user_id: identity.userId(),
    };
  }

  function keep(emission: Emission): void {
    const { kind } = emission;
    if (kind === "replay") {
      // It says its session itself, and its screen in its events. The session is not asked for:
      // that would keep it alive, and a page that changes by itself does not prolong a visit.
      queue.add(kind, json(contextOf()), replayPart(emission.batch, emission.events));
      return;
    }
    if (!identity.isSampled(settings.sampling?.[`${kind}s`])) return;
    const item = approved(emission);
    if (item === undefined) return;
    const context: Context = {
      ...contextOf(identity.sessionId()),
      language: navigator.language,
      screen_width: screen.width,
      screen_height: screen.height,
      viewport_width: innerWidth,
      viewport_height: innerHeight,
    };
    queue.add(kind, json(context), item);
  }

  /** An item as JSON as `beforeSend` wants it; undefined: not at all. Its id and time stay. */
  function approved(emission: Exclude<Emission, { kind: "replay" }>): string | undefined {
    const { kind, item } = emission;
    const { error = same, event = same } = settings.beforeSend ?? {};
    const { event_id, timestamp } = item;
    let reason: DropReason = "before_send_error";
    try {
      const said = emission.kind === "error" ? error(emission.item) : event(emission.item);
      if (said === null) reason = "before_send";
      else if (typeof said === "object") return json({ ...said, event_id, timestamp });
    } catch {
      // The same as no answer.
    }
    drops.count(reason, kind);
    return undefined;
  }

  function emit(emission: Emission): void {
    quietly(emission.kind, () => keep(emission));
    transport.wake(emission.kind);
  }

  /** Capture must not harm the page: what fails is counted and left out. */
  function quietly<T>(kind: Emission["kind"], act: () => T): T | undefined {
    try {
      return isSilent() ? undefined : act();
    } catch {
      drops.count("capture_error", kind);
      return undefined;
    }
  }

  const pageViews = createPageViews({
    emit,
    stamp,
    automatic: settings.pageViews !== false,
    onNavigation: (from, to) => breadcrumbs.add("navigation", `${from} → ${to}`, { from, to }),
  });
  function openReplay() {
    const wanted = !isSilent() && identity.isSampled(settings.sampling?.replay);
    return createReplay({
      settings: wanted ? settings.replay : { ...settings.replay, mode: "off" },
      emit,
      load: loadRecorder,
      drops,
      newId,
      sessionId: identity.sessionId,
      typed,
    });
  }
  let replay = openReplay();

  function captureException(thrown: unknown, about: ErrorContext = {}): string | undefined {
    return quietly("error", () => {
      if (typeof thrown === "object" && thrown !== null) {
        if (reported.has(thrown)) return undefined;
        reported.add(thrown);
      }
      const { error_type, message, stack_trace, causes } = describeException(thrown);
      const made = stamp();
      const crumbs = breadcrumbs.read();
      emit({
        kind: "error",
        item: {
          ...made,
          level: about.level ?? "error",
          error_type,
          message,
          stack_trace,
          mechanism: about.mechanism ?? "manual",
          handled: about.handled ?? true,
          ...pageViews.place(),
          trace_id: about.traceId,
          span_id: about.spanId,
          causes,
          breadcrumbs: crumbs.length > 0 ? crumbs : undefined,
          feature_flags: flags,
          component_path: about.componentPath && clip(about.componentPath, LIMITS.messageBytes),
          fingerprint: about.fingerprint?.slice(0, 20).map((word) => clip(word, LIMITS.nameBytes)),
          properties: plain(about.properties),
        },
      });
      replay.errorHappened();
      return made.event_id;
    });
  }

  /** Everything that would be lost with the page, errors first, replays with what room is left. */
  function hide(): void {
    quietly("event", () => {
      pageViews.settle();
      replay.cut(transport.hide() - ENVELOPE_BYTES);
      transport.hide();
    });
  }
  const onVisibility = () => {
    if (document.visibilityState === "hidden") hide();
  };
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("pagehide", hide);

  const stops = [
    () => document.removeEventListener("visibilitychange", onVisibility),
    () => removeEventListener("pagehide", hide),
    captureBreadcrumbs(breadcrumbs, (url) => absolute(url).startsWith(endpoint)),
    settings.errors !== false
      ? captureUncaught((thrown, mechanism) =>
          captureException(thrown, { mechanism, handled: false }),
        )
      : () => {},
    pageViews.stop,
    typed.stop,
  ];

  if (!isSilent()) transport.recover();
  return {
    captureException,
    track(name, properties) {
      quietly("event", () => {
        const { url, route } = pageViews.place();
        emit({
          kind: "event",
          item: {
            ...stamp(),
            event_type: "custom_event",
            event_name: clip(String(name), LIMITS.nameBytes),
            url,
            route,
            properties: plain(properties),
          },
        });
      });
    },
    pageView(view) {
      quietly("event", () => pageViews.view(view));
    },
    identify(user) {
      const id = typeof user === "object" ? user?.id : user;
      identity.identify(id === undefined ? undefined : String(id).slice(0, 256));
    },
    reset() {
      if (!closed) identity.reset();
    },
    async optOut() {
      if (closed) return;
      replay.stop();
      crumbs.clear();
      identity.choose(true);
      await queue.clear();
    },
    optIn() {
      if (closed) return;
      const wasOut = identity.isOptedOut();
      identity.choose(false);
      if (!wasOut) return;
      replay = openReplay();
      if (settings.pageViews !== false) quietly("event", () => pageViews.view());
      transport.recover();
    },
    addBreadcrumb(message, properties) {
      quietly("error", () => breadcrumbs.add("custom", String(message), properties));
    },
    setFeatureFlags(next: FeatureFlags) {
      quietly("error", () => {
        flags = plain(next);
      });
    },
    sessionReplay: {
      start: () => quietly("replay", () => replay.start()),
      stop: () => quietly("replay", () => replay.stop()),
    },
    async flush() {
      if (closed) return;
      pageViews.settle();
      quietly("replay", () => replay.cut());
      await transport.flush();
    },
    drops: drops.read,
    async close() {
      if (closed) return;
      pageViews.settle();
      quietly("replay", () => replay.stop());
      for (const stop of stops) stop();
      closed = true;
      await transport.flush();
      transport.stop();
      queue.abandon();
    },
    pageViews,
  };
}

const same = <T>(item: T) => item;

/** Global Privacy Control, or Do Not Track. */
function asksForPrivacy(): boolean {
  return Reflect.get(navigator, "globalPrivacyControl") === true || navigator.doNotTrack === "1";
}
