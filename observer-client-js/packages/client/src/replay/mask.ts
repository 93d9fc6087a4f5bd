import type { eventWithTime, serializedNodeWithId } from "@rrweb/types";
import { scrubAddress } from "./addresses";

/**
 * Decides what a replay may show. Everything typed is masked: values of fields, editable text, and
 * their echoes elsewhere. Marks in the page decide for what lies inside, the nearest wins:
 * `data-observer-mask`, `data-observer-unmask`. A password is masked whatever the page says.
 */
export interface Mask {
  /** For a text node; of a style sheet too. */
  text(text: string, node: Node | null): string;
  /** For the value of a field. */
  field(value: string, field: Element): string;
  /** For what the recorder copies without asking: attributes, addresses, style rules. Changes the event. */
  event(event: eventWithTime): void;
  /** To be called when the page may have changed: where marks lie is remembered until then. */
  forget(): void;
}

export interface MaskOptions {
  readonly maskAllText: boolean;
  /** Masks what was typed elsewhere on the page; with `rare`, only what is no likely word of a style sheet. */
  readonly maskTyped: (text: string, rare?: boolean) => string;
  /** Something was typed where the page's window does not hear it: in a frame. */
  readonly typed: (value: string) => void;
  /** The node of a recorded id. */
  readonly nodeOf: (id: number) => Node | null;
}

/** What decides for an element: its own marks, else those around it. */
interface Place {
  readonly mark: "mask" | "unmask" | undefined;
  readonly editable: boolean;
}

/** Fields whose value is written by the author, as a label or as the name of a choice. */
const AUTHORED_FIELDS = /^(radio|checkbox|submit|button|reset|image)$/;
/** Elements whose `value` is not something a visitor entered. Others, custom elements too, may mirror a field. */
const AUTHORED_VALUES = /^(li|progress|meter|data|param|button|option)$/;

/** What is done with an attribute, by its name. */
type Treatment = "drop" | "style" | "type" | "value" | "spoken" | "address" | "keep" | "other";
const TREATMENTS: readonly (readonly [RegExp, Treatment])[] = [
  // Scripts, and a copy of a document that is recorded itself.
  [/^(on.+|srcdoc|nonce)$/, "drop"],
  [/^(class|style|id|_csstext)$/, "style"],
  [/^type$/, "type"],
  [/^value$/, "value"],
  [
    /^(title|alt|placeholder|label|summary|content|aria-(label|description|valuetext|placeholder|roledescription))$/,
    "spoken",
  ],
  [/^(href|xlink:href|action|formaction|cite|ping|longdesc|data|rr_src)$/, "address"],
  [/^(rr_.*|width|height|d|viewbox|fill|stroke|role|tabindex|colspan|rowspan)$/, "keep"],
];
/** Whose address shows something when it is asked for as it is. */
const SHOWN_ADDRESSES = /^(link|image|use|feimage|img)$/;

