import type { eventWithTime, serializedNodeWithId } from "@rrweb/types";

/**
 * Decides what a replay may show. Everything typed is masked: values of fields, editable text, and
 * their echoes elsewhere. Marks in the page decide for what lies inside, the nearest wins:
 * `data-observer-mask`, `data-observer-unmask`. A password is masked whatever the page says.
 */
export interface Mask {
  /** For a text node, by the element it lies in. */
  text(text: string, parent: Element | null): string;
  /** For the value of a field. */
  field(value: string, field: Element): string;
  /** For what the recorder copies without asking: attributes, and text right inside a shadow root. Changes the event. */
  event(event: eventWithTime): void;
}

export interface MaskOptions {
  readonly maskAllText: boolean;
  /** Masks what was typed elsewhere on the page. */
  readonly maskTyped: (text: string) => string;
  /** The node of a recorded id. */
  readonly nodeOf: (id: number) => Node | null;
}

const MARKS = "[data-observer-mask],[data-observer-unmask]";
const EDITABLE = 'textarea,[contenteditable]:not([contenteditable="false"])';
/** Fields whose value is written by the author, as a label or as the name of a choice. */
const AUTHORED_FIELDS = /^(radio|checkbox|submit|button|reset|image)$/;
/** Elements whose `value` is not something a visitor entered. Others, custom elements too, may mirror a field. */
const AUTHORED_VALUES = /^(li|progress|meter|data|param|button|option)$/;
const SPOKEN_ATTRIBUTES =
  /^(title|alt|placeholder|label|aria-(label|description|valuetext|placeholder))$/;
const SKIPPED_ATTRIBUTES = /^(class|style|id|type|_cssText|rr_.*)$/;
/** Of rrweb; its enums would bring its code. */
const ELEMENT = 2;
const TEXT = 3;

export function createMask({ maskAllText, maskTyped, nodeOf }: MaskOptions): Mask {
  /** Once a password, always: "show password" turns its type into text. */
  const passwords = new WeakSet<Element>();

  function isHidden(element: Element | null): boolean {
    if (element === null) return true;
    const mark = markOf(element);
    if (mark !== undefined) return mark === "mask";
    return maskAllText || element.closest(EDITABLE) !== null || isDesigned(element);
  }

  function text(value: string, parent: Element | null): string {
    if (isHidden(parent)) return value.replace(/\S/g, "*");
    return parent !== null && markOf(parent) === "unmask" ? value : maskTyped(value);
  }

  function field(value: string, element: Element): string {
    const type = (element.getAttribute("type") ?? "").toLowerCase();
    if (isPassword(element, type)) {
      passwords.add(element);
      // Not even its length.
      return value === "" ? "" : "********";
    }
    const mark = markOf(element);
    if (mark === "unmask") return value;
    const authored = mark === undefined && !maskAllText && AUTHORED_FIELDS.test(type);
    return authored ? value : "*".repeat(value.length);
  }

  function isPassword(element: Element, type: string): boolean {
    return (
      type === "password" ||
      passwords.has(element) ||
      element.hasAttribute("data-rr-is-password") ||
      /password|cc-/.test(element.getAttribute("autocomplete") ?? "")
    );
  }

  function attributes(holder: Record<string, unknown>, element: Node | null): void {
    if (!isElement(element)) return;
    const tag = element.localName;
    const mark = markOf(element);
    const hidden = mark === undefined ? maskAllText : mark === "mask";
    for (const [name, value] of Object.entries(holder)) {
      if (typeof value !== "string" || value === "" || SKIPPED_ATTRIBUTES.test(name)) continue;
      if (name === "value" && !AUTHORED_VALUES.test(tag)) holder[name] = field(value, element);
      else if (hidden && SPOKEN_ATTRIBUTES.test(name)) holder[name] = value.replace(/\S/g, "*");
      else if (mark !== "unmask") holder[name] = maskTyped(value);
    }
  }

  function tree(node: serializedNodeWithId): void {
    if (node.type === ELEMENT) {
      attributes(node.attributes, nodeOf(node.id));
    } else if (node.type === TEXT) {
      const host = shadowHost(nodeOf(node.id));
      if (host !== undefined) node.textContent = text(node.textContent, host);
    }
    if ("childNodes" in node) for (const child of node.childNodes) tree(child);
  }

  return {
    text,
    field,
    event(event) {
      if (event.type === 2) tree(event.data.node);
      if (event.type !== 3 || event.data.source !== 0) return;
      for (const added of event.data.adds) tree(added.node);
      for (const changed of event.data.attributes) {
        attributes(changed.attributes, nodeOf(changed.id));
      }
      for (const changed of event.data.texts) {
        const host = shadowHost(nodeOf(changed.id));
        if (host !== undefined) changed.value = text(changed.value ?? "", host);
      }
    },
  };
}

/** The nearest mark, across shadow roots and frames of this origin. */
function markOf(element: Element): "mask" | "unmask" | undefined {
  for (let at: Element | null = element; at !== null; at = containerOf(at)) {
    const marked = at.closest(MARKS);
    if (marked !== null) return marked.hasAttribute("data-observer-mask") ? "mask" : "unmask";
  }
  return undefined;
}

function containerOf(element: Element): Element | null {
  const root = element.getRootNode();
  if (isShadowRoot(root)) return root.host;
  try {
    return element.ownerDocument.defaultView?.frameElement ?? null;
  } catch {
    return null;
  }
}

/** Of a text right inside a shadow root, which has no parent element. */
function shadowHost(node: Node | null): Element | undefined {
  const parent = node?.parentNode ?? undefined;
  return parent !== undefined && isShadowRoot(parent) ? parent.host : undefined;
}

/** By node type: nodes of a frame are not instances of this window's classes. */
function isElement(node: Node | null): node is Element {
  return node?.nodeType === 1;
}

function isShadowRoot(node: Node): node is ShadowRoot {
  return node.nodeType === 11 && "host" in node;
}

/** The whole document may be an editor. */
function isDesigned(element: Element): boolean {
  return element.ownerDocument.designMode === "on";
}
