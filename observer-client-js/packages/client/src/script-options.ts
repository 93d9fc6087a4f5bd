import { parsed } from "./event/json";
import type { ObserverOptions } from "./options";

/** Options that are the text of their attribute. */
const TEXTS = ["endpoint", "service", "key", "environment", "release"] as const;
/** Options that are `true`, `false`, a number or an object as JSON, or else a word. */
const VALUES = [
  "replay",
  "pageViews",
  "errors",
  "consoleErrors",
  "vitals",
  "autocapture",
  "traces",
  "sampling",
  "cookieless",
  "requireConsent",
  "honorPrivacySignals",
] as const satisfies readonly (keyof ObserverOptions)[];

/** The options that the `data-*` attributes of a script element say; `endpoint` is where it came from. */
export function optionsOf(script: HTMLScriptElement | null): ObserverOptions {
  const said = script?.dataset ?? {};
  const options: Record<string, unknown> = {
    // The server that gave the script takes the data.
    endpoint: script?.src ? new URL(".", script.src).href : "/api/observer",
  };
  for (const name of TEXTS) if (said[name]) options[name] = said[name];
  for (const name of VALUES) if (said[name]) options[name] = parsed(said[name]) ?? said[name];
  return options;
}
