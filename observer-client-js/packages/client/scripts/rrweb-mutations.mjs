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
        adds: adds.length > 0 ? adds : []`,
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
const kinds = new Map();
/** What is known of an element by its name; of most, attributes, children and texts are all there is. */
function kindOf(n) {
  let kind = kinds.get(n.localName);
  if (kind === void 0) {
    const tag = getValidTagName(n);
    kind = {
      tag,
      special: /^(link|style|script|meta|head|title|input|textarea|select|option|dialog|audio|video|iframe|canvas)$/.test(tag),
      isCustom: tag.includes("-"),
      // Others cannot have one.
      mayHost: /^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/.test(tag)
    };
    if (typeof n.localName === "string") kinds.set(n.localName, kind);
  }
  return kind;
}
function serializeNodeWithId(n, options) {`,
  },
];

export const CUTS = [
  {
    why: "of what was added all is told; and attributes are masked where they are read",
    from: `.filter((text) => !addedIds.has(text.id))`,
    until: `        removes,`,
    to: `.filter(({ id }) => id > 0 && !isAdded(id)),
        attributes: this.attributes.map(({ node, attributes }) => {
          record.mask.attributes(attributes, node);
          return { id: this.mirror.getId(node), attributes };
        }).filter(({ id }) => id > 0 && !isAdded(id)),
`,
  },
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
      const { mask } = record;
      const adds = new record.AddedNodes();
      const removes = [];
      /** Of those that had one before; who came new has a later one. */
      const addedIds = /* @__PURE__ */ new Set();
      const firstNew = _id;
      const isAdded = (id) => id >= firstNew || addedIds.has(id);
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
        if (id <= 0 || isGone(parent)) continue;
        const remove = { parentId: idOf(parent), id };
        if (isShadowRoot(parent) && isNativeShadowDom(parent)) remove.isShadow = true;
        removes.push(remove);
      }
      const idFor = (n) => {
        const known = mirror.ids.get(n);
        if (known === void 0) return mirror.set(n, genId());
        addedIds.add(known);
        return known;
      };
      const resolve = (n, name, value) => transformAttribute(this.doc, kindOf(n).tag, name, value);
      const addChildren = (n, id, place, mayBeSvg) => {
        let next = 0;
        for (let child = lastChild(n); child; child = previousSibling(child)) next = add(child, n, id, next, place, mayBeSvg);
      };
      /**
       * Adds a node and what is inside; the last child first, because each is told with the id of the
       * one behind it. Returns that of the next. Nearly all that pages add are plain elements and texts
       * inside of such, of which little is to be asked; \`place\`, of the parent, says that they may be.
       */
      const add = (n, parent, parentId, behind, place, mayBeSvg) => {
        if (place !== void 0) {
          const type = nodeType(n);
          if (type === 3) {
            if (mirror.ids.get(n) === IGNORED_NODE) return behind;
            const id = idFor(n);
            const text = textContent(n);
            adds.add(parentId, behind, id, "", text && mask.textIn(place, text));
            return id;
          }
          if (type === 1) {
            const kind = kindOf(n);
            const isPlain = !kind.special && !kind.isCustom && kind.tag !== "svg";
            if (isPlain && !(mayBeSvg && isSVGElement(n)) && !(kind.mayHost && elementShadowRoot(n))) {
              const attributes = mask.attributesIn(place, n, resolve);
              if (attributes !== void 0) {
                const id = idFor(n);
                adds.add(parentId, behind, id, kind.tag, attributes);
                addChildren(n, id, place, false);
                return id;
              }
            }
          }
        }
        options.cssCaptured = parent.nodeName === "STYLE" && isAdded(parentId);
        const node = serializeNodeWithId(n, options);
        if (!node) return behind;
        const { id } = node;
        if (isShadowRoot(parent) && isNativeShadowDom(parent)) node.isShadow = true;
        if (id < firstNew) addedIds.add(id);
        adds.add(parentId, behind, id, "", node);
        if (n.nodeType !== 1 || node.tagName === "textarea") return id;
        if (n.hasAttribute("data-observer-block")) {
          for (let child = firstChild(n); child; child = nextSibling(child)) mirror.forget(child);
          return id;
        }
        addChildren(n, id, placeIn(n), true);
        const root = elementShadowRoot(n);
        if (root) addChildren(root, id, void 0, true);
        return id;
      };
      /** Undefined where more is to be asked. */
      const placeIn = (parent) => parent.nodeType === 1 && this.doc === document && !kindOf(parent).special ? mask.placeOf(parent) : void 0;
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
        let behind = next ? mirror.getId(next) : 0;
        const place = placeIn(parent);
        for (let at = last; waiting.delete(at); at = previousSibling(at)) behind = add(at, parent, parentId, behind, place, true);
      }
      for (const n of removed.keys()) if (!isAdded(mirror.getId(n))) mirror.forget(n);
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
