import type { eventWithTime } from "@rrweb/types";
import { scrubAddress } from "./addresses";

/**
 * Decides what a replay may show. Everything typed is masked: values of fields, editable text, and
 * their echoes elsewhere. Marks in the page decide for what lies inside, the nearest wins:
 * `data-observer-mask`, `data-observer-unmask`. A password is masked whatever the page says.
 */
export interface Mask {
  /** Whether nothing of a node is shown. */
  blocks(node: Node | null): boolean;
  /** For a text node; of a style sheet too. */
  text(text: string, node: Node | null): string;
  /** For the value of a field. */
  field(value: string, field: Element): string;
  /** For the attributes of an element, or some of them, as the recorder has read them. Changes them. */
  attributes(read: Record<string, unknown>, element: Element): void;
  /** What decides inside of an element. */
  placeOf(element: Element): Place;
  /** The same as {@link text} for a text right inside of an element, no style, of which the place is known. */
  textIn(place: Place, text: string): string;
  /**
   * The names and values, in turn, of the attributes of an element in a known place, read and masked
   * in one go. Undefined when it has one that decides for it or for what is inside.
   * @param resolve what the recorder makes of an attribute whose value may be an address
   */
  attributesIn(
    place: Place,
    element: Element,
    resolve: (element: Element, name: string, value: string) => string,
  ): readonly string[] | undefined;
  /** For addresses and style rules. Changes the event. */
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
}

/** What decides for an element: its own marks, else those around it. */
export interface Place {
  readonly mark: "mask" | "unmask" | undefined;
  readonly blocked: boolean;
  readonly editable: boolean;
}

/** Fields whose value is written by the author, as a label or as the name of a choice. */
const AUTHORED_FIELDS = /^(radio|checkbox|submit|button|reset|image)$/;
/** Elements whose `value` is not something a visitor entered. Others, custom elements too, may mirror a field. */
const AUTHORED_VALUES = /^(li|progress|meter|data|param|button|option)$/;

/** What is done with an attribute, by its name. */
type Treatment =
  | "drop"
  | "decides"
  | "style"
  | "type"
  | "value"
  | "spoken"
  | "address"
  | "keep"
  | "other";
