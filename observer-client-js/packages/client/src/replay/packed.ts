import { json } from "../event/json";
import { AddedNodes } from "./added-nodes";
import { createAddedTrees } from "./added-tree";

/** The name of the form on the wire. A change that an old reader would misread needs a new name. */
export const ENCODING = "packed-2";

/**
 * Writes rrweb events in the form `packed-2`, described in docs/replay-format.md: JSON without what
 * repeats. The names of an object's fields, and what is nearly always the same in them, are said once
 * as a shape; ids and times are differences. Any JSON value comes back as it was.
 *
 * The text is written directly and not through `JSON.stringify` of a list, which is faster and does
 * not call what a page may have hung onto `Array.prototype.toJSON`.
 */
export interface Packer {
  /** The next event as an element of a batch's `events`. */
  pack(event: object): string;
  /** The next event can be read without those before it. */
  restart(): void;
}

/** How a field of a shape is written: it follows, as it is or as a difference; or it is always this. */
const OPEN = { code: "0" };
const ID = { code: "1" };
const TIME = { code: "2" };
const NEAR_ID = { code: "3" };
const EMPTY_LIST = { code: "[[]]" };
const EMPTY_OBJECT = { code: "[{}]" };
type Fields = Readonly<Record<string, unknown>>;
type Token = { readonly code: string } | string | number | boolean | null;

/** Fields after others; the path from the root is a shape. */
interface Step {
  readonly before: Step | undefined;
  readonly key: string;
  readonly token: Token;
  readonly next: Map<string, Choices>;
  /** Of the shape that ends here; 0: there is none yet. */
  shape: number;
  /** The tokens of the whole path, once it is a shape. */
  tokens: readonly Token[];
}

/** A name, and the steps it leads to. */
interface Choices {
  readonly kind: Kind;
  open: Step | undefined;
  readonly others: Map<Token, Step>;
}

