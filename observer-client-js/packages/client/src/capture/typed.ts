/**
 * Remembers what was typed on this page so that an echo of it can be masked: an app that logs the
 * address it finds invalid, or mirrors a text area into an attribute to size it.
 * Nothing here leaves the page.
 */
export interface Typed {
  /** The text with every typed value replaced by as many `*`. */
  mask(text: string): string;
  stop(): void;
}

/** Shorter values are as likely to be part of any word, and masking them would leave nothing legible. */
const SHORTEST = 4;
const MOST_VALUES = 50;

export function watchTyped(): Typed {
  /** Oldest first. By field while it is being typed into, by itself once the field was left. */
  const values = new Map<EventTarget | string, string>();

  const remember = (event: Event) => {
    const [field] = event.composedPath();
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    const value = field.value.trim();
    if (value.length < SHORTEST) return;
    const key = event.type === "change" ? value : field;
    values.delete(key);
    values.set(key, value);
    const [oldest] = values.keys();
    if (values.size > MOST_VALUES && oldest !== undefined) values.delete(oldest);
  };
  // On the window and in the capture phase: before the page's own handlers can log anything.
  addEventListener("input", remember, true);
  addEventListener("change", remember, true);

  return {
    mask(text) {
      let masked = text;
      for (const value of values.values()) {
        if (masked.includes(value)) masked = masked.split(value).join("*".repeat(value.length));
      }
      return masked;
    },
    stop() {
      removeEventListener("input", remember, true);
      removeEventListener("change", remember, true);
      values.clear();
    },
  };
}
