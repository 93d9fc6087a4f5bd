import { createResource } from "solid-js";
import { getSwitches } from "./api";

const KEY = "loam.bucket";

/** What not everybody sees yet; the names are the back end's. */
export type FlagName = "pairs-well-with";

export interface Flags {
  /** False while it is not known. */
  isOn(name: FlagName): boolean;
}

/**
 * The flags for whoever this is: a browser stays in its bucket, so that it sees the same tomorrow.
 * @param tell is told what is on, when that is known
 */
export function createFlags(
  storage: Storage,
  tell: (flags: Readonly<Record<string, boolean>>) => void,
): Flags {
  const [switches] = createResource(async () => {
    const known = await getSwitches(bucket(storage));
    tell(known);
    return known;
  });
  // A shop whose flags cannot be had is the shop without them.
  return { isOn: (name) => switches.state === "ready" && switches()[name] === true };
}

function bucket(storage: Storage): number {
  const kept = Number.parseInt(storage.getItem(KEY) ?? "", 10);
  if (kept >= 0 && kept < 100) return kept;
  const drawn = Math.floor(Math.random() * 100);
  storage.setItem(KEY, String(drawn));
  return drawn;
}
