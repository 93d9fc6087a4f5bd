/**
 * JSON as the language has it, also where the page gave `toJSON` to built-in prototypes: old
 * libraries do, and lists then become strings.
 */
export function json(value: unknown): string {
  const undo = [Array, Object, String, Number].map(({ prototype }) => {
    const found = Object.getOwnPropertyDescriptor(prototype, "toJSON");
    if (found) Reflect.deleteProperty(prototype, "toJSON");
    return () => found && Reflect.defineProperty(prototype, "toJSON", found);
  });
  try {
    return JSON.stringify(value);
  } finally {
    for (const restore of undo) restore();
  }
}

/** What a text says as JSON; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