export function createMask({ maskAllText, maskTyped, typed, nodeOf }: MaskOptions): Mask {
  /** Once a password, always: "show password" turns its type into text. */
  const passwords = new WeakSet<Element>();
  const treatments = new Map<string, Treatment>();
  let places = new Map<Element, Place>();
  /** What became of short texts of CSS: the same few classes are on all the elements of a list. */
  let classes = new Map<string, string>();

  function placeOf(element: Element): Place {
    const known = places.get(element);
    if (known !== undefined) return known;
    const container = element.parentElement ?? containerOf(element);
    const around = container === null ? OUTSIDE : placeOf(container);
    const place = placeInside(around, element);
    places.set(element, place);
    return place;
  }

  function placeInside(around: Place, element: Element): Place {
    const mark = !element.hasAttributes()
      ? around.mark
      : element.hasAttribute("data-observer-mask")
        ? "mask"
        : element.hasAttribute("data-observer-unmask")
          ? "unmask"
          : around.mark;
    const editable = around.editable || isEditable(element);
    return mark === around.mark && editable === around.editable ? around : { mark, editable };
  }

  function text(value: string, node: Node | null): string {
    const parent = node?.parentElement ?? shadowHost(node);
    if (parent === undefined) return stars(value);
    if (parent.nodeName === "STYLE") return css(value);
    const { mark, editable } = placeOf(parent);
    if (mark === "unmask") return value;
    return mark === "mask" || maskAllText || editable ? stars(value) : maskTyped(value);
  }

  function field(value: string, element: Element): string {
    if (element.ownerDocument !== document && value.length > 3) typed(value);
    const type = (element.getAttribute("type") ?? "").toLowerCase();
    if (isPassword(element, type)) {
      passwords.add(element);
      // Not even its length.
      return value === "" ? "" : "********";
    }
    const { mark } = placeOf(element);
    if (mark === "unmask") return value;
    const authored = mark === undefined && !maskAllText && AUTHORED_FIELDS.test(type);
    return authored ? maskTyped(value) : "*".repeat(value.length);
  }

  function isPassword(element: Element, type: string): boolean {
    return (
      type === "password" ||
      passwords.has(element) ||
      element.hasAttribute("data-rr-is-password") ||
      /password|cc-/.test(element.getAttribute("autocomplete") ?? "")
    );
  }

  function treatmentOf(name: string): Treatment {
    let treatment = treatments.get(name);
    if (treatment === undefined) {
      const lower = name.toLowerCase();
      treatment = TREATMENTS.find(([names]) => names.test(lower))?.[1] ?? "other";
      treatments.set(name, treatment);
    }
    return treatment;
  }

  function attributes(holder: Record<string, unknown>, id: number): void {
    for (const name in holder) {
      const value = holder[name];
      const treatment = treatmentOf(name);
      if (treatment === "keep" || value === "" || value === null) continue;
      if (treatment === "drop") delete holder[name];
      else if (treatment === "style") holder[name] = styleOf(value);
      else if (typeof value === "string") {
        const element = nodeOf(id);
        if (isElement(element)) holder[name] = attribute(value, treatment, element);
      }
    }
  }

  function attribute(value: string, treatment: Treatment, element: Element): string {
    const tag = element.localName;
    if (treatment === "type") {
      if (value === "password") passwords.add(element);
      return value;
    }
    const { mark } = placeOf(element);
    if (treatment === "value" && !AUTHORED_VALUES.test(tag)) return field(value, element);
    if (mark === "unmask") return value;
    if (treatment === "address") {
      return maskTyped(SHOWN_ADDRESSES.test(tag) ? value : scrubAddress(value));
    }
    const hidden = mark === "mask" || maskAllText;
    return hidden && treatment === "spoken" ? stars(value) : maskTyped(value);
  }

  /** A text of CSS, or what changed in one: `{"color": "red", "--name": ["x", "important"]}`. */
  function styleOf(value: unknown): unknown {
    if (typeof value === "string") return css(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(styleOf);
    return Object.fromEntries(Object.entries(value).map(([name, set]) => [name, styleOf(set)]));
  }

  /** In CSS, and in names, most words are the author's; what stands in quotes is as any text. */
  function css(text: string): string {
    if (text.length > LONGEST_CLASS) return masked(text);
    let known = classes.get(text);
    if (known === undefined) {
      known = masked(text);
      classes.set(text, known);
    }
    return known;
  }

  function masked(text: string): string {
    return maskTyped(text, true).replace(QUOTED, (found) => maskTyped(found));
  }

  function tree(node: serializedNodeWithId): void {
    if (node.type === ELEMENT) attributes(node.attributes, node.id);
    if ("childNodes" in node) for (const child of node.childNodes) tree(child);
  }

  return {
    text,
    field,
    forget() {
      places = new Map();
      classes = new Map();
    },
    event(event) {
      if (event.type === 2) tree(event.data.node);
      if (event.type === 4) event.data.href = maskTyped(scrubAddress(event.data.href));
      if (event.type !== 3) return;
      const { data } = event;
      switch (data.source) {
        case 0:
          for (const added of data.adds) tree(added.node);
          for (const changed of data.attributes) attributes(changed.attributes, changed.id);
          break;
        // Rules of style sheets, a property of one, and adopted sheets.
        case 8:
          for (const added of data.adds ?? []) added.rule = css(added.rule);
          if (data.replace) data.replace = css(data.replace);
          if (data.replaceSync) data.replaceSync = css(data.replaceSync);
          break;
        case 13:
          if (data.set?.value) data.set.value = css(String(data.set.value));
          break;
        case 15:
          for (const { rules } of data.styles ?? []) {
            for (const rule of rules) rule.rule = css(rule.rule);
          }
          break;
      }
    },
  };
}

const LONGEST_CLASS = 100;
const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g;
/** Of rrweb; its enums would bring its code. */
const ELEMENT = 2;
const OUTSIDE: Place = { mark: undefined, editable: false };

function stars(text: string): string {
  return text.replace(/\S/g, "*");
}

/** The host of a shadow root, the element of a frame of this origin. */
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

/** Edits text itself; a whole document may. */
function isEditable(element: Element): boolean {
  if (element.localName === "textarea") return true;
  const editable = element.getAttribute("contenteditable");
  if (editable !== null && editable !== "false") return true;
  return element.parentElement === null && element.ownerDocument.designMode === "on";
}
