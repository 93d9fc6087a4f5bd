import type { Drops } from "./drops";
import { type Answer, millisOf, readAnswer } from "./event/answer";
import { bodyOf } from "./event/envelope";
import { byteLength } from "./event/limits";
import { KINDS, type Kind } from "./event/types";
import type { Identity } from "./identity";
import type { Activity } from "./part";
import { type Batch, idOf, type Queue } from "./queue";

/**
 * Brings the queue to the server. Of all pages of the origin one sends a kind at a time, also what
 * the others captured; an entry leaves the queue when the server has answered for it.
 */
export interface Transport {
  /** Something was added to the queue. */
  wake(kind: Kind): void;
  /** Ends all pauses: the network is back. */
  resume(): void;
  /** Soon looks for what earlier visits left. */
  recover(): void;
  /** Sends all there is, now. Resolves when it is acknowledged or a lane has to wait; never rejects. */
  flush(): Promise<void>;
  /**
   * The page is going to be hidden, perhaps for good: sends what fits into the bytes a browser
   * grants to requests that outlive their page, errors first. The rest waits for the next visit.
   *
   * @returns how many of those bytes are left
   */
  hide(): number;
  stop(): void;
}

export interface TransportOptions {
  /** Absolute, because a page may have another base. */
  readonly endpoint: string;
  readonly key?: string | undefined;
  readonly queue: Queue;
  readonly drops: Drops;
  /** Does something while no other page does anything under this name, if that can be had. */
  readonly exclusively: Activity["exclusively"];
  /** The visitor may have opted out, perhaps in another tab. */
  readonly identity: Pick<Identity, "isOptedOut">;
  /** In [0, 1): spreads retries of many pages. */
  readonly random: () => number;
  /** Taken before anything wraps it. */
  readonly fetch: typeof fetch;
  /** Told once when the server refuses this page: a mistake of configuration. */
  readonly warn: (message: string) => void;
}

/** How long the first item of a batch waits for company. */
const LINGER_MS: Record<Kind, number> = { error: 200, event: 1000, replay: 0 };
/** A batch goes at once when it has this many items or bytes. */
const FULL_ITEMS = 50;
const FULL_BYTES = 64 * 1024;
/** Below the server's 1,000 items and 1 MiB, with room for the envelope. */
const MOST_ITEMS = 200;
const MOST_BYTES = 768 * 1024;
/** Smaller bodies gain nothing: they are one packet either way. */
const GZIP_FROM_BYTES = 1200;
/** Browsers grant 65,536 bytes to all keepalive requests and beacons of a page together; other scripts want some. */
const KEEPALIVE_BYTES = 60_000;
/** Room for the context and for what was lost before. */
const ENVELOPE_BYTES = 2048;
/** What earlier visits left can wait until the page has loaded. */
const RECOVER_MS = 1_000;
const TIMEOUT_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;

/** The requests of one kind, one after the other. */
interface Lane {
  /** @param soon in so many milliseconds there may be something; without it, if this page has something */
  schedule(soon?: number): void;
  /** Sends one batch. False: there was none, or the lane has to wait. */
  pump(): Promise<boolean>;
  flush(): Promise<void>;
  hide(): void;
  /** @param told by the server */
  pause(ms: number, told?: boolean): void;
  /** Ends a pause, for whatever reason it was made. */
  resume(): void;
}

