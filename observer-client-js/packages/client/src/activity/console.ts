import { patch } from "../capture/patch";
import { json } from "../event/json";
import { plain } from "../event/limits";
import type { PartHost } from "../part";

/**
 * Remembers what is written with `console.error` and `console.warn`; when `consoleErrors` is set, the
 * former is an error, too. Returns the undo.
 */
export function watchConsole(host: PartHost): () => void {
  const stops = (["error", "warn"] as const).map((level) =>
    patch(console, level, (original, active) => (...args: unknown[]) => {
      original.apply(console, args);
      try {
        if (!active()) return;
        host.addBreadcrumb("console", wordsOf(args), { level });
        if (level === "error" && host.settings.consoleErrors === true) {
          host.captureException(thrownTo(args), { mechanism: "console" });
        }
      } catch {
        // Hostile arguments: a breadcrumb less, and nothing of it in the page's own call.
      }
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

/** The first error among the arguments, or else one that says the words. */
export function thrownTo(args: readonly unknown[]): unknown {
  const error = args.find((arg) => arg instanceof Error);
  if (error !== undefined) return error;
  const said = new Error(wordsOf(args));
  said.name = "console.error";
  // Our own frames, up to the wrapper the page called, are not where it was said.
  const capture: unknown = Reflect.get(Error, "captureStackTrace");
  if (typeof capture === "function") capture(said, console.error);
  return said;
}

/** What the console shows of these, in one line. */
export function wordsOf(args: readonly unknown[]): string {
  return args.map(wordOf).join(" ");
}

function wordOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  const said = plain({ value })?.value;
  return typeof said === "string" ? said : json(said);
}
