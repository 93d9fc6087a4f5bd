/** What the server said about one request. */
export type Answer =
  /** So many of its items are on the server's disk. The others were not taken and never will be. */
  | { readonly outcome: "accepted"; readonly accepted: number }
  /** Nothing was taken and a repetition would not help. */
  | { readonly outcome: "refused"; readonly status: number }
  /** More than this server takes at once: worth trying in halves. */
  | { readonly outcome: "too_large" }
  /** Nothing was taken this time. `afterMs` is what the server asked for, 0 when it did not say. */
  | { readonly outcome: "later"; readonly afterMs: number };

/**
 * Reads an answer. Only a body that counts what it accepted is an acknowledgement: a captive portal
 * or a proxy answers 200 with a page of its own, and the batch must not be lost to it.
 */
export function readAnswer(status: number, body: string, retryAfter: string | null): Answer {
  if (status >= 200 && status < 300) {
    const accepted = parse(body);
    if (accepted === undefined) return { outcome: "later", afterMs: 0 };
    return { outcome: "accepted", accepted };
  }
  if (status === 413) return { outcome: "too_large" };
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { outcome: "refused", status };
  }
  const seconds = Number(retryAfter ?? 0);
  return { outcome: "later", afterMs: seconds > 0 ? Math.min(seconds, 3600) * 1000 : 0 };
}

/** The number of accepted items, or undefined when this is not an answer of an Observer server. */
function parse(body: string): number | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== "object" || answer === null || !("accepted" in answer)) return undefined;
    return typeof answer.accepted === "number" ? answer.accepted : undefined;
  } catch {
    return undefined;
  }
}
