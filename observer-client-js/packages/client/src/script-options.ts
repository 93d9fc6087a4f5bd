import type { ObserverOptions, ReplayMode, ReplayOptions } from "./options";

/** The options that the `data-*` attributes of a script element say; `endpoint` is where it came from. */
export function optionsOf(script: HTMLScriptElement | null): ObserverOptions {
  const { endpoint, service, key, environment, release, replay, pageViews, errors } =
    script?.dataset ?? {};
  return {
    // The server that gave the script takes the data.
    endpoint: endpoint ?? (script?.src ? new URL(".", script.src).href : "/api/observer"),
    ...(service && { service }),
    ...(key && { key }),
    ...(environment && { environment }),
    ...(release && { release }),
    ...(replay && { replay: replayOf(replay) }),
    pageViews: pageViews !== "false",
    errors: errors !== "false",
  };
}

/** A mode, or the object as JSON. What cannot be read records nothing. */
function replayOf(text: string): ReplayMode | ReplayOptions {
  if (isMode(text)) return text;
  try {
    const { mode, maskAllText, minDurationMs } = JSON.parse(text);
    return {
      mode: isMode(mode) ? mode : "off",
      maskAllText: maskAllText === true,
      ...(Number(minDurationMs) > 0 && { minDurationMs: Number(minDurationMs) }),
    };
  } catch {
    return "off";
  }
}

function isMode(value: unknown): value is ReplayMode {
  return value === "off" || value === "always" || value === "on-error";
}
