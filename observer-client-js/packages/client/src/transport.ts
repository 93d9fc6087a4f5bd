import type { Drops } from "./drops";
import { type Answer, readAnswer } from "./event/answer";
import { itemsBody, replayBody } from "./event/envelope";
import { byteLength } from "./event/limits";
import { type Dropped, KINDS, type Kind } from "./event/types";
import type { Batch, Queue } from "./queue";

/** Brings the queue to the server. */
export interface Transport {
  /** Something was added to the queue. */
  wake(kind: Kind): void;
  /** Sends all there is, now. Resolves when it is acknowledged or a lane has to wait; never rejects. */
  flush(): Promise<void>;
  /**
   * The page is going to be hidden, perhaps for good: sends what fits into the bytes a browser
   * grants to requests that outlive their page, errors first.
   */
  hide(): void;
  /** How many of those bytes are left. */
  hideBudget(): number;
  stop(): void;
}

export interface TransportOptions {
  readonly endpoint: string;
  readonly key: string | undefined;
  readonly queue: Queue;
  readonly drops: Drops;
  readonly now: () => number;
  /** In [0, 1): spreads retries of many pages. */
  readonly random: () => number;
  /** Taken before anything wraps it. */
  readonly fetch: typeof fetch;
  /** Told once when the server refuses this page: a mistake of configuration. */
  readonly warn: (message: string) => void;
}

const PATHS = { error: "errors", event: "events", replay: "replay-events" } as const;
/** How long the first item of a batch waits for company. */
const LINGER_MS: Record<Kind, number> = { error: 200, event: 1000, replay: 0 };
/** A batch goes at once when it has this many items or bytes. */
const FULL_ITEMS = 50;
const FULL_BYTES = 64 * 1024;
/** Below the server's 1,000 items and 1 MiB, with room for the envelope. */
const MOST_ITEMS = 500;
const MOST_BYTES = 768 * 1024;
/** Smaller bodies gain nothing: they are one packet either way. */
const GZIP_FROM_BYTES = 1200;
/** Browsers grant 65,536 bytes to all keepalive requests and beacons of a page together; other scripts want some. */
const KEEPALIVE_BYTES = 60_000;
/** Room for the context and for what was lost before. */
const ENVELOPE_BYTES = 2048;
const TIMEOUT_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;

interface Lane {
  timer: ReturnType<typeof setTimeout> | undefined;
  timerAt: number;
  /** Set by failures and by the server. */
  notBefore: number;
  failures: number;
  /** The request under way; resolves to whether it is worth going on. */
  running: Promise<boolean> | undefined;
  /** What `running` sends, when it would die with the page. */
  mortal: Batch | undefined;
}

