import { isObject, type JsonObject, list, text } from "../api/decode";

/**
 * Takes out of recorded events what could act in the viewer's browser. The sandbox of the replay's frame and the
 * console's Content-Security-Policy already forbid scripts, forms and foreign addresses; this closes what neither
 * covers - connection hints to foreign hosts, frames that load pages of this origin with the viewer's cookies - and
 * stands should one of them be missing. A recording is content of strangers, whatever recorder claims to have made it.
 *
 * Returns a function that is given the events of one recording in their order, because a later attribute change
 * names its element by number only. Events are copied where they change, never altered.
 */
export function createDefuser(): (event: JsonObject) => JsonObject {
  /** The elements whose attributes decide what they load, by node id. */
  const guarded = new Map<number, string>();

  function defuseNode(node: Numbered): JsonObject {
    const children = Array.isArray(node.childNodes)
      ? { childNodes: node.childNodes.filter(isNumbered).map(defuseNode) }
      : {};
    // As a recorder writes it: rrweb compares it as it stands, and takes a `LINK` with a text for a link.
    const tagName = text(node.tagName)?.toLowerCase();
    if (tagName === undefined) return { ...node, ...children };
    if (GUARDED.has(tagName)) guarded.set(node.id, tagName);
    const attributes = isObject(node.attributes)
      ? { attributes: keep(tagName, node.attributes) }
      : {};
    return { ...node, tagName, ...attributes, ...children };
  }

  function defuseAdd(add: unknown): readonly JsonObject[] {
    return isObject(add) && isNumbered(add.node) ? [{ ...add, node: defuseNode(add.node) }] : [];
  }

  function defuseChange(change: Numbered): JsonObject {
    if (!isObject(change.attributes)) return change;
    return { ...change, attributes: keep(guarded.get(change.id) ?? "", change.attributes) };
  }

  return (event) => {
    const { type, data } = event;
    if (!isObject(data)) return event;
    if (type === FULL_SNAPSHOT) {
      if (!isObject(data.node)) return event;
      const node = isNumbered(data.node) ? defuseNode(data.node) : undefined;
      return { ...event, data: { ...data, node } };
    }
    if (type !== INCREMENTAL || data.source !== MUTATION) return event;
    const adds = list(data.adds).flatMap(defuseAdd);
    const attributes = list(data.attributes).filter(isNumbered).map(defuseChange);
    return { ...event, data: { ...data, adds, attributes } };
  };
}

/** A node, or a change of one. By another id than a number it could be changed unseen. */
type Numbered = JsonObject & { readonly id: number };
const isNumbered = (value: unknown): value is Numbered =>
  isObject(value) && Number.isInteger(value.id);

/** Numbers of rrweb's event format. */
const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
const MUTATION = 0;

/** Elements that load, navigate or re-base a document. Only what shapes and places them is kept. */
const GUARDED = new Set([
  "iframe",
  "frame",
  "object",
  "embed",
  "portal",
  "fencedframe",
  "applet",
  "base",
  "meta",
  "script",
]);
const SHAPE = new Set([
  "id",
  "class",
  "style",
  "width",
  "height",
  "title",
  "dir",
  "lang",
  "hidden",
  "rr_width",
  "rr_height",
]);
/** `charset` and `name` of a `<meta>` do nothing here; `content` without `http-equiv` neither. */
const META = new Set(["charset", "name", "content", "property"]);

/**
 * Attributes that act on their own on whatever element they stand; and `__proto__`, which brings others where it is
 * assigned.
 */
const ACTING =
  /^(?:on.*|srcdoc|action|formaction|ping|http-equiv|manifest|autofocus|autoplay|nonce|integrity|is|__proto__)$/;
const ADDRESS = /^(?:href|src|xlink:href|poster|data|background|cite|longdesc|to|from|values)$/;

function keep(tag: string, attributes: JsonObject): JsonObject {
  // Also of one with a `_cssText`, which rrweb turns into a style element: a change that takes it away makes it a link.
  const hint = tag === "link" && !isStylesheet(attributes.rel);
  const isKept = ([name, value]: [string, unknown]) => {
    const lower = name.toLowerCase();
    if (ACTING.test(lower)) return false;
    if (GUARDED.has(tag) && !SHAPE.has(lower) && !(tag === "meta" && META.has(lower))) return false;
    if (hint && (lower === "href" || lower === "rel" || lower === "imagesrcset")) return false;
    // An attribute change does not say its element: what a link points to is not changed after it was built.
    if (tag === "" && lower === "rel") return false;
    return !(ADDRESS.test(lower) && typeof value === "string" && !isInert(value));
  };
  return Object.fromEntries(Object.entries(attributes).filter(isKept));
}

function isStylesheet(rel: unknown): boolean {
  return typeof rel === "string" && rel.trim().toLowerCase() === "stylesheet";
}

/** Whether an address cannot run: not `javascript:` or `vbscript:`, and of `data:` only pictures, fonts, sound and film. */
function isInert(address: string): boolean {
  // Browsers drop white space and control characters before they look at the scheme.
  const plain = [...address]
    .filter((character) => character > " ")
    .join("")
    .toLowerCase();
  if (/^(?:javascript|vbscript):/.test(plain)) return false;
  return !plain.startsWith("data:") || /^data:(?:image|font|audio|video)\//.test(plain);
}
