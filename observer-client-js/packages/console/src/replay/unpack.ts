import { isObject } from "../api/decode";
import { type AddedNode, addedNodes, type Kind, kindOf, listOf } from "./unpack-tree";

/** How a field of a shape is read; the numbers are those of the form. */
type Code = { readonly constant: unknown } | 0 | 1 | 2 | 3;
interface Field {
  readonly key: string;
  readonly code: Code;
}

const ID = 1;
const TIME = 2;
const NEAR_ID = 3;
/** Fields, attributes and nodes of one batch: a shape said once and repeated makes much of little. */
const MOST_PARTS = 5_000_000;

/**
 * Reads the `events` of a replay batch in the form `packed-2` (docs/replay-format.md), of which `packed-1`
 * is the part without trees, back into rrweb events.
 * What is read was written by strangers: anything that is not of the form ends the batch.
 *
 * @throws Error when an entry is not of the form
 */
export function unpack(entries: readonly unknown[]): readonly unknown[] {
  let shapes: (readonly Field[])[] = [];
  let lastId = 0;
  let lastTime = 0;
  let kinds: Kind[] = [];
  let left = MOST_PARTS;

  function take(parts: number): void {
    left -= parts;
    if (left < 0) throw new Error("more than a batch can hold");
  }

  function read(value: unknown): unknown {
    if (Array.isArray(value)) {
      const [head] = value;
      if (head === 0) return value.slice(1).map(read);
      if (head === "tree") return readTree(value);
      return readObject(shapeOf(head), value);
    }
    if (isObject(value)) throw new Error("an object where none is");
    return value;
  }

  function shapeOf(head: unknown): readonly Field[] {
    if (Array.isArray(head)) {
      const shape = fieldsOf(head);
      shapes.push(shape);
      return shape;
    }
    const shape = typeof head === "number" ? shapes[head - 1] : undefined;
    if (shape === undefined) throw new Error("a shape that was not said before");
    return shape;
  }

  function readObject(shape: readonly Field[], values: readonly unknown[]): unknown {
    let at = 1;
    take(shape.length);
    // In turn, because each id may be said by the one before. Not by assignment: a field may be called __proto__.
    const fields = shape.map(({ key, code }): [string, unknown] => {
      if (typeof code === "object") {
        const { constant } = code;
        return [key, Array.isArray(constant) ? [] : isObject(constant) ? {} : constant];
      }
      if (at >= values.length) throw new Error("fewer values than fields");
      const value = values[at++];
      if (code === 0) return [key, read(value)];
      if (typeof value !== "number") throw new Error("a difference that is no number");
      if (code === TIME) {
        lastTime += value;
        return [key, lastTime];
      }
      const id = lastId + value;
      if (code === ID) lastId = id;
      return [key, id];
    });
    if (at !== values.length) throw new Error("more values than fields");
    return Object.fromEntries(fields);
  }

  function readTree([, said, others, numbers, strings]: readonly unknown[]): readonly AddedNode[] {
    for (const kind of listOf(said)) kinds.push(kindOf(kind));
    // Before the rest: their ids are said as elsewhere.
    const columns = {
      others: listOf(read(others)),
      numbers: listOf(numbers),
      strings: listOf(strings),
    };
    const nodes = addedNodes(kinds, columns, take);
    lastId = nodes.at(-1)?.node.id ?? lastId;
    return nodes;
  }

  return entries.map((entry) => {
    if (!isObject(entry)) return read(entry);
    shapes = [];
    kinds = [];
    lastId = 0;
    lastTime = 0;
    return read(entry.fresh);
  });
}

function fieldsOf(said: readonly unknown[]): readonly Field[] {
  const fields: Field[] = [];
  for (let i = 0; i < said.length; i += 2) {
    const key = said[i];
    if (typeof key !== "string") throw new Error("a field without a name");
    fields.push({ key, code: codeOf(said[i + 1]) });
  }
  return fields;
}

function codeOf(said: unknown): Code {
  if (said === 0 || said === ID || said === TIME || said === NEAR_ID) return said;
  if (!Array.isArray(said) || said.length !== 1) throw new Error("a field without a code");
  const [constant] = said;
  const empty = Array.isArray(constant)
    ? constant.length === 0
    : !isObject(constant) || Object.keys(constant).length === 0;
  // More than that would let a small batch become a large one.
  if (!empty) throw new Error("a constant that holds something");
  return { constant };
}
