import { type AddedNodes, type Content, isAttributes } from "./added-nodes";

/** What was added, ready to be written; the parts are those of a tree in docs/replay-format.md. */
export interface AddedTree {
  /** Those that were not said before: a tag, then names and values of attributes in turn. */
  readonly kinds: readonly (readonly (string | typeof OPEN)[])[];
  readonly others: readonly object[];
  readonly numbers: readonly number[];
  readonly strings: readonly string[];
}

/** In a kind, instead of a value: each element has its own. */
const OPEN = 0;
/** Numbers of kinds. */
const TEXT = 0;
const OTHER = 1;
const FIRST_KIND = 2;
/** Where a node is: inside of the one before, or, above 0, before one that many levels up. */
const INSIDE = 0;
const ELSEWHERE = -1;
/** More would let a small batch become a large one: a reader refuses them. */
const MOST_ATTRIBUTES = 256;
/** An attribute with more values than this, or one longer than that, says nothing about a kind. */
const MOST_VALUES = 32;
const LONGEST_VALUE = 100;

/** An element's tag, or an attribute after others. */
interface Step {
  readonly before: Step | undefined;
  readonly said: readonly (string | typeof OPEN)[];
  readonly next: Map<string, Values>;
  /** Of the kind that ends here; -1: there is none yet. */
  kind: number;
}

interface Values {
  readonly known: Map<string, Step>;
  open: Step | undefined;
}

/**
 * Puts added nodes in columns: where they are as steps from the one before, tags and attributes that
 * repeat as one number. A page that adds thousands of nodes pays for each little more than its texts.
 */
export interface AddedTrees {
  of(nodes: AddedNodes): AddedTree;
  /** Kinds that were said are forgotten. */
  restart(): void;
}

export function createAddedTrees(): AddedTrees {
  let tags = new Map<string, Step>();
  let lastKind = FIRST_KIND;

  function of(nodes: AddedNodes): AddedTree {
    const kinds: (string | typeof OPEN)[][] = [];
    const others: object[] = [];
    const numbers: number[] = [];
    const strings: string[] = [];
    /** From the first of its own place to the one before. */
    const path: number[] = [];
    let outside = 0;
    let expected = 0;

    function place(parent: number, next: number): void {
      const depth = path.length;
      if (next === 0 && depth > 0 && path[depth - 1] === parent) {
        numbers.push(INSIDE);
        return;
      }
      const at = next === 0 ? -1 : path.lastIndexOf(next);
      if (at >= 0 && parent === (at > 0 ? path[at - 1] : outside)) {
        numbers.push(depth - at);
        path.length = at;
      } else {
        numbers.push(ELSEWHERE, parent, next);
        path.length = 0;
        outside = parent;
      }
    }

    function kindOf(tag: string, attributes: readonly string[]): number {
      let step = tags.get(tag);
      if (step === undefined) {
        step = stepAfter(undefined, [tag]);
        tags.set(tag, step);
      }
      for (let i = 0; i < attributes.length; i += 2) {
        step = follow(step, attributes[i] as string, attributes[i + 1] as string);
      }
      if (step.kind < 0) {
        step.kind = lastKind++;
        kinds.push(saidUntil(step));
      }
      return step.kind;
    }

    function follow(step: Step, name: string, value: string): Step {
      let values = step.next.get(name);
      if (values === undefined) {
        values = { known: new Map(), open: undefined };
        step.next.set(name, values);
      }
      const known = values.known.get(value);
      if (known !== undefined) return known;
      if (values.known.size < MOST_VALUES && value.length <= LONGEST_VALUE) {
        const one = stepAfter(step, [name, value]);
        values.known.set(value, one);
        return one;
      }
      strings.push(value);
      values.open ??= stepAfter(step, [name, OPEN]);
      return values.open;
    }

    for (let i = 0; i < nodes.length; i++) {
      const id = nodes.ids[i] as number;
      const content = nodes.contents[i] as Content;
      place(nodes.parents[i] as number, nodes.nexts[i] as number);
      path.push(id);
      let kind = TEXT;
      if (typeof content === "string") strings.push(content);
      else if (isAttributes(content) && content.length <= 2 * MOST_ATTRIBUTES) {
        kind = kindOf(nodes.tags[i] as string, content);
      } else {
        kind = OTHER;
        others.push(nodes.at(i).node);
        // It says itself.
        expected = id;
      }
      if (id === expected) numbers.push(kind);
      else numbers.push(~kind, id);
      expected = id + 1;
    }
    return { kinds, others, numbers, strings };
  }

  return {
    of,
    restart() {
      tags = new Map();
      lastKind = FIRST_KIND;
    },
  };
}

function stepAfter(before: Step | undefined, said: Step["said"]): Step {
  return { before, said, next: new Map(), kind: -1 };
}

function saidUntil(step: Step): (string | typeof OPEN)[] {
  const said = [...step.said];
  for (let at = step.before; at !== undefined; at = at.before) said.unshift(...at.said);
  return said;
}
