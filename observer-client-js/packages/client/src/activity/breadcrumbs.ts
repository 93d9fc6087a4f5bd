import { json } from "../event/json";
import { byteLength, clip, LIMITS, plain } from "../event/limits";
import type { Breadcrumb } from "../event/types";
import type { Activity } from "../part";

/** The last things that happened before an error. */
export type Breadcrumbs = Pick<Activity, "addBreadcrumb" | "breadcrumbs" | "forget">;

/**
 * Keeps the latest {@link LIMITS.breadcrumbs}, and no more than {@link LIMITS.breadcrumbsBytes} of
 * them together; older ones make room and are not a loss.
 */
export function createBreadcrumbs(now: () => number, mask: (text: string) => string): Breadcrumbs {
  const crumbs: { crumb: Breadcrumb; bytes: number }[] = [];
  let held = 0;
  return {
    addBreadcrumb(category, message, properties, at = now()) {
      // A route in the fragment has a query, too, which may carry secrets.
      const line = category === "navigation" ? message.replace(/\?\S*/g, "") : message;
      const crumb: Breadcrumb = {
        timestamp: new Date(at).toISOString(),
        category,
        message: clip(mask(line), LIMITS.breadcrumbBytes),
        properties: plain(properties, LIMITS.breadcrumbProperties),
      };
      const bytes = byteLength(json(crumb));
      crumbs.push({ crumb, bytes });
      held += bytes;
      while (crumbs.length > LIMITS.breadcrumbs || held > LIMITS.breadcrumbsBytes) {
        held -= crumbs.shift()?.bytes ?? held;
      }
    },
    breadcrumbs: () => (crumbs.length > 0 ? crumbs.map(({ crumb }) => crumb) : undefined),
    forget() {
      crumbs.length = held = 0;
    },
  };
}