const TREATMENTS: readonly (readonly [RegExp, Treatment])[] = [
  // Scripts, and a copy of a document that is recorded itself.
  [/^(on.+|srcdoc|nonce)$/, "drop"],
  [/^(data-observer-(mask|unmask|block)|contenteditable)$/, "decides"],
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
/** Where the recorder writes addresses in full. */
const RESOLVED = /^(src|href|xlink:href|background|srcset|style|data)$/;
/** What is known of an attribute by its name. */
interface Name {
  readonly lower: string;
  readonly treatment: Treatment;
  readonly resolved: boolean;
}
/** Whose address shows something when it is asked for as it is. */
const SHOWN_ADDRESSES = /^(link|image|use|feimage|img)$/;

export function createMask({ maskAllText, maskTyped, typed }: MaskOptions): Mask {
  /** Once a password, always: "show password" turns its type into text. */
  const passwords = new WeakSet<Element>();
  const names = new Map<string, Name>();
  let places = new Map<Element, Place>();
  /** What became of short texts of CSS: the same few classes are on all the elements of a list. */
  let classes = new Map<string, string>();
  let addresses = new Map<string, string>();

  function placeOf(element: Element): Place {
    const known = places.get(element);
    if (known !== undefined) return known;
    const place = placeInside(placeAround(element), element);
    places.set(element, place);
    return place;
  }

  function placeAround(element: Element): Place {
    const container = element.parentElement ?? containerOf(element);
    if (container === null) return OUTSIDE;
    const place = placeOf(container);
    // The frame that this page is in may be blocked where the page around it is recorded, not here.
    const isOutside = () =>
      element.ownerDocument === document && container.ownerDocument !== document;
    return place.blocked && isOutside() ? { ...place, blocked: false } : place;
  }

  function placeInside(around: Place, element: Element): Place {
    let { mark, blocked } = around;
    if (element.hasAttributes()) {
      if (element.hasAttribute("data-observer-mask")) mark = "mask";
      else if (element.hasAttribute("data-observer-unmask")) mark = "unmask";
      blocked ||= element.hasAttribute("data-observer-block");
    }
    const editable = around.editable || isEditable(element);
    const same = mark === around.mark && blocked === around.blocked && editable === around.editable;
    return same ? around : { mark, blocked, editable };
  }

  function blocks(node: Node | null): boolean {
    const element = elementAt(node);
    // Asked of all that changes, which are often many in the same place.
    return (
      element !== null &&
      (element.hasAttribute("data-observer-block") || placeAround(element).blocked)
    );
  }

  function text(value: string, node: Node | null): string {
    const parent = elementAt(node);
    if (parent === null) return stars(value);
    if (parent.nodeName === "STYLE") return css(value);
    return textIn(placeOf(parent), value);
  }

  function textIn({ mark, editable }: Place, value: string): string {
    if (mark === "unmask") return value;
    return mark === "mask" || maskAllText || editable ? stars(value) : maskTyped(value);
  }

  function field(value: string, element: Element): string {
    const type = (element.getAttribute("type") ?? "").toLowerCase();
    const isAuthored = AUTHORED_FIELDS.test(type);
    if (element.ownerDocument !== document && value.length > 3 && !isAuthored) typed(value);
    if (isPassword(element, type)) {
      passwords.add(element);
      // Not even its length.
      return value === "" ? "" : "********";
    }
    const { mark } = placeOf(element);
    if (mark === "unmask") return value;
    const shown = isAuthored && mark === undefined && !maskAllText;
    return shown ? maskTyped(value) : "*".repeat(value.length);
  }

  function isPassword(element: Element, type: string): boolean {
    return (
      type === "password" ||
      passwords.has(element) ||
      element.hasAttribute("data-rr-is-password") ||
      /password|cc-/.test(element.getAttribute("autocomplete") ?? "")
    );
  }

  function nameOf(name: string): Name {
    let known = names.get(name);
    if (known === undefined) {
      const lower = name.toLowerCase();
      const treatment = TREATMENTS.find(([some]) => some.test(lower))?.[1] ?? "other";
      known = { lower, treatment, resolved: RESOLVED.test(lower) };
      names.set(name, known);
    }
    return known;
  }

  function attributes(read: Record<string, unknown>, element: Element): void {
    for (const name in read) {
      const value = read[name];
      const { treatment } = nameOf(name);
      if (treatment === "drop") delete read[name];
      else if (typeof value === "string" && value !== "") {
        read[name] = attribute(value, treatment, element, undefined);
      }
    }
  }

  function attributesIn(
    place: Place,
    element: Element,
    resolve: (element: Element, name: string, value: string) => string,
  ): readonly string[] | undefined {
    const found = element.getAttributeNames();
    if (found.length === 0) return NONE;
    const list: string[] = [];
    for (const name of found) {
      const { lower, treatment, resolved } = nameOf(name);
      if (treatment === "decides") return undefined;
      if (treatment === "drop") continue;
      let value = element.getAttribute(name) ?? "";
      if (value !== "" && treatment !== "keep") {
        if (resolved) value = resolve(element, lower, value);
        value = attribute(value, treatment, element, place);
      }
      list.push(name, value);
    }
    return list;
  }

  function attribute(
    value: string,
    treatment: Treatment,
    element: Element,
    around: Place | undefined,
  ): string {
    if (treatment === "keep") return value;
    if (treatment === "style") return css(value);
    const tag = element.localName;
    if (treatment === "type") {
      if (value === "password") passwords.add(element);
      return value;
    }
    const { mark } = around ?? placeOf(element);
    if (treatment === "value" && !AUTHORED_VALUES.test(tag)) return field(value, element);
    if (mark === "unmask") return value;
    if (treatment === "address") {
      return maskTyped(SHOWN_ADDRESSES.test(tag) ? value : scrubbed(value));
    }
    const hidden = mark === "mask" || maskAllText;
    return hidden && treatment === "spoken" ? stars(value) : maskTyped(value);
  }

  /** All rows of a list lead to the same few places, or to none. */
  function scrubbed(address: string): string {
    let known = addresses.get(address);
    if (known === undefined) {
      known = scrubAddress(address);
      addresses.set(address, known);
    }
    return known;
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

  return {
    blocks,
    text,
    field,
    attributes,
    placeOf,
    textIn,
    attributesIn,
    forget() {
      places = new Map();
      classes = new Map();
      addresses = new Map();
    },
    event(event) {
      if (event.type === 4) event.data.href = maskTyped(scrubAddress(event.data.href));
      if (event.type !== 3) return;
      const { data } = event;
      switch (data.source) {
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

const NONE: readonly string[] = [];
const LONGEST_CLASS = 100;
const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g;
const OUTSIDE: Place = { mark: undefined, blocked: false, editable: false };

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

/** The node itself, or what is around it; a text right inside a shadow root has no parent element. */
function elementAt(node: Node | null): Element | null {
  if (node === null || isElement(node)) return node;
  return isShadowRoot(node) ? node.host : (node.parentElement ?? elementAt(node.parentNode));
}

/** Also of a frame, which has an `Element` of its own. */
function isElement(node: Node): node is Element {
  return node.nodeType === 1;
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
