import type { addedNodeMutation, eventWithTime, removedNodeMutation } from "@rrweb/types";
import { afterEach, expect, test } from "vitest";
import { type Recorder, startRecorder } from "../src/replay/recorder";

// Trees that grow, move into each other and go again before the recorder looks: what is recorded,
// applied to a model of the document, is the document.

interface Model {
  readonly says: string;
  children: Model[];
  /** Of its shadow root. */
  shadow: Model[];
}
type Said = {
  readonly id: number;
  readonly type: number;
  readonly tagName?: string;
  readonly textContent?: string;
  readonly attributes?: Record<string, unknown>;
  readonly childNodes?: readonly Said[];
  readonly isShadow?: boolean;
};

let recorder: Recorder | undefined;
afterEach(() => {
  recorder?.stop();
  document.body.innerHTML = "";
});

/** A document as its events say. */
function createModel() {
  let nodes = new Map<number, Model>();

  function take(said: Said): Model {
    const inside = said.childNodes ?? [];
    const model: Model = {
      says: said.tagName
        ? `${said.tagName}.${said.attributes?.class ?? ""}`
        : `"${said.textContent}"`,
      children: inside.filter(({ isShadow }) => !isShadow).map(take),
      shadow: inside.filter(({ isShadow }) => isShadow).map(take),
    };
    nodes.set(said.id, model);
    return model;
  }

  function forget(model: Model): void {
    for (const [id, node] of nodes) if (node === model) nodes.delete(id);
    for (const child of [...model.children, ...model.shadow]) forget(child);
  }

  function detach(model: Model): void {
    for (const parent of nodes.values()) {
      parent.children = parent.children.filter((child) => child !== model);
      parent.shadow = parent.shadow.filter((child) => child !== model);
    }
  }

  function remove({ parentId, id }: removedNodeMutation): void {
    const [parent, node] = [nodes.get(parentId), nodes.get(id)];
    if (!parent || !node || ![...parent.children, ...parent.shadow].includes(node))
      throw new Error(`no ${id} in ${parentId}`);
    detach(node);
    forget(node);
  }

  /** False: what it is told by has not been told yet. */
  function add({ parentId, nextId, node }: addedNodeMutation): boolean {
    const parent = nodes.get(parentId);
    const next = nextId === null ? undefined : nodes.get(nextId);
    if (!parent || (nextId !== null && !next)) return false;
    const known = nodes.get(node.id);
    if (known) detach(known);
    const model = known ?? take(node as Said);
    const list = node.isShadow ? parent.shadow : parent.children;
    const at = next ? list.indexOf(next) : list.length;
    if (at < 0) return false;
    list.splice(at, 0, model);
    return true;
  }

  return {
    apply(event: eventWithTime) {
      if (event.type === 2) {
        nodes = new Map();
        take(event.data.node as Said);
      } else if (event.type === 3 && event.data.source === 0) {
        for (const removed of event.data.removes) remove(removed);
        let waiting = [...event.data.adds];
        while (waiting.length > 0) {
          const rest = waiting.filter((added) => !add(added));
          if (rest.length === waiting.length)
            throw new Error(`nowhere to put ${JSON.stringify(rest)}`);
          waiting = rest;
        }
      }
    },
    text: () => [...nodes.values()].filter(({ says }) => says.startsWith("body.")).map(textOf),
  };
}

const textOf = (model: Model): string =>
  `${model.says}(${model.shadow.map(textOf)}|${model.children.map(textOf)})`;

function textOfNode(node: Node): string {
  const isElement = node instanceof Element;
  const says = isElement ? `${node.localName}.${node.className}` : `"${node.nodeValue}"`;
  const shadow = isElement ? [...(node.shadowRoot?.childNodes ?? [])] : [];
  return `${says}(${shadow.map(textOfNode)}|${[...node.childNodes].map(textOfNode)})`;
}

/** The same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

/** Elements and shadow roots. */
function placesIn(node: Element | ShadowRoot): (Element | ShadowRoot)[] {
  const root = node instanceof Element ? node.shadowRoot : null;
  const inside = [...node.children].flatMap(placesIn);
  return [node, ...(root ? placesIn(root) : []), ...inside];
}

function change(random: (below: number) => number, made: () => number, away: Node[]): void {
  const places = placesIn(document.body);
  const any = () => places[random(places.length)] ?? document.body;
  const put = (node: Node) => {
    const parent = any();
    for (
      let at: Node | null = parent;
      at;
      at = at instanceof ShadowRoot ? at.host : at.parentNode
    ) {
      if (at === node) return;
    }
    parent.insertBefore(node, parent.childNodes[random(parent.childNodes.length + 1)] ?? null);
  };
  const make = (depth: number): Node => {
    if (random(3) === 0) return document.createTextNode(`text ${made()}`);
    const element = document.createElement(["div", "p", "a", "ul", "x-tag"][random(5)] ?? "div");
    element.className = `made-${made()}`;
    for (let i = random(4); depth > 0 && i > 0; i--) element.append(make(depth - 1));
    if (depth > 0 && element.localName === "div" && random(4) === 0) {
      element.attachShadow({ mode: "open" }).append(make(depth - 1));
    }
    return element;
  };
  switch (random(6)) {
    case 0:
    case 1:
      put(make(3));
      break;
    case 2: {
      // Some come back, with what was put into them meanwhile.
      const node = any();
      if (node === document.body || node instanceof ShadowRoot) break;
      node.remove();
      away.push(node);
      break;
    }
    case 3: {
      const back = away.splice(random(away.length || 1), 1)[0];
      if (back) put(back);
      break;
    }
    case 4: {
      const outside = away[random(away.length || 1)];
      if (outside instanceof Element) outside.append(make(1));
      break;
    }
    default: {
      const node = any();
      if (node !== document.body && !(node instanceof ShadowRoot)) put(node);
    }
  }
}

test("whatever is added, moved and removed in one go, the recording is the document", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = numbers(seed);
    const model = createModel();
    let failures = 0;
    let count = 0;
    const away: Node[] = [];
    document.body.innerHTML =
      "<main class='begin'><p class='first'>one</p><p class='second'>two</p></main>";
    recorder = startRecorder({
      maskAllText: false,
      maskTyped: (text) => text,
      typed: () => {},
      emit: (event) => model.apply(event),
      acted: () => {},
      onError: () => failures++,
    });
    for (let batch = 0; batch < 12; batch++) {
      for (let i = 1 + random(8); i > 0; i--) {
        change(random, () => ++count, away);
        // What happens inside of what was removed is told until the observers have heard of that.
        if (random(4) === 0) await null;
      }
      recorder.flush();
      expect({ seed, batch, failures, body: model.text() }).toEqual({
        seed,
        batch,
        failures: 0,
        body: [textOfNode(document.body)],
      });
    }
    recorder.stop();
  }
  // So much of it takes seconds.
}, 60_000);