export function createTransport(options: TransportOptions): Transport {
  const { queue, drops, now } = options;
  const lanes: Record<Kind, Lane> = { error: lane(), event: lane(), replay: lane() };
  /** A replay batch is stored byte for byte: every attempt sends the body of the first. */
  const replayBodies = new WeakMap<Batch, string>();
  let keepaliveInFlight = 0;
  let stopped = false;
  let warned = false;

  const online = () => {
    for (const kind of KINDS) {
      lanes[kind].notBefore = 0;
      schedule(kind);
    }
  };
  addEventListener("online", online);

  function schedule(kind: Kind): void {
    const state = lanes[kind];
    if (stopped || state.running !== undefined) return;
    const { items, bytes, retry } = queue.waiting(kind);
    if (items === 0) return;
    const full = retry || items >= FULL_ITEMS || bytes >= FULL_BYTES;
    const at = Math.max(state.notBefore, now() + (full ? 0 : LINGER_MS[kind]));
    if (state.timer !== undefined) {
      if (state.timerAt <= at) return;
      clearTimeout(state.timer);
    }
    state.timerAt = at;
    state.timer = setTimeout(() => void pump(kind), at - now());
  }

  /** Sends one batch of a lane. False: there was none, or the lane has to wait. */
  function pump(kind: Kind): Promise<boolean> {
    const state = lanes[kind];
    clearTimeout(state.timer);
    state.timer = undefined;
    if (state.running !== undefined) return state.running;
    const batch = queue.next(kind, MOST_ITEMS, MOST_BYTES);
    if (batch === undefined) return Promise.resolve(false);
    const running = send(batch).then((answer) => {
      state.running = undefined;
      state.mortal = undefined;
      const goOn = settle(batch, answer);
      schedule(kind);
      return goOn;
    });
    state.running = running;
    return running;
  }

  async function send(batch: Batch): Promise<Answer> {
    const state = lanes[batch.kind];
    state.mortal = batch;
    const dropped = take(batch);
    const text = bodyOf(batch, dropped);
    const body = text.length >= GZIP_FROM_BYTES ? await gzip(text) : text;
    const size = typeof body === "string" ? byteLength(body) : body.size;
    // Replays stay off the shared bytes while the page lives, or an error at its end finds none left.
    const keepalive = batch.kind !== "replay" && size <= KEEPALIVE_BYTES - keepaliveInFlight;
    if (keepalive) state.mortal = undefined;
    return request(batch.kind, body, size, keepalive, dropped);
  }

  /** What a batch says about losses. Not a replay batch, whose body may not change. */
  function take(batch: Batch): readonly Dropped[] {
    return batch.kind === "replay" ? [] : drops.take();
  }

  async function request(
    kind: Kind,
    body: string | Blob,
    size: number,
    keepalive: boolean,
    dropped: readonly Dropped[],
  ): Promise<Answer> {
    let answer: Answer = { outcome: "later", afterMs: 0 };
    if (keepalive) keepaliveInFlight += size;
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await options.fetch.call(globalThis, address(kind), {
        method: "POST",
        body,
        keepalive,
        // A type that needs no preflight; the server recognises gzip by its first bytes.
        headers: { "Content-Type": "text/plain;charset=UTF-8" },
        signal: abort.signal,
      });
      // An answer that is not read keeps holding its share of the keepalive bytes.
      const text = await response.text();
      pauseAsTold(response.headers.get("Observer-Retry"));
      answer = readAnswer(response.status, text, response.headers.get("Retry-After"));
    } catch {
      // No answer: later.
    }
    clearTimeout(timeout);
    if (keepalive) keepaliveInFlight -= size;
    if (answer.outcome !== "accepted") drops.giveBack(dropped);
    return answer;
  }

  /** Decides what becomes of a batch. True: the lane may go on. */
  function settle(batch: Batch, answer: Answer): boolean {
    const state = lanes[batch.kind];
    if (answer.outcome === "later") {
      queue.giveBack(batch);
      const backoff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** state.failures++);
      const wait = Math.max(answer.afterMs, backoff * (0.5 + options.random() / 2));
      state.notBefore = Math.max(state.notBefore, now() + wait);
      return false;
    }
    state.failures = 0;
    if (answer.outcome === "too_large" && batch.entries.length > 1) {
      queue.giveBackHalved(batch);
      return true;
    }
    queue.done(batch);
    if (answer.outcome === "too_large") drops.count("too_large", batch.kind);
    if (answer.outcome === "accepted" && answer.accepted < batch.entries.length) {
      drops.count("rejected", batch.kind, batch.entries.length - answer.accepted);
    }
    if (answer.outcome === "refused") {
      drops.count(`refused_${answer.status}`, batch.kind, batch.entries.length);
      if (!warned)
        options.warn(
          `${options.endpoint}/${PATHS[batch.kind]} answers ${answer.status}: data is lost`,
        );
      warned = true;
    }
    return true;
  }

  /** `Observer-Retry: 60;replay,event`: those kinds pause, the others flow. */
  function pauseAsTold(header: string | null): void {
    const [, seconds, kinds = ""] = header?.match(/^\s*(\d{1,5})\s*;\s*([a-z, ]+)$/) ?? [];
    if (seconds === undefined) return;
    for (const kind of KINDS) {
      if (kinds.split(/[, ]+/).includes(kind)) {
        lanes[kind].notBefore = Math.max(lanes[kind].notBefore, now() + Number(seconds) * 1000);
      }
    }
  }

  function bodyOf(batch: Batch, dropped: readonly Dropped[]): string {
    const [first] = batch.entries;
    const context = first?.context ?? "{}";
    const sentAt = new Date(now()).toISOString();
    if (first?.replay === undefined) {
      const list = batch.kind === "error" ? "errors" : "events";
      const items = batch.entries.map((entry) => entry.json);
      return itemsBody(list, sentAt, context, items, dropped);
    }
    const body = replayBodies.get(batch) ?? replayBody(sentAt, context, first.replay, [first.json]);
    replayBodies.set(batch, body);
    return body;
  }

  function address(kind: Kind): string {
    const key = options.key === undefined ? "" : `?key=${encodeURIComponent(options.key)}`;
    return `${options.endpoint}/${PATHS[kind]}${key}`;
  }

  /** Sends without waiting for anything, gzip included. False: it did not fit, or nothing could take it. */
  function sendLastly(batch: Batch): boolean {
    const answered = typeof Request === "function" && "keepalive" in Request.prototype;
    // Losses are not told to a beacon: whether they arrived would stay unknown.
    const dropped = answered ? take(batch) : [];
    const body = bodyOf(batch, dropped);
    const size = byteLength(body);
    if (size > KEEPALIVE_BYTES - keepaliveInFlight) {
      drops.giveBack(dropped);
      return false;
    }
    if (answered) {
      void request(batch.kind, body, size, true, dropped).then((answer) => {
        settle(batch, answer);
        schedule(batch.kind);
      });
      return true;
    }
    // Older Firefox: a beacon, whose answer nobody sees.
    const queued = navigator.sendBeacon?.(address(batch.kind), body) ?? false;
    if (queued) queue.done(batch);
    return queued;
  }

  return {
    wake: schedule,
    async flush() {
      await Promise.all(
        KINDS.map(async (kind) => {
          await lanes[kind].running;
          while (!stopped && (await pump(kind)));
        }),
      );
    },
    hide() {
      for (const kind of KINDS) {
        const { mortal } = lanes[kind];
        // The same batch twice is stored once; whichever answer comes first settles it.
        if (mortal !== undefined) sendLastly(mortal);
        for (;;) {
          const left = KEEPALIVE_BYTES - keepaliveInFlight - ENVELOPE_BYTES;
          const batch = left > 0 ? queue.next(kind, MOST_ITEMS, left) : undefined;
          if (batch === undefined) break;
          if (!sendLastly(batch)) {
            queue.giveBack(batch);
            break;
          }
        }
      }
    },
    hideBudget: () => Math.max(0, KEEPALIVE_BYTES - keepaliveInFlight),
    stop() {
      stopped = true;
      removeEventListener("online", online);
      for (const kind of KINDS) clearTimeout(lanes[kind].timer);
    },
  };
}

function lane(): Lane {
  return {
    timer: undefined,
    timerAt: 0,
    notBefore: 0,
    failures: 0,
    running: undefined,
    mortal: undefined,
  };
}

/** Gzip, where the browser can; the text itself where not, or where it does not pay. */
async function gzip(text: string): Promise<string | Blob> {
  if (typeof CompressionStream === "undefined") return text;
  try {
    const packed = new Response(text).body?.pipeThrough(new CompressionStream("gzip"));
    return packed === undefined ? text : await new Response(packed).blob();
  } catch {
    return text;
  }
}
