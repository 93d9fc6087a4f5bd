/**
 * Another way to tell what was added and removed, for rrweb-patch.mjs. rrweb follows the records of a
 * batch step by step, with sets of all nodes that came, moved and left; that takes long, and misses
 * some of the ways when nodes came, went and moved in one batch. Here only where the document was and
 * where it is now counts: what was recorded and left its place is removed, what is new in its place is
 * added with all that is inside.
 */
export const CHANGES = [
  {
    why: "a batch has its own lists",
    from: `        removes: this.removes,
        adds`,
    to: `        removes,
        adds`,
  },
  {
    why: "the same",
    from: `      this.removes = [];
      this.addedSet = /* @__PURE__ */ new Set();
      this.movedSet = /* @__PURE__ */ new Set();
      this.droppedSet = /* @__PURE__ */ new Set();
      this.removesSubTreeCache = /* @__PURE__ */ new Set();
      this.movedMap = {};
`,
    to: "",
  },
  {
    why: "nearly all that pages add are plain elements and texts, of which little is to be asked; the result is the same",
    from: `function serializeNodeWithId(n, options) {`,
    to: `const changes = /* @__PURE__ */ new WeakMap();
/** What the records of a batch say of a document, and of the shadow roots in it: nodes move between them. */
function changesIn(doc) {
  let known = changes.get(doc);
  if (!known) {
    known = {
      added: /* @__PURE__ */ new Set(),
      removed: /* @__PURE__ */ new Map(),
      /** Removed from several places. */
      several: /* @__PURE__ */ new Set(),
      records: []
    };
    changes.set(doc, known);
  }
  return known;
}
const plainTags = new Map();
const noChildren = Object.freeze([]);
function isPlain(tagName) {
  let plain = plainTags.get(tagName);
  if (plain === void 0) {
    plain = !/^(link|style|script|meta|head|input|textarea|select|option|dialog|audio|video|iframe|canvas)$|-/.test(tagName);
    plainTags.set(tagName, plain);
  }
  return plain;
}
/** Of a node that was added, inside this parent. */
function serializeAdded(n, parent, options) {
  const isText = n.nodeType === 3;
  if (isText ? options.cssCaptured || parent.tagName === "STYLE" || parent.tagName === "SCRIPT" : n.nodeType !== 1) {
    return serializeNodeWithId(n, options);
  }
  const known = options.mirror.ids.get(n);
  if (known === IGNORED_NODE) return null;
  let node;
  if (isText) {
    const text = textContent(n);
    node = { type: NodeType.Text, textContent: text && options.maskTextFn(text, n) };
  } else {
    const tagName = getValidTagName(n);
    if (!isPlain(tagName) || elementShadowRoot(n)) return serializeNodeWithId(n, options);
    const attributes = {};
    if (n.hasAttributes()) {
      if (_isBlockedElement(n)) return serializeNodeWithId(n, options);
      for (const name of n.getAttributeNames()) {
        attributes[name] = transformAttribute(options.doc, tagName, toLowerCase(name), n.getAttribute(name));
      }
    }
    node = { type: NodeType.Element, tagName, attributes, childNodes: noChildren };
    if (isSVGElement(n)) node.isSVG = true;
  }
  if (options.rootId) node.rootId = options.rootId;
  node.id = known ?? genId();
  options.mirror.add(n, node);
  if (parent.nodeType === 11 && isShadowRoot(parent) && isNativeShadowDom(parent)) node.isShadow = true;
  return node;
}
function serializeNodeWithId(n, options) {`,
  },
];

