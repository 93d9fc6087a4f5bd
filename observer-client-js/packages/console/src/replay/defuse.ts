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

  function defuseNode(node: unknown): unknown {
    if (!isObject(node)) return node;
    const children = Array.isArray(node.childNodes)
      ? { childNodes: node.childNodes.map(defuseNode) }
      : {};
    const tag = text(node.tagName)?.toLowerCase();
    if (tag === undefined) return { ...node, ...children };
    if (GUARDED.has(tag) && typeof node.id === "number") guarded.set(node.id, tag);
    const attributes = isObject(node.attributes) ? { attributes: keep(tag, node.attributes) } : {};
    return { ...node, ...attributes, ...children };
  }

  function defuseChange(change: unknown): unknown {
    if (!isObject(change) || !isObject(change.attributes)) return change;
    const tag = (typeof change.id === "number" ? guarded.get(change.id) : undefined) ?? "";
    return { ...change, attributes: keep(tag, change.attributes) };
  }

  return (event) => {
    const { type, data } = event;
    if (!isObject(data)) return event;
    if (type === FULL_SNAPSHOT) return { ...event, data: { ...data, node: defuseNode(data.node) } };
    if (type !== INCREMENTAL || data.source !== MUTATION) return event;
    const adds = list(data.adds).map((add) =>
      isObject(add) ? { ...add, node: defuseNode(add.node) } : add,
    );
    return {
      ...event,
      data: { ...data, adds, attributes: list(data.attributes).map(defuseChange) },
    };
  };
}

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

/** Attributes that act on their own on whatever element they stand. */
const ACTING =
  /^(?:on.*|srcdoc|action|formaction|ping|http-equiv|manifest|autofocus|autoplay|nonce|integrity|is)$/;
const ADDRESS = /^(?:href|src|xlink:href|poster|data|background|cite|longdesc|to|from|values)$/;

function keep(tag: string, attributes: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {};
  // A stylesheet that the recorder could read travels as `_cssText`, which rrweb turns into a style element.
  const hint =
    tag === "link" && text(attributes._cssText) === undefined && !isStylesheet(attributes.rel);
  for (const [name, value] of Object.entries(attributes)) {
    const lower = name.toLowerCase();
    if (ACTING.test(lower)) continue;
    if (GUARDED.has(tag) && !SHAPE.has(lower) && !(tag === "meta" && META.has(lower))) continue;
    if (hint && (lower === "href" || lower === "rel" || lower === "imagesrcset")) continue;
    // An attribute change does not say its element: what a link points to is not changed after it was built.
    if (tag === "" && lower === "rel") continue;
    if (ADDRESS.test(lower) && typeof value === "string" && !isInert(value)) continue;
    kept[name] = value;
  }
  return kept;
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
