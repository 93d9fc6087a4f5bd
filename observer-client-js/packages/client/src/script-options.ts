import { parsed } from "./event/json";
import type { ObserverOptions } from "./options";

/** What an attribute says that is more than a word: `true`, `false`, an object, a list. */
const VALUE = /^(true$|false$|[{[])/;

export interface ScriptElement {
  readonly src?: string;
  readonly dataset: DOMStringMap;
}

/** The options that the `data-*` attributes of a script element say; `endpoint` is where it came from. */
export function optionsOf(script: ScriptElement | null): ObserverOptions {
  const options: Record<string, unknown> = {
    // The server that gave the script takes the data.
    endpoint: script?.src && new URL(".", script.src).href,
  };
  for (const [name, said] of Object.entries(script?.dataset ?? {})) {
    if (said) options[name] = VALUE.test(said) ? (parsed(said) ?? said) : said;
  }
  return options;
}
