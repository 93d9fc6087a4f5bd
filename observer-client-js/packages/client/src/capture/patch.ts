/**
 * Wraps a method of an object and returns the undo. When someone else has wrapped it after us, the
 * undo cannot take us out of their chain: the wrapper then stays and only passes calls on.
 */
export function patch<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  wrap: (original: T[K], active: () => boolean) => T[K],
): () => void {
  const original = owner[name];
  let active = true;
  const wrapper = wrap(original, () => active);
  try {
    if (typeof original === "function") owner[name] = wrapper;
  } catch {
    // Frozen by the page: it is theirs.
  }
  return () => {
    active = false;
    if (owner[name] === wrapper) owner[name] = original;
  };
}
