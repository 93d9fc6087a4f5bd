import type { ErrorContext, FeatureFlags, Observer } from "./api";
import type { Approve } from "./before-send";
import { arrivalOf } from "./capture/arrival";
import { captureUncaught, createErrors } from "./capture/errors";
import { listen } from "./capture/listen";
import { awaitsActivation, createPageViews } from "./capture/page-views";
import { createDrops } from "./drops";
import { json } from "./event/json";
import { clip, LIMITS, plain } from "./event/limits";
import type { Context, Emission, Place, Properties, Stamp } from "./event/types";
import { randomHex, uuidv7 } from "./event/uuid";
import { createIdentity } from "./identity";
import { type ObserverOptions, settingsOf } from "./options";
import type { Activity, AddBreadcrumb, Core, StartActivity } from "./part";
import { createQueue } from "./queue";
import { createTransport } from "./transport";

/** What the outside world gives; tests give their own. @internal */
export interface Surroundings {
  /** Calls back with what starts the activity, now or later. */
  readonly activity?: (run: (start: StartActivity) => void) => Promise<void>;
  readonly approve?: Approve;
  readonly now?: () => number;
  readonly newId?: () => string;
  readonly fetch?: typeof fetch;
  readonly random?: () => number;
}

/** Of the envelope around a replay's events. */
const ENVELOPE_BYTES = 12 * 1024;

/** What happens before the activity runs: a page may add breadcrumbs endlessly. */
const MOST_EARLY = 1000;

/** Starts to observe. @internal: `createObserver` knows where the activity lies. */
export function startObserver(options: ObserverOptions, surroundings: Surroundings): Observer {
  const { approve, now = Date.now } = surroundings;
  const settings = settingsOf(options);
  const drops = createDrops((losses) => queue.lost(losses));
  const shared = {
    random: Math.random,
    newId: () => uuidv7(now()),
    fetch: window.fetch,
    warn: console.warn.bind(console, "[observer]"),
    ...settings,
    ...surroundings,
    now,
    drops,
  };
  const { newId } = shared;
  const identity = createIdentity(shared);
  const queue = createQueue(shared);
  const transport = createTransport({
    ...shared,
    queue,
    identity,
    // Until it is there nobody waits: what two pages send the server stores once.
    exclusively: (name, act) => (activity ? activity.exclusively(name, act) : act()),
  });
  let flags: Properties | undefined;
  let closed = false;
  let activity: Activity | undefined;
  /** For the activity, when it runs. */
  const early: ((activity: Activity) => void)[] = [];
  const tell = (say: (activity: Activity) => void) => {
    if (activity) say(activity);
    else if (early.length < MOST_EARLY) early.push(say);
  };

  const stamp = (at = now()): Stamp => ({
    event_id: newId(),
    timestamp: new Date(at).toISOString(),
  });

  /** Closed, or opted out. */
  const isSilent = () => closed || identity.isOptedOut();

  function contextOf(session_id?: string): Context {
    const { service: service_name, environment, release } = settings;
    const visitor_id = identity.visitorId();
    return {
      service_name,
      environment,
      release,
      session_id,
      visitor_id,
      user_id: identity.userId(),
    };
  }

  function keep(emission: Emission): void {
    const { kind } = emission;
    if (kind === "replay") {
      // It says its session itself, and its screen in its events. The session is not asked for:
      // that would keep it alive, and a page that changes by itself does not prolong a visit.
      queue.add(kind, json(contextOf()), emission.part);
      return;
    }
    if (!identity.isSampled(settings.sampling?.[`${kind}s`])) return;
    activity?.hide(emission.item);
    const item = approve ? approve(emission, drops) : json(emission.item);
    if (!item) return;
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

  function emit(emission: Emission): void {
    // What nobody sees has not happened yet.
    if (awaitsActivation(() => emit(emission))) return;
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
    now,
    newTrace: () => (settings.traces === false ? undefined : randomHex(16)),
    // Not even an id is made for who does not want to be observed.
    sessionId: () => (isSilent() ? undefined : identity.sessionId()),
    arrival: (...page) => arrivalOf(identity, ...page),
    onLeave: () => quietly("event", () => activity?.leave(true)),
    automatic: settings.pageViews !== false,
    onNavigation: (from, to) => addBreadcrumb("navigation", `${from} → ${to}`),
  });
  const errors = createErrors({
    emit,
    stamp,
    place: pageViews.place,
    activity: () => activity,
    flags: () => flags,
    onCaptured: () => tell(({ replay }) => replay.errorHappened()),
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
    quietly("error", () => tell((to) => to.addBreadcrumb(category, message, properties, at)));

  const core: Core = {
    ...shared,
    settings,
    identity,
    pageViews,
    emit,
    addBreadcrumb,
    captureException,
    isSilent,
    quietly,
    event,
  };

  function run(start: StartActivity): void {
    if (closed) return;
    activity = start(core);
    for (const say of early) say(activity);
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
      const left = transport.hide() - ENVELOPE_BYTES;
      activity?.replay.cut(left);
      transport.hide();
    });
  }
  const stops = [
    // On the document, after what listens on the window: Web Vitals report in the same event.
    listen(document, "visibilitychange", () => document.hidden && hide()),
    listen(window, "pagehide", hide),
    listen(window, "online", transport.resume),
    pageViews.stop,
    () => activity?.stop(),
  ];
  if (settings.errors !== false) {
    stops.push(
      ...captureUncaught((thrown, mechanism) =>
        captureException(thrown, { mechanism, handled: false }),
      ),
    );
  }
  surroundings.activity?.(run).catch(() => {
    drops.count("chunk_unavailable", "event");
    if ((settings.replay ?? "off") !== "off") drops.count("recorder_unavailable", "replay");
  });

  transport.recover();
  return {
    captureException,
    track(name, properties) {
      quietly("event", () => event(String(name), properties));
    },
    pageView(view) {
      quietly("event", () => pageViews.view(view));
    },
    identify(user) {
      let id: string | undefined;
      try {
        id = String(Object(user).id ?? user ?? "").slice(0, 256);
      } catch {
        // Nobody, rather than who was here before.
      }
      identity.identify(id || undefined);
    },
    reset() {
      if (!closed) identity.reset();
    },
    async optOut() {
      if (closed) return;
      early.length = 0;
      identity.choose(true);
      activity?.forget();
      pageViews.forget();
      await queue.clear();
    },
    optIn() {
      if (closed) return;
      const wasOut = identity.isOptedOut();
      // What could not be deleted when they objected, because the disk failed or the page went.
      if (identity.choose(false) === "out") void queue.clear();
      if (!wasOut) return;
      activity?.replay.begin();
      pageViews.forget();
      transport.recover();
    },
    addBreadcrumb(message, properties) {
      quietly("error", () => addBreadcrumb("custom", String(message), properties));
    },
    setFeatureFlags(next: FeatureFlags) {
      flags = plain(next);
    },
    sessionReplay: {
      start: () => quietly("replay", () => tell(({ replay }) => replay.start())),
      stop: () => quietly("replay", () => tell(({ replay }) => replay.stop())),
    },
    async flush() {
      if (closed) return;
      pageViews.settle();
      activity?.settle();
      quietly("replay", () => activity?.replay.cut());
      await transport.flush();
    },
    drops: drops.read,
    async close() {
      if (closed) return;
      settle();
      for (const stop of stops) stop();
      closed = true;
      await transport.flush();
      transport.stop();
      queue.abandon();
    },
    pageViews,
  };
}
