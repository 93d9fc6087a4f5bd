import { flag, isObject, type JsonObject, list, object, text, time } from "./decode";

/** What every record carries. Times are milliseconds since the epoch. */
export interface RecordBase {
  readonly eventId: string;
  readonly timestamp: number;
  readonly receivedAt: number | undefined;
  readonly source: string | undefined;
  readonly serviceName: string | undefined;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly sessionId: string | undefined;
  readonly visitorId: string | undefined;
  readonly userId: string | undefined;
  readonly url: string | undefined;
  readonly route: string | undefined;
  /** Everything of the stored form that has no field of its own here, with the names of the wire. */
  readonly rest: JsonObject;
}

export interface Cause {
  readonly errorType: string;
  readonly message: string;
  readonly stackTrace: string | undefined;
}

export interface Breadcrumb {
  readonly timestamp: number | undefined;
  readonly category: string;
  readonly message: string;
  readonly properties: JsonObject;
}

export interface ErrorRecord extends RecordBase {
  readonly kind: "error";
  readonly level: string;
  readonly errorType: string;
  readonly message: string;
  readonly stackTrace: string | undefined;
  readonly mechanism: string | undefined;
  readonly handled: boolean | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly componentPath: string | undefined;
  readonly fingerprint: string | undefined;
  readonly causes: readonly Cause[];
  readonly breadcrumbs: readonly Breadcrumb[];
  readonly featureFlags: JsonObject;
  readonly properties: JsonObject;
}

export interface PageViewRecord extends RecordBase {
  readonly kind: "page_view";
  readonly title: string | undefined;
  readonly referrer: string | undefined;
}

export interface CustomEventRecord extends RecordBase {
  readonly kind: "custom_event";
  readonly eventName: string;
  readonly properties: JsonObject;
}

export interface ReplayRecord extends RecordBase {
  readonly kind: "replay_started" | "replay_ended";
  readonly recordingId: string | undefined;
}

export type ObserverRecord = ErrorRecord | PageViewRecord | CustomEventRecord | ReplayRecord;

const NAMED = new Set([
  ...[
    "event_id",
    "timestamp",
    "received_at",
    "kind",
    "source",
    "service_name",
    "environment",
    "release",
  ],
  ...[
    "session_id",
    "visitor_id",
    "user_id",
    "url",
    "route",
    "level",
    "error_type",
    "message",
    "stack_trace",
  ],
  ...[
    "mechanism",
    "handled",
    "trace_id",
    "span_id",
    "component_path",
    "fingerprint",
    "causes",
    "breadcrumbs",
  ],
  ...[
    "feature_flags",
    "properties",
    "title",
    "referrer",
    "event_type",
    "event_name",
    "recording_id",
  ],
]);

/** Reads one stored record; `undefined` when it has no id, no time or is of a kind this console does not know. */
export function readRecord(json: unknown): ObserverRecord | undefined {
  if (!isObject(json)) return undefined;
  const base = readBase(json);
  if (base === undefined) return undefined;
  switch (json.kind) {
    case "error":
      return readError(base, json);
    case "event":
      return json.event_type === "page_view"
        ? { ...base, kind: "page_view", title: text(json.title), referrer: text(json.referrer) }
        : {
            ...base,
            kind: "custom_event",
            eventName: text(json.event_name) ?? "event without a name",
            properties: object(json.properties),
          };
    case "replay":
      return {
        ...base,
        kind: json.event_type === "session_replay_ended" ? "replay_ended" : "replay_started",
        recordingId: text(json.recording_id),
      };
    default:
      return undefined;
  }
}

function readBase(json: JsonObject): RecordBase | undefined {
  const eventId = text(json.event_id);
  const timestamp = time(json.timestamp);
  if (eventId === undefined || timestamp === undefined) return undefined;
  return {
    eventId,
    timestamp,
    receivedAt: time(json.received_at),
    source: text(json.source),
    serviceName: text(json.service_name),
    environment: text(json.environment),
    release: text(json.release),
    sessionId: text(json.session_id),
    visitorId: text(json.visitor_id),
    userId: text(json.user_id),
    url: text(json.url) ?? text(json.initial_url),
    route: text(json.route),
    rest: Object.fromEntries(Object.entries(json).filter(([name]) => !NAMED.has(name))),
  };
}

function readError(base: RecordBase, json: JsonObject): ErrorRecord {
  return {
    ...base,
    kind: "error",
    level: text(json.level) ?? "error",
    errorType: text(json.error_type) ?? "Error",
    message: text(json.message) ?? "",
    stackTrace: text(json.stack_trace),
    mechanism: text(json.mechanism),
    handled: flag(json.handled),
    traceId: text(json.trace_id),
    spanId: text(json.span_id),
    componentPath: text(json.component_path),
    fingerprint: Array.isArray(json.fingerprint)
      ? json.fingerprint.join(" · ")
      : text(json.fingerprint),
    causes: list(json.causes).map((entry) => {
      const cause = object(entry);
      return {
        errorType: text(cause.error_type) ?? "Error",
        message: text(cause.message) ?? "",
        stackTrace: text(cause.stack_trace),
      };
    }),
    breadcrumbs: list(json.breadcrumbs).map((entry) => {
      const crumb = object(entry);
      return {
        timestamp: time(crumb.timestamp),
        category: text(crumb.category) ?? "custom",
        message: text(crumb.message) ?? "",
        properties: object(crumb.properties),
      };
    }),
    featureFlags: object(json.feature_flags),
    properties: object(json.properties),
  };
}
