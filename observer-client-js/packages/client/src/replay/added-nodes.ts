import type { addedNodeMutation, serializedNodeWithId } from "@rrweb/types";

/** A text; the names and values of an element's attributes, in turn; or, of what is neither, the node as rrweb has it. */
export type Content = string | readonly string[] | serializedNodeWithId;

/**
 * The nodes that were added in one batch, in the order in which they are told. A page adds thousands
 * at once, nearly all of them texts and plain elements of HTML: they are kept in columns, because
 * objects for all would be carried along by the collector. Read one by one they are rrweb's.
 */
export class AddedNodes implements Iterable<addedNodeMutation> {
  readonly parents: number[] = [];
  /** The siblings behind; 0: there is none. */
  readonly nexts: number[] = [];
  readonly ids: number[] = [];
  /** Of plain elements. */
  readonly tags: string[] = [];
  readonly contents: Content[] = [];

  get length(): number {
    return this.ids.length;
  }

  add(parent: number, next: number, id: number, tag: string, content: Content): void {
    this.parents.push(parent);
    this.nexts.push(next);
    this.ids.push(id);
    this.tags.push(tag);
    this.contents.push(content);
  }

  /** The one at this place, below {@link length}. */
  at(index: number): addedNodeMutation {
    return {
      parentId: this.parents[index] as number,
      nextId: this.nexts[index] || null,
      node: this.nodeAt(index),
    };
  }

  private nodeAt(index: number): serializedNodeWithId {
    const id = this.ids[index] as number;
    const content = this.contents[index] as Content;
    if (typeof content === "string") return { type: TEXT, textContent: content, id };
    if (!isAttributes(content)) return content;
    return {
      type: ELEMENT,
      tagName: this.tags[index] as string,
      attributes: attributesOf(content),
      childNodes: [],
      id,
    };
  }

  toJSON(): readonly addedNodeMutation[] {
    return [...this];
  }

  *[Symbol.iterator](): Iterator<addedNodeMutation> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

export function isAttributes(content: Content): content is readonly string[] {
  return Array.isArray(content);
}

/** From names and values in turn. */
function attributesOf(list: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i] as string, list[i + 1] as string]);
  // Not by assignment: an attribute may be called __proto__.
  return Object.fromEntries(pairs);
}

/** Of rrweb; its enums would bring its code. */
const ELEMENT = 2;
const TEXT = 3;
