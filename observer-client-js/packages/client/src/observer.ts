import type { ErrorContext, FeatureFlags, Observer } from "./api";
import { createArrival } from "./capture/arrival";
import { captureUncaught, createErrors } from "./capture/errors";
import { listen } from "./capture/listen";
import { createPageViews, isPrerendering } from "./capture/page-views";
import { openDisk } from "./disk";
import { createDrops, type DropReason } from "./drops";
import { replayPart } from "./event/envelope";
import { json } from "./event/json";
import { clip, LIMITS, plain } from "./event/limits";
import type { Context, Emission, Place, Properties, Stamp } from "./event/types";
import { randomHex, uuidv7 } from "./event/uuid";
import { createIdentity } from "./identity";
import { type ObserverOptions, settingsOf } from "./options";
import type { Activity, AddBreadcrumb, PartHost, StartActivity } from "./part";
import { createQueue } from "./queue";
import { createReplay, type LoadRecorder } from "./replay/replay";
import { createTransport } from "./transport";

/** What the outside world gives; tests give their own. @internal */
export interface Surroundings {
  readonly loadRecorder: LoadRecorder;
  readonly activity?: StartActivity | Promise<StartActivity>;
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
    optedOut: !!settings.requireConsent || (!!settings.honorPrivacySignals && asksForPrivacy()),
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
  const makeTrace = () => (settings.traces === false ? undefined : randomHex(16));
  let traceId = makeTrace();
  let flags: Properties | undefined;
  let closed = false;
  let activity: Activity | undefined;
  /** What is said before the activity runs is repeated to it. */
  const early: Parameters<AddBreadcrumb>[] = [];

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
      ...contextOf((kind === "event" && emission.session) || identity.sessionId()),
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
    if (isPrerendering()) {
      // What nobody sees has not happened yet.
      document.addEventListener("prerenderingchange", () => emit(emission), { once: true });
      return;
    }
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

  const arrival = createArrival({
    load: () => identity.recall("arrival"),
    save: (word) => identity.keep("arrival", word),
  });
  const pageViews = createPageViews({
    emit,
    stamp,
    traceId: () => traceId,
    // Not even an id is made for who does not want to be observed.
    sessionId: () => (isSilent() ? undefined : identity.sessionId()),
    arrival: (...page) => quietly("event", () => arrival.of(...page)),
    onLeave() {
      quietly("event", () => activity?.leave(true));
      traceId = makeTrace();
    },
    automatic: settings.pageViews !== false,
    onNavigation: (from, to) => addBreadcrumb("navigation", `${from} → ${to}`, { from, to }),
  });
  function openReplay() {
    const wanted = !isSilent() && identity.isSampled(settings.sampling?.replay);
    return createReplay({
      settings: { ...settings.replay, mode: wanted ? settings.replay.mode : "off" },
      emit,
      load: loadRecorder,
      drops,
      newId,
      sessionId: identity.sessionId,
      typed: {
        mask: (...text) => activity?.mask(...text) ?? text[0],
        remember: (value) => activity?.remember(value),
      },
    });
  }
  let replay = openReplay();

  const errors = createErrors({
    emit,
    stamp,
    place: pageViews.place,
    breadcrumbs: () => activity?.breadcrumbs() ?? [],
    flags: () => flags,
    fold: (error) => activity?.fold(error),
    onCaptured: () => replay.errorHappened(),
  });
  const captureException = (thrown: unknown, about?: ErrorContext) =>
    quietly("error", () => errors.capture(thrown, about));

  function event(
    name: string,
    properties: Properties | undefined,
    { url, route, trace_id }: Place = pageViews.place(),
    session?: string,
  ): void {
    emit({
      kind: "event",
      session,
      item: {
        ...stamp(),
        event_type: "custom_event",
        event_name: clip(name, LIMITS.nameBytes),
        url,
        route,
        trace_id,
        properties: plain(properties),
      },
    });
  }

  const addBreadcrumb: AddBreadcrumb = (category, message, properties, at = now()) =>
    quietly("error", () => {
      if (activity) activity.addBreadcrumb(category, message, properties, at);
      else if (early.length < LIMITS.breadcrumbs) early.push([category, message, properties, at]);
    });

  const host: PartHost = {
    settings,
    now,
    report(name, properties, time) {
      quietly("event", () => {
        const view = pageViews.viewAt(time ?? performance.now());
        const all = { page_view_id: view?.event_id, ...properties };
        // What was measured belongs to the session it was measured in, and does not prolong it.
        event(`observer.${name}`, all, view, time === undefined ? undefined : view?.session_id);
      });
    },
    viewId: (time) => pageViews.viewAt(time)?.event_id,
    addBreadcrumb,
    captureException,
    traceId: () => (isSilent() ? undefined : pageViews.place().trace_id),
    sessionId: () => (isSilent() ? undefined : pageViews.viewAt(performance.now())?.session_id),
    unavailable: () => drops.count("chunk_unavailable", "event"),
    emitError: (item) => emit({ kind: "error", item }),
  };

  function run(start: StartActivity): void {
    if (closed) return;
    activity = start(host);
    for (const crumb of early) activity.addBreadcrumb(...crumb);
  }

  /** Hands on what waits to be said. */
  function settle(): void {
    pageViews.settle();
    activity?.leave(false);
    activity?.settle();
  }

  /** Everything that would be lost with the page, errors first, replays with what room is left. */
  function hide(): void {
    quietly("event", () => {
      settle();
      replay.cut(transport.hide() - ENVELOPE_BYTES);
      transport.hide();
    });
  }
  const stops = [
    // On the document, after what listens on the window: Web Vitals report in the same event.
    listen(document, "visibilitychange", () => document.visibilityState === "hidden" && hide()),
    listen(window, "pagehide", hide),
    settings.errors !== false
      ? captureUncaught((thrown, mechanism) =>
          captureException(thrown, { mechanism, handled: false }),
        )
      : () => {},
    pageViews.stop,
    () => activity?.stop(),
  ];
  const { activity: around } = surroundings;
  if (typeof around === "function") run(around);
  else around?.then(run).catch(host.unavailable);

  if (!isSilent()) transport.recover();
  return {
    captureException,
    track(name, properties) {
      quietly("event", () => event(String(name), properties));
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
      activity?.forgetBreadcrumbs();
      early.length = 0;
      identity.choose(true);
      activity?.settle();
      pageViews.forget();
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
      addBreadcrumb("custom", String(message), properties);
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
      activity?.settle();
      quietly("replay", () => replay.cut());
      await transport.flush();
    },
    drops: drops.read,
    async close() {
      if (closed) return;
      settle();
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
