import { isObject, type JsonObject, list, object, text } from "./decode";
import { type ObserverRecord, readRecord } from "./records";
import { readSession, readSessionDetail, type Session, type SessionDetail } from "./sessions";

/** Why a request gave nothing to show. `detail` is in the server's words, when it gave any. */
export type Refusal =
  | { readonly kind: "unauthorised" }
  | { readonly kind: "not_found" }
  | {
      readonly kind: "busy";
      readonly status: number;
      readonly retryAfterSeconds: number | undefined;
      readonly detail: string | undefined;
    }
  | { readonly kind: "refused"; readonly status: number; readonly detail: string | undefined }
  | { readonly kind: "unreachable" }
  | { readonly kind: "unreadable" };

/** The one error the API client throws. */
export class ApiError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.kind);
    this.name = "ApiError";
  }
}

/** One page of a listing, newest first; `next` is the cursor of the older ones. `unread` items were not in a known form. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
  readonly unread: number;
}

export interface RecordFilter {
  readonly kind?: "error" | "event" | "replay" | undefined;
  readonly eventId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly environment?: string | undefined;
  /** Inclusive, milliseconds since the epoch, about the record's own time. */
  readonly since?: number | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface SessionFilter {
  readonly since?: number | undefined;
  readonly userId?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly environment?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** The reading half of the server's API. Every call throws {@link ApiError} and nothing else, save for an abort. */
export interface Api {
  login(token: string): Promise<void>;
  logout(): Promise<void>;
  records(filter: RecordFilter, signal?: AbortSignal): Promise<Page<ObserverRecord>>;
  sessions(filter: SessionFilter, signal?: AbortSignal): Promise<Page<Session>>;
  session(sessionId: string, signal?: AbortSignal): Promise<SessionDetail>;
  /** One stored replay batch: the body the browser sent, `events` inside. */
  replayBatch(
    sessionId: string,
    recordingId: string,
    sequence: number,
    signal?: AbortSignal,
  ): Promise<JsonObject>;
  /** Answered even when the server is down (503), because it then says why. */
  health(signal?: AbortSignal): Promise<JsonObject>;
}

/** An API client for the server at `base`, which ends without a slash. `onUnauthorised` is called at each 401 but that of a login. */
export function createApi(base: string, onUnauthorised: () => void = () => {}): Api {
  async function send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(base + path, { credentials: "same-origin", cache: "no-store", ...init });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new ApiError({ kind: "unreachable" });
    }
  }

  async function get(
    path: string,
    signal: AbortSignal | undefined,
    alsoGood?: number,
  ): Promise<unknown> {
    const response = await send(path, signal === undefined ? {} : { signal });
    if (!response.ok && response.status !== alsoGood) {
      const refusal = await refusalOf(response);
      if (refusal.kind === "unauthorised") onUnauthorised();
      throw new ApiError(refusal);
    }
    try {
      return await response.json();
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new ApiError({ kind: "unreadable" });
    }
  }

  async function post(path: string, body: unknown): Promise<void> {
    const response = await send(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new ApiError(await refusalOf(response));
    await response.body?.cancel();
  }

  return {
    login: (token) => post("/console/login", { token }),
    logout: () => post("/console/logout", {}),
    async records(
      { kind, eventId, traceId, sessionId, serviceName, environment, since, limit, cursor },
      signal,
    ) {
      const query = queryOf({
        kind,
        event_id: eventId,
        trace_id: traceId,
        session_id: sessionId,
        service_name: serviceName,
        environment,
        since: iso(since),
        limit,
        cursor,
      });
      return readPage(await get(`/records${query}`, signal), "records", readRecord);
    },
    async sessions({ since, userId, serviceName, environment, limit, cursor }, signal) {
      const query = queryOf({
        since: iso(since),
        user_id: userId,
        service_name: serviceName,
        environment,
        limit,
        cursor,
      });
      return readPage(await get(`/sessions${query}`, signal), "sessions", readSession);
    },
    async session(sessionId, signal) {
      const detail = readSessionDetail(
        await get(`/sessions/${encodeURIComponent(sessionId)}`, signal),
      );
      if (detail === undefined) throw new ApiError({ kind: "unreadable" });
      return detail;
    },
    async replayBatch(sessionId, recordingId, sequence, signal) {
      const path = [sessionId, recordingId, String(sequence)].map(encodeURIComponent).join("/");
      const batch = await get(`/replays/${path}`, signal);
      if (!isObject(batch)) throw new ApiError({ kind: "unreadable" });
      return batch;
    },
    async health(signal) {
      const health = await get("/health", signal, 503);
      if (!isObject(health) || text(health.status) === undefined)
        throw new ApiError({ kind: "unreadable" });
      return health;
    },
  };
}

async function refusalOf(response: Response): Promise<Refusal> {
  const { status } = response;
  // The body is read even where it is not needed: an unread one holds its connection.
  const problem = object(await response.json().catch(() => undefined));
  const detail = text(problem.detail) ?? text(problem.title);
  switch (status) {
    case 401:
      return { kind: "unauthorised" };
    case 404:
      return { kind: "not_found" };
    case 429:
    case 503:
      return {
        kind: "busy",
        status,
        retryAfterSeconds: seconds(response.headers.get("Retry-After")),
        detail,
      };
    default:
      return { kind: "refused", status, detail };
  }
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

function readPage<T>(
  json: unknown,
  field: string,
  read: (item: unknown) => T | undefined,
): Page<T> {
  if (!isObject(json) || !Array.isArray(json[field])) throw new ApiError({ kind: "unreadable" });
  const all = list(json[field]);
  const items = all.map(read).filter((item) => item !== undefined);
  return { items, next: text(json.next_cursor), unread: all.length - items.length };
}
