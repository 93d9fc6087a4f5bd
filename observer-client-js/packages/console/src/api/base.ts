/**
 * Where the API lives, read from the page's own address, so that one build works under every base path:
 * `https://host/api/observer/console/` gives `https://host/api/observer`.
 */
export function apiBase(page: URL): string {
  const end = page.pathname.lastIndexOf("/console/");
  const path = end < 0 ? page.pathname.replace(/\/+$/, "") : page.pathname.slice(0, end);
  return page.origin + path;
}
