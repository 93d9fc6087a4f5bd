import { json, parsed } from "../event/json";
import { clip, LIMITS } from "../event/limits";
import type { Properties } from "../event/types";
import type { Identity } from "../identity";

/** Of the big advertisers; others use `utm_*`. */
const CAMPAIGN = /^(utm_\w{1,20}|\w{0,4}clk?id|[gw]braid|li_fat_id|rdt_cid)$/i;

/**
 * What is known of a page view at the address of the page: its campaign (`utm_source`, `gclid`, …)
 * and, with `initial_` before the name, the campaign and the referrer that began the session.
 * Undefined when there is nothing to say.
 *
 * @param kept where the beginning of a session is kept, for its other pages and tabs
 */
export function arrivalOf(
  kept: Pick<Identity, "recall" | "keep">,
  session: string,
  referrer: string,
): Properties | undefined {
  const said: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (CAMPAIGN.test(name)) said[name.toLowerCase()] = clip(value, LIMITS.nameBytes);
  }
  const known = kept.recall("arrival") ?? "";
  let beginning = known.startsWith(session) ? parsed(known.slice(session.length)) : undefined;
  if (typeof beginning !== "object") {
    // A session that begins in the middle of a site came from nowhere.
    const foreign = referrer && referrer.split("/")[2] !== location.host;
    beginning = { ...(foreign && { referrer: clip(referrer, LIMITS.urlBytes) }), ...said };
    kept.keep("arrival", session + json(beginning));
  }
  for (const [name, value] of Object.entries(beginning ?? {})) said[`initial_${name}`] = value;
  return Object.keys(said).length > 0 ? said : undefined;
}