/** What a field is by its name. A constant has few values and is found on nearly every node: it is part of the shape. */
type Kind = "constant" | "id" | "near" | "time" | undefined;
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["type", "constant"],
  ["source", "constant"],
  ["tagName", "constant"],
  ["rootId", "constant"],
  ["id", "id"],
  ["parentId", "near"],
  ["nextId", "near"],
  ["timestamp", "time"],
]);
/** More would be carried along by the collector, less be joined too often. */
const PIECE_LENGTH = 2048;
/** Within these a difference is exact. */
const LARGEST_ID = 2 ** 31;
const LATEST_TIME = 2 ** 52;
/** Further away the id itself repeats more often than its distance: a list that grows is the parent of all its items. */
const NEAR = 64;
/** What JSON says in another way, or may. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

export function createPacker(): Packer {
  let root = stepAfter(undefined, "", OPEN);
  let shapes = 0;
  let lastId = 0;
  let lastTime = 0;
  let fresh = true;
  const trees = createAddedTrees();
  /** What is written so far: pieces, and the rest. */
  let pieces: string[] = [];
  let text = "";

  function write(value: unknown): void {
    switch (typeof value) {
      case "string":
        text += quoted(value);
        break;
      case "number":
        text += Number.isFinite(value) ? value : "null";
        break;
      case "boolean":
        text += value;
        break;
      default:
        if (Array.isArray(value)) writeList(value);
        else if (value instanceof AddedNodes) writeAdded(value);
        else if (isRecord(value)) writeObject(value);
        else text += "null";
    }
  }

  function writeList(list: readonly unknown[]): void {
    text += "[0";
    for (let i = 0; i < list.length; i++) {
      text += ",";
      write(list[i]);
      if (text.length > PIECE_LENGTH) endPiece();
    }
    text += "]";
  }

  /**
   * What was added bit by bit is a tree of its bits to an engine; joined in time, they are gone
   * before the collector has to carry them along.
   */
  function endPiece(): void {
    pieces.push(text.normalize());
    text = "";
  }

  function writeObject(fields: Fields): void {
    const keys = Object.keys(fields);
    const shape = shapeOf(fields, keys);
    text += opening(shape);
    const { tokens } = shape;
    let field = 0;
    for (const key of keys) {
      const value = fields[key];
      if (!isJson(value)) continue;
      const token = tokens[field++];
      if (token === OPEN) {
        text += ",";
        write(value);
      } else if (typeof value === "number") {
        writeDifference(token, value);
      }
    }
    text += "]";
  }

  /** The engine's own writer is fastest, for lists of nothing but numbers or strings. */
  function writeAdded(nodes: AddedNodes): void {
    const { kinds, others, numbers, strings } = trees.of(nodes);
    text += `["tree",${json(kinds)},`;
    writeList(others);
    pieces.push(`${text},`, json([numbers, strings]).slice(1));
    text = "";
    lastId = nodes.ids.at(-1) ?? lastId;
  }

  function shapeOf(fields: Fields, keys: readonly string[]): Step {
    let at = root;
    for (const key of keys) {
      const value = fields[key];
      if (isJson(value)) at = follow(at, key, value);
    }
    return at;
  }

  function writeDifference(token: Token | undefined, value: number): void {
    if (token === ID) {
      text += `,${value - lastId}`;
      lastId = value;
    } else if (token === NEAR_ID) {
      text += `,${value - lastId}`;
    } else if (token === TIME) {
      text += `,${value - lastTime}`;
      lastTime = value;
    }
  }

  /** How an object of this shape begins; the first one says what the shape is. */
  function opening(shape: Step): string {
    if (shape.shape !== 0) return `[${shape.shape}`;
    const path: Step[] = [];
    for (let at = shape; at.before !== undefined; at = at.before) path.unshift(at);
    shape.shape = ++shapes;
    shape.tokens = path.map(({ token }) => token);
    return `[[${path.map(({ key, token }) => `${JSON.stringify(key)},${codeOf(token)}`)}]`;
  }

  function follow(step: Step, key: string, value: unknown): Step {
    let choices = step.next.get(key);
    if (choices === undefined) {
      choices = { kind: KINDS.get(key), open: undefined, others: new Map() };
      step.next.set(key, choices);
    }
    const token = tokenOf(choices.kind, value);
    if (token === OPEN) {
      choices.open ??= stepAfter(step, key, OPEN);
      return choices.open;
    }
    let next = choices.others.get(token);
    if (next === undefined) {
      next = stepAfter(step, key, token);
      choices.others.set(token, next);
    }
    return next;
  }

  function tokenOf(kind: Kind, value: unknown): Token {
    switch (typeof value) {
      case "string":
        return kind === "constant" ? value : OPEN;
      case "number":
        return kind === undefined || !Number.isInteger(value) ? OPEN : numberToken(kind, value);
      case "boolean":
        return value;
      default:
        if (value === null) return null;
        if (Array.isArray(value)) return value.length === 0 ? EMPTY_LIST : OPEN;
        return isRecord(value) && Object.keys(value).length === 0 ? EMPTY_OBJECT : OPEN;
    }
  }

  function numberToken(kind: NonNullable<Kind>, value: number): Token {
    switch (kind) {
      case "constant":
        return value;
      case "time":
        return value >= 0 && value < LATEST_TIME ? TIME : OPEN;
      case "id":
        return isId(value) ? ID : OPEN;
      case "near":
        return isNear(value) ? NEAR_ID : OPEN;
    }
  }

  function isNear(id: number): boolean {
    return Math.abs(id - lastId) <= NEAR;
  }

  function restart(): void {
    root = stepAfter(undefined, "", OPEN);
    trees.restart();
    shapes = lastId = lastTime = 0;
    fresh = true;
  }

  return {
    pack(event) {
      try {
        write(event);
        pieces.push(text);
        const whole = pieces.join("");
        const entry = fresh ? `{"fresh":${whole}}` : whole;
        fresh = false;
        return entry;
      } catch (thrown) {
        // What was remembered of the event that failed, a reader would not know.
        restart();
        throw thrown;
      } finally {
        pieces = [];
        text = "";
      }
    },
    restart,
  };
}

function codeOf(token: Token): string {
  return typeof token === "object" && token !== null ? token.code : `[${JSON.stringify(token)}]`;
}

function stepAfter(before: Step | undefined, key: string, token: Token): Step {
  return { before, key, token, next: new Map(), shape: 0, tokens: [] };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** One whose difference is exact. */
function isId(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < LARGEST_ID;
}

function quoted(value: string): string {
  return ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** Whether JSON has a field of this value at all. */
function isJson(value: unknown): boolean {
  return value !== undefined && typeof value !== "function" && typeof value !== "symbol";
}
