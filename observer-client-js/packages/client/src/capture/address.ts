/** Path of a URL of this origin, origin and path of another; query, fragment and credentials left out. */
export function withoutQuery(url: string): string {
  try {
    const { origin, pathname, protocol } = new URL(url, location.href);
    // What follows `data:` and the like is content.
    if (!protocol.startsWith("http")) return protocol;
    return origin === location.origin ? pathname : origin + pathname;
  } catch {
    return "";
  }
}