export const CUTS = [
  {
    why: "what is remembered of the records of a batch is below",
    from: `    __publicField(this, "removes", []);`,
    until: `    __publicField(this, "mutationCb");`,
  },
  {
    why: "removes and adds, from where the document was and where it is now",
    from: `      const adds = [];
      const addedIds = /* @__PURE__ */ new Set();
      while (this.mapRemoves.length) {`,
    until: `      const payload = {
        texts:`,
    to: `      const { mirror } = this;
      const { added, removed, several, records } = changesIn(this.doc);
      changes.delete(this.doc);
      // Observers of shadow roots are asked after that of the document: which place was the first, only the sum of all says.
      for (const n of several) {
        const balance = /* @__PURE__ */ new Map([[parentNode(n), 1]]);
        const count = (nodes, target, by) => {
          for (const one of nodes) if (one === n) balance.set(target, (balance.get(target) ?? 0) + by);
        };
        for (const { target, addedNodes, removedNodes } of records) {
          count(removedNodes, target, 1);
          count(addedNodes, target, -1);
        }
        for (const [place, left] of balance) if (place && left > 0) removed.set(n, place);
      }
      const adds = [];
      const removes = [];
      const addedIds = /* @__PURE__ */ new Set();
      const options = this.serializeOptions ??= {
        doc: this.doc,
        mirror: this.mirror,
        blockClass: this.blockClass,
        blockSelector: this.blockSelector,
        maskTextClass: this.maskTextClass,
        maskTextSelector: this.maskTextSelector,
        skipChild: true,
        newlyAddedElement: true,
        inlineStylesheet: this.inlineStylesheet,
        maskInputOptions: this.maskInputOptions,
        maskTextFn: this.maskTextFn,
        maskInputFn: this.maskInputFn,
        keepIframeSrcFn: this.keepIframeSrcFn,
        slimDOMOptions: this.slimDOMOptions,
        dataURLOptions: this.dataURLOptions,
        recordCanvas: this.recordCanvas,
        inlineImages: this.inlineImages,
        onSerialize: (currentN) => {
          if (isSerializedIframe(currentN, this.mirror)) {
            this.iframeManager.addIframe(currentN);
          }
          if (isSerializedStylesheet(currentN, this.mirror)) {
            this.stylesheetManager.trackLinkElement(currentN);
          }
          const root = index.shadowRoot(currentN);
          if (root) this.shadowDomManager.addShadowRoot(root, this.doc);
        },
        onIframeLoad: (iframe, childSn) => {
          this.iframeManager.attachIframe(iframe, childSn);
          this.shadowDomManager.observeAttachShadow(iframe);
        },
        onStylesheetLoad: (link, childSn) => {
          this.stylesheetManager.attachLinkElement(link, childSn);
        }
      };
      options.rootId = getRootId(this.doc, mirror);
      /** Asks about a node and all around it, once for each. */
      const around = (known, holds) => (n) => {
        const asked = [];
        let answer = false;
        for (let at = n; at; at = parentNode(at) ?? (at.nodeType === 11 ? host(at) : null)) {
          const before = known.get(at);
          if (before !== void 0 || holds(at)) {
            answer = before ?? true;
            break;
          }
          asked.push(at);
        }
        for (const at of asked) known.set(at, answer);
        return answer;
      };
      const isGone = around(/* @__PURE__ */ new Map(), (n) => removed.has(n));
      const isInside = around(/* @__PURE__ */ new Map(), (n) => added.has(n));
      const idOf = (parent) => mirror.getId(isShadowRoot(parent) ? host(parent) : parent);
      for (const [n, parent] of removed) {
        const id = mirror.getId(n);
        // What lies in what is gone goes with it.
        if (id <= 0 || mirror.getNode(id) !== n || isGone(parent)) continue;
        const remove = { parentId: idOf(parent), id };
        if (isShadowRoot(parent) && isNativeShadowDom(parent)) remove.isShadow = true;
        removes.push(remove);
      }
      for (const n of removed.keys()) mirror.removeNodeFromMap(n);
      /** Adds a node and what is inside; the last child first, because each is told with the id of the one behind it. Returns that of the next. */
      const add = (n, parent, parentId, behind) => {
        options.cssCaptured = parent.nodeName === "STYLE" && addedIds.has(parentId);
        const node = serializeAdded(n, parent, options);
        if (!node) return behind;
        const { id } = node;
        adds.push({ parentId, nextId: behind, node });
        addedIds.add(id);
        if (n.nodeType !== 1 || node.tagName === "textarea" || n.hasAttribute("data-observer-block")) return id;
        let next = null;
        for (let child = lastChild(n); child; child = previousSibling(child)) next = add(child, n, id, next);
        const root = elementShadowRoot(n);
        next = null;
        for (let child = root && lastChild(root); child; child = previousSibling(child)) next = add(child, root, id, next);
        return id;
      };
      for (const n of added) {
        if (!n.isConnected || ownerDocument(n) !== this.doc) added.delete(n);
      }
      const waiting = new Set(added);
      for (const n of waiting) {
        const parent = parentNode(n);
        const parentId = idOf(parent);
        if (parentId <= 0 || parent.nodeName === "TEXTAREA" || isInside(parent) || isBlocked(parent, this.blockClass, this.blockSelector, true)) continue;
        let last = n;
        for (let next = nextSibling(last); waiting.has(next); next = nextSibling(next)) last = next;
        let next = nextSibling(last);
        while (next && mirror.getId(next) <= 0) next = nextSibling(next);
        let behind = next ? mirror.getId(next) : null;
        for (let at = last; waiting.delete(at); at = previousSibling(at)) behind = add(at, parent, parentId, behind);
      }
`,
  },
  {
    why: "the same",
    from: `          m.addedNodes.forEach((n) => this.genAdds(n, m.target));`,
    until: `          break;
        }
      }
    });
    /**
     * Make sure you check`,
    to: `          const { added, removed, several, records } = changesIn(this.doc);
          records.push(m);
          m.removedNodes.forEach((n) => {
            // From where it was when the last batch was told.
            const place = removed.get(n);
            if (!place) removed.set(n, m.target);
            else if (place !== m.target) several.add(n);
          });
          m.addedNodes.forEach((n) => added.add(n));
`,
  },
  {
    why: "the same",
    from: `    /**
     * Make sure you check`,
    until: `  }
  init(options) {`,
  },
];
