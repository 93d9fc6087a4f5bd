import { parsed } from "./json";

/** What the server said about one request. */
export type Answer =
  /** So many of its items are on the server's disk. The others were not taken and never will be. */
  | { readonly accepted: number }
  /**
   * Nothing was taken and a repetition would not help, unless with `less`: it was too much at once
   * (413), or something in it makes the whole unreadable (400).
   */
  | { readonly refused: number; readonly less: boolean }
  /** Nothing was taken this time. `afterMs` is what the server asked for, 0 when it did not say. */
  | { readonly afterMs: number };

/**
 * Reads an answer. Only a body that counts what it accepted is an acknowledgement: a captive portal
 * or a proxy answers 200 with a page of its own, and the batch must not be lost to it.
 */
export function readAnswer(status: number, body: string, retryAfter: string | null): Answer {
  if (status >= 200 && status < 300) {
    const { accepted } = Object(parsed(body));
    return typeof accepted === "number" ? { accepted } : { afterMs: 0 };
  }
  // A replay batch that is there already, from an attempt whose answer was lost: only `sent_at` differs.
  if (status === 409) return { accepted: 1 };
  if (status < 400 || status >= 500 || [408, 425, 429].includes(status)) {
    return { afterMs: millisOf(retryAfter) };
  }
  // Each item was read and found wrong when the answer points at them, or at what they share.
  const unread = status === 400 && !/"pointer":"\/(events|errors|context)/.test(body);
  return { refused: status, less: unread || status === 413 };
}

/** Of seconds as a header says them: at most an hour, and 0 when they are not a number. */
export function millisOf(seconds: string | null | undefined): number {
  return Math.min(Math.max(Number(seconds), 0) || 0, 3600) * 1000;
}
