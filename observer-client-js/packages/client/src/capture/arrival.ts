import { parsed } from "../event/json";
import { clip, LIMITS } from "../event/limits";
import type { Properties } from "../event/types";

/** Where visits come from. */
export interface Arrival {
  /**
   * What is known of a page view at the address of the page: its campaign (`utm_source`, `gclid`, …)
   * and, with `initial_` before the name, the campaign and the referrer that began the session.
   * Undefined when there is nothing to say.
   */
  of(session: string, referrer: string): Properties | undefined;
}

export interface ArrivalOptions {
  /** Where the beginning of a session is kept, for its other pages and tabs. */
  readonly load: () => string | undefined;
  readonly save: (beginning: string) => void;
}

/** Of the big advertisers; others use `utm_*`. */
const CAMPAIGN = /^(utm_\w{1,20}|\w{0,4}clk?id|[gw]braid|li_fat_id|rdt_cid)$/i;

export function createArrival({ load, save }: ArrivalOptions): Arrival {
  return {
    of(session, referrer) {
      const campaign: Record<string, string> = {};
      for (const [name, value] of new URLSearchParams(location.search)) {
        if (CAMPAIGN.test(name)) campaign[name.toLowerCase()] = clip(value, LIMITS.nameBytes);
      }
      const [known, kept] = listOf(load());
      let beginning = known === session ? kept : undefined;
      if (typeof beginning !== "object") {
        // A session that begins in the middle of a site came from nowhere.
        const foreign = referrer && new URL(referrer).host !== location.host;
        beginning = { ...(foreign && { referrer: clip(referrer, LIMITS.urlBytes) }), ...campaign };
        save(JSON.stringify([session, beginning]));
      }
      const said: Record<string, unknown> = campaign;
      for (const [name, value] of Object.entries(beginning ?? {})) said[`initial_${name}`] = value;
      return Object.keys(said).length > 0 ? said : undefined;
    },
  };
}

function listOf(json = ""): readonly unknown[] {
  const list = parsed(json);
  return Array.isArray(list) ? list : [];
}
