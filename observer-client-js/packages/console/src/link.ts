import type { ErrorRecord } from "./api/records";

/**
 * The address of a link built from recorded data: only `http` and `https`, in its normal form, else `undefined`.
 * A recorded address is text of a stranger; `javascript:` and `data:` must never become a link.
 */
export function webAddress(recorded: string | undefined): string | undefined {
  if (recorded === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(recorded);
  } catch {
    return undefined;
  }
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}

/** A recorded address for narrow places: path and query without the origin; the whole text when it is no web address. */
export function pathOf(recorded: string): string {
  const address = webAddress(recorded);
  if (address === undefined) return recorded;
  const url = new URL(address);
  return url.pathname + url.search + url.hash;
}

/** A recorded address without its scheme: a page is told by its host, too. */
export function placeOf(recorded: string): string {
  const address = webAddress(recorded);
  return address === undefined ? recorded : new URL(address).host + pathOf(recorded);
}

/** The page of one error. */
export function errorHref(error: ErrorRecord): string {
  return `/errors/${encodeURIComponent(error.eventId)}`;
}

/** The session of a record, at its moment. */
export function sessionHref(sessionId: string, at?: number): string {
  const moment = at === undefined ? "" : `?at=${encodeURIComponent(new Date(at).toISOString())}`;
  return `/sessions/${encodeURIComponent(sessionId)}${moment}`;
}
