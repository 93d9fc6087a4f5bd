import { isObject } from "../api/decode";

/** A node that was added, as rrweb has it. */
export interface AddedNode {
  readonly parentId: number;
  readonly nextId: number | null;
  readonly node: { readonly id: number; readonly [field: string]: unknown };
}

/** A tag and its attributes; of those without a value each element has its own. */
export interface Kind {
  readonly tag: string;
  readonly attributes: readonly (readonly [name: string, value: string | undefined])[];
}

const TEXT = 0;
const OTHER = 1;
const FIRST_KIND = 2;
const INSIDE = 0;
const ELSEWHERE = -1;
/** More would let a small batch become a large one. */
const MOST_ATTRIBUTES = 256;

/** The lists of a tree, as docs/replay-format.md names them. */
export interface Columns {
  readonly others: readonly unknown[];
  readonly numbers: readonly unknown[];
  readonly strings: readonly unknown[];
}

/**
 * @param take is told of each node and its attributes before they are made, and may throw
 * @throws Error when they do not say what was added
 */
export function addedNodes(
  kinds: readonly Kind[],
  columns: Columns,
  take: (parts: number) => void,
): readonly AddedNode[] {
  const { others, numbers, strings } = columns;
  const read = { others: 0, numbers: 0, strings: 0 };
  const added: AddedNode[] = [];
  /** From the first of its own place to the one before. */
  const path: number[] = [];
  let outside = 0;
  let expected = 0;

  function number(): number {
    const value = numbers[read.numbers++];
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw new Error("no number where one is");
    }
    return value;
  }

  function string(): string {
    const value = strings[read.strings++];
    if (typeof value !== "string") throw new Error("no string where one is");
    return value;
  }

  function place(): Pick<AddedNode, "parentId" | "nextId"> {
    const up = number();
    if (up === ELSEWHERE) {
      outside = number();
      const next = number();
      path.length = 0;
      return { parentId: outside, nextId: next === 0 ? null : next };
    }
    const at = path.length - up;
    const nextId = up === INSIDE ? null : path[at];
    if (up < 0 || at < 0 || nextId === undefined || path.length === 0) {
      throw new Error("a place that there is not");
    }
    path.length = at;
    return { parentId: path.at(-1) ?? outside, nextId };
  }

  function node(): AddedNode["node"] {
    const said = number();
    const kind = said < 0 ? ~said : said;
    if (kind === OTHER) {
      const other = others[read.others++];
      if (said < 0 || !isObject(other) || typeof other.id !== "number") {
        throw new Error("no node where one is");
      }
      return { ...other, id: other.id };
    }
    const id = said < 0 ? number() : expected;
    if (kind === TEXT) return { type: 3, textContent: string(), id };
    const known = kinds[kind - FIRST_KIND];
    if (known === undefined) throw new Error("a kind that was not said before");
    take(known.attributes.length);
    // Not by assignment: an attribute may be called __proto__.
    const attributes = Object.fromEntries(
      known.attributes.map(([name, value]) => [name, value ?? string()]),
    );
    return { type: 2, tagName: known.tag, attributes, childNodes: [], id };
  }

  while (read.numbers < numbers.length) {
    take(1);
    const where = place();
    const one = node();
    added.push({ ...where, node: one });
    path.push(one.id);
    expected = one.id + 1;
  }
  if (read.strings !== strings.length || read.others !== others.length) {
    throw new Error("more than was added");
  }
  return added;
}

/** @throws Error when it is none */
export function kindOf(said: unknown): Kind {
  const [tag, ...rest] = listOf(said);
  if (typeof tag !== "string" || rest.length % 2 > 0 || rest.length > 2 * MOST_ATTRIBUTES) {
    throw new Error("no kind of element");
  }
  const attributes = [];
  for (let i = 0; i < rest.length; i += 2) {
    const [name, value] = [rest[i], rest[i + 1]];
    if (typeof name !== "string" || (typeof value !== "string" && value !== 0)) {
      throw new Error("no attribute");
    }
    attributes.push([name, value === 0 ? undefined : value] as const);
  }
  return { tag, attributes };
}

/** @throws Error when it is none */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("no list where one is");
  return value;
}
