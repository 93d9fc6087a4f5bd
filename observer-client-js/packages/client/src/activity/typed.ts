import type { ItemEmission } from "../event/types";

/**
 * Remembers what was typed on this page so that an echo of it can be masked: an app that logs the
 * address it finds invalid, or mirrors a text area into an attribute to size it.
 * Nothing here leaves the page.
 */
export interface Typed {
  /**
   * The text with every typed value replaced by as many `*`, also where it is written as addresses
   * or JSON write it.
   * @param rare leaves alone what is likely a word of a style sheet or the name of a class
   */
  mask(text: string, rare?: boolean): string;
  /**
   * The same for the title and the addresses of an item, which it changes; of an address what follows
   * its path: the path is the page, whoever has typed its name.
   */
  hide(item: ItemEmission["item"]): void;
  /** Adds a value that was typed where this window does not hear it. */
  remember(value: string): void;
  stop(): void;
}

/** What an item may show of the page. */
interface Shown {
  url?: string;
  referrer?: string;
  title?: string;
}

/** Shorter values are as likely to be part of any word, and masking them would leave nothing legible. */
const SHORTEST = 4;
/** Of an editable text the line counts, not the work. */
const LONGEST = 1000;
const MOST_VALUES = 200;
/** What a field held on the way is remembered so long: a page may keep what it repeated meanwhile. */
const PASSING_MS = 60_000;
const WORD = /^[a-z-]{1,7}$/;
/** Query and fragment; but of a route in the fragment only its query. */
const BEYOND_PATH = /\?.*|#(?!!?\/).*/s;

export function watchTyped(): Typed {
  /** Oldest first; with the field a value was typed into, while it is. */
  const values = new Map<
    string,
    { readonly field: EventTarget | undefined; readonly at: number }
  >();
  /** Finds them all, and those that are no words; undefined when values have changed. */
  let patterns: readonly [RegExp, RegExp] | undefined;

  function add(text: string, field?: EventTarget): void {
    const value = text.trim();
    if (value.length < SHORTEST || value.length > LONGEST) return;
    const at = Date.now();
    for (const [earlier, passing] of values) {
      if (field && passing.field === field && at - passing.at > PASSING_MS) values.delete(earlier);
    }
    values.delete(value);
    values.set(value, { field, at });
    if (values.size > MOST_VALUES) {
      // What a field only held on the way goes first.
      const passing = [...values].find(([known, { field: on }]) => on && known !== value);
      values.delete((passing ?? [...values][0])?.[0] ?? "");
    }
    patterns = undefined;
  }

  const remember = (event: Event) => {
    const [field] = event.composedPath();
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      add(field.value, event.type === "change" ? undefined : field);
    } else if (field instanceof HTMLElement && field.isContentEditable) {
      const line = getSelection()?.anchorNode ?? field;
      add(line.textContent ?? "", line);
    }
  };
  // On the window and in the capture phase: before the page's own handlers can log anything.
  addEventListener("input", remember, true);
  addEventListener("change", remember, true);

  function mask(text: string, rare?: boolean): string {
    if (values.size === 0 || text.length < SHORTEST) return text;
    patterns ??= [patternOf([...values.keys()]), patternOf([...values.keys()].filter(isRare))];
    return text.replace(patterns[rare ? 1 : 0], (found) => "*".repeat(found.length));
  }

  return {
    mask,
    hide(item: Shown) {
      for (const name of ["url", "referrer", "title"] as const) {
        const text = item[name];
        if (text)
          item[name] =
            name === "title" ? mask(text) : text.replace(BEYOND_PATH, (found) => mask(found));
      }
    },
    remember: (value) => add(value),
    stop() {
      removeEventListener("input", remember, true);
      removeEventListener("change", remember, true);
      values.clear();
    },
  };
}

function isRare(value: string): boolean {
  return !WORD.test(value);
}

/** Longer ones first, or the end of one that begins like another would stay. */
function patternOf(values: readonly string[]): RegExp {
  const literals = [...new Set(values.flatMap(formsOf))]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  // An empty alternative would match everywhere.
  return new RegExp(literals.length > 0 ? literals.join("|") : "(?!)", "g");
}

function formsOf(value: string): readonly string[] {
  const forms = [value, JSON.stringify(value).slice(1, -1)];
  try {
    const inForm = new URLSearchParams({ "": value }).toString().slice(1);
    const escaped = [encodeURIComponent(value), encodeURI(value)];
    // In a query browsers escape the apostrophe, too.
    forms.push(...escaped, ...escaped.map((form) => form.replaceAll("'", "%27")), inForm);
  } catch {
    // Half a character cannot stand in an address.
  }
  return forms;
}
