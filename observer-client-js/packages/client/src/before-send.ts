import type { DropReason, Drops } from "./drops";
import { json } from "./event/json";
import type { ItemEmission } from "./event/types";
import type { BeforeSend } from "./options";

/** An item as JSON as the app wants it to be sent; undefined: not at all, and that is counted. */
export type Approve = (emission: ItemEmission, drops: Drops) => string | undefined;

const same = <T>(item: T) => item;

/** What {@link BeforeSend} makes of items. Their ids and times stay. */
export function approvalOf({ error = same, event = same }: BeforeSend = {}): Approve {
  return (emission, drops) => {
    const { kind, item } = emission;
    const { event_id, timestamp } = item;
    let reason: DropReason = "before_send_error";
    try {
      const said = emission.kind === "error" ? error(emission.item) : event(emission.item);
      if (said === null) reason = "before_send";
      else if (typeof said === "object") return json({ ...said, event_id, timestamp });
    } catch {
      // The same as no answer.
    }
    drops.count(reason, kind);
    return undefined;
  };
}