export function createTransport(options: TransportOptions): Transport {
  const { endpoint, queue, drops, fetch } = options;
  const query = options.key ? `?key=${encodeURIComponent(options.key)}` : "";
  /** What is in requests that outlive the page. */
  const surviving = new Set<string>();
  let keepaliveInFlight = 0;
  let stopped = false;
  let warned = false;

  function createLane(kind: Kind): Lane {
    const path = kind === "replay" ? "replay-events" : `${kind}s`;
    const address = `${endpoint}/${path}`;
    // These times are `performance.now()`: a changed clock moves none.
    let timer: ReturnType<typeof setTimeout> | undefined;
    let timerAt = 0;
    let notBefore = 0;
    let toldUntil = 0;
    let failures = 0;
    /** So many items are tried at once: fewer after a batch that could not be taken as a whole. */
    let most = MOST_ITEMS;
    /** What is under way; resolves to whether it is worth going on. */
    let running: Promise<boolean> | undefined;

    function schedule(soon?: number): void {
      if (stopped || running) return;
      const { items, bytes } = queue.waiting(kind);
      if (!items && soon === undefined) return;
      const full = items >= FULL_ITEMS || bytes >= FULL_BYTES;
      const now = performance.now();
      const at = Math.max(notBefore, now + (soon ?? (full ? 0 : LINGER_MS[kind])));
      if (timer && timerAt <= at) return;
      clearTimeout(timer);
      timerAt = at;
      timer = setTimeout(pump, at - now);
    }

    async function pump(): Promise<boolean> {
      clearTimeout(timer);
      timer = undefined;
      return !stopped && (running ?? occupy(options.exclusively(address, sendNext)));
    }

    async function sendNext(): Promise<boolean | undefined> {
      if (options.identity.isOptedOut()) return void (await queue.clear());
      const batch = await queue.next(kind, most, MOST_BYTES);
      return batch && deliver(batch);
    }

    /** One thing at a time. `work` says whether to go on, or undefined when there was nothing. */
    function occupy(work: Promise<boolean | undefined>): Promise<boolean> {
      const current = Promise.all([work, running]).then(([goOn]) => {
        if (running === current) {
          running = undefined;
          schedule(goOn === undefined ? goOn : 0);
        }
        return !!goOn;
      });
      running = current;
      return current;
    }

    /** Up to the request itself without waiting for anything when the page is `leaving`, gzip included. */
    async function deliver(batch: Batch, leaving = false): Promise<boolean> {
      const { entries, sentAt, losses } = batch;
      const at = new Date(sentAt).toISOString();
      const items = entries.map((entry) => entry.json);
      const text = bodyOf(kind, at, entries[0]?.context ?? "{}", items, losses);
      const body = !leaving && text.length >= GZIP_FROM_BYTES ? await gzip(text) : text;
      const size = typeof body === "string" ? byteLength(body) : body.size;
      // Replays stay off the shared bytes while the page lives, or an error at its end finds none left.
      const keepalive =
        leaving || (kind !== "replay" && size <= KEEPALIVE_BYTES - keepaliveInFlight);
      const held = keepalive ? size : 0;
      const ids = keepalive ? entries.map(idOf) : [];
      for (const id of ids) surviving.add(id);
      keepaliveInFlight += held;
      const answer = await request(body, keepalive);
      keepaliveInFlight -= held;
      for (const id of ids) surviving.delete(id);
      return settle(batch, answer);
    }

    async function request(body: string | Blob, keepalive: boolean): Promise<Answer> {
      try {
        const response = await fetch(address + query, {
          method: "POST",
          body,
          // Of no type, or text: neither needs a preflight. The server recognises gzip by its first bytes.
          keepalive,
          // Browsers before 2022 wait as long as they wait.
          signal: AbortSignal.timeout?.(TIMEOUT_MS),
        });
        // An answer that is not read keeps holding its share of the keepalive bytes.
        const text = await response.text();
        pauseAsTold(response.headers.get("Observer-Retry"));
        return readAnswer(response.status, text, response.headers.get("Retry-After"));
      } catch {
        return { afterMs: 0 };
      }
    }

    /** Decides what becomes of a batch. True: the lane may go on. */
    async function settle({ entries, losses }: Batch, answer: Answer): Promise<boolean> {
      const n = entries.length;
      if ("accepted" in answer) {
        drops.count("rejected", kind, n - answer.accepted);
      } else {
        queue.lost(losses);
        if ("afterMs" in answer) {
          const backoff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++);
          pause(backoff * (0.5 + options.random() / 2));
          pause(answer.afterMs, true);
          return false;
        }
        const { refused, less } = answer;
        if (less && n > 1) {
          most = Math.ceil(n / 2);
          return true;
        }
        drops.count(refused === 413 ? "too_large" : `refused_${refused}`, kind, n);
        if (!warned) options.warn(`${address} answers ${refused}: data is lost`);
        warned = true;
      }
      failures = 0;
      most = Math.min(MOST_ITEMS, most * 2);
      await queue.done(entries);
      return true;
    }

    function pause(ms: number, told = false): void {
      const until = performance.now() + ms;
      notBefore = Math.max(notBefore, until);
      if (told) toldUntil = Math.max(toldUntil, until);
    }

    return {
      schedule,
      pump,
      pause,
      async flush() {
        await running;
        while (await pump());
      },
      hide() {
        // A server that asked for a pause gets it, if nothing is lost by it.
        while (toldUntil <= performance.now() || !queue.durable()) {
          const left = KEEPALIVE_BYTES - keepaliveInFlight - ENVELOPE_BYTES;
          // What is in a request that dies with the page goes again: the server stores it once.
          const batch = queue.last(kind, MOST_ITEMS, left, surviving);
          if (!batch) break;
          void occupy(deliver(batch, true));
        }
      },
      resume() {
        notBefore = 0;
        schedule(0);
      },
    };
  }

  const lanes: Record<Kind, Lane> = {
    error: createLane("error"),
    event: createLane("event"),
    replay: createLane("replay"),
  };
  const all = Object.values(lanes);

  /** `Observer-Retry: 60;replay,event`: those kinds pause, the others flow. */
  function pauseAsTold(header: string | null): void {
    const [seconds, kinds = ""] = (header ?? "").split(";");
    for (const kind of KINDS) {
      if (kinds.includes(kind)) lanes[kind].pause(millisOf(seconds), true);
    }
  }

  return {
    wake: (kind) => lanes[kind].schedule(),
    resume() {
      for (const lane of all) lane.resume();
    },
    recover() {
      setTimeout(() => {
        // Of who has opted out not even the database is opened.
        if (!options.identity.isOptedOut()) for (const lane of all) lane.schedule(0);
      }, RECOVER_MS);
    },
    async flush() {
      await Promise.all(all.map((lane) => lane.flush()));
    },
    hide() {
      if (!options.identity.isOptedOut()) for (const lane of all) lane.hide();
      return KEEPALIVE_BYTES - keepaliveInFlight;
    },
    stop() {
      stopped = true;
    },
  };
}

/** Gzip, where the browser can; the text itself where not, or where it does not pay. */
async function gzip(text: string): Promise<string | Blob> {
  try {
    const packed = new Response(text).body?.pipeThrough(new CompressionStream("gzip"));
    return await new Response(packed).blob();
  } catch {
    return text;
  }
}
