/**
 * What is changed in rrweb's recorder when it is built into the replay chunk. The recorder stays the
 * pinned package: each change is a text that must be there exactly once, so that another version
 * fails the build instead of recording in another way. The recorder's tests run with the same plugin.
 */
const CHANGES = [
  {
    why: "a batch has its own lists, below",
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
    why: "two methods stood among the accessors: no page passed for untouched, and each got a frame to take the originals from",
    from: `  Element: ["shadowRoot", "querySelector", "querySelectorAll"],`,
    to: `  Element: ["shadowRoot"],`,
  },
  {
    why: "a frame less in the page, and what it has of an accessor is asked for once",
    from: `  return getUntaintedAccessor("Element", n, "shadowRoot");`,
    to: `  return elementShadowRoot(n);`,
  },
  {
    why: "only the id of what was recorded is asked for again: the rest, kept for each node, is work for the collector",
    from: `  getId(n) {
    var _a2;
    if (!n) return -1;
    const id = (_a2 = this.getMeta(n)) == null ? void 0 : _a2.id;
    return id ?? -1;
  }`,
    to: `  getId(n) {
    if (!n) return -1;
    const id = this.ids.get(n);
    if (id !== void 0) return id;
    // The one that the next event with id -1 is about.
    this.unknown = n;
    return -1;
  }`,
  },
  {
    why: "the same",
    from: `    __publicField(this, "nodeMetaMap", /* @__PURE__ */ new WeakMap());`,
    to: `    this.ids = /* @__PURE__ */ new WeakMap();`,
  },
  {
    why: "the same",
    from: `    return this.nodeMetaMap.get(n) || null;`,
    to: `    return this.ids.has(n);`,
  },
  {
    why: "the same",
    from: `    return this.nodeMetaMap.has(node);`,
    to: `    return this.ids.has(node);`,
  },
  {
    why: "the same",
    from: `    this.nodeMetaMap.set(n, meta);
  }
  replace(id, n) {
    const oldNode = this.getNode(id);
    if (oldNode) {
      const meta = this.nodeMetaMap.get(oldNode);
      if (meta) this.nodeMetaMap.set(n, meta);
    }
    this.idNodeMap.set(id, n);
  }`,
    to: `    this.ids.set(n, id);
  }`,
  },
  {
    why: "the same",
    from: `    this.nodeMetaMap = /* @__PURE__ */ new WeakMap();`,
    to: `    this.ids = /* @__PURE__ */ new WeakMap();`,
  },
  {
    why: "an object that loses a field, or has it without a value, is slow for whoever reads it",
    from: `    delete serializedNode.needBlock;`,
    to: `    if (serializedNode.needBlock) delete serializedNode.needBlock;`,
  },
  {
    why: "the same",
    from: `  return {
    type: NodeType.Element,
    tagName,
    attributes,
    childNodes: [],
    isSVG: isSVGElement(n) || void 0,
    needBlock,
    rootId,
    isCustom: isCustomElement
  };`,
    to: `  const node = { type: NodeType.Element, tagName, attributes, childNodes: [] };
  if (isSVGElement(n)) node.isSVG = true;
  if (needBlock) node.needBlock = true;
  if (rootId) node.rootId = rootId;
  if (isCustomElement) node.isCustom = true;
  return node;`,
  },
  {
    why: "the same",
    from: `  return {
    type: NodeType.Text,
    textContent: textContent2 || "",
    rootId
  };`,
    to: `  const node = { type: NodeType.Text, textContent: textContent2 || "" };
  if (rootId) node.rootId = rootId;
  return node;`,
  },
  {
    why: "nearly all that pages add are plain elements and texts, of which little is to be asked; the result is the same",
    from: `function serializeNodeWithId(n, options) {`,
    to: `const plainTags = new Map();
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
  {
    why: "the same",
    from: `  const serializedNode = Object.assign(_serializedNode, { id });`,
    to: `  const serializedNode = _serializedNode;
  serializedNode.id = id;`,
  },
  {
    why: "who observes the document decides when records are handled: not in the page's own task",
    from: `  const observer = new ObserverCtor(
    callbackWrapper(mutationBuffer.processMutations.bind(mutationBuffer))
  );`,
    to: `  const observer = record.observe(
    ObserverCtor,
    callbackWrapper(mutationBuffer.processMutations.bind(mutationBuffer)),
    () => {
      // Or buffers of shadow roots pile up with every snapshot.
      const at = mutationBuffers.indexOf(mutationBuffer);
      if (at >= 0) mutationBuffers.splice(at, 1);
    }
  );`,
  },
  {
    why: "style sheets carry text too; and a text right inside a shadow root has no parent element to ask by",
    from: `  if (!isStyle && !isScript && textContent2 && needsMask) {
    textContent2 = maskTextFn ? maskTextFn(textContent2, index.parentElement(n)) : textContent2.replace(/[\\S]/g, "*");
  }`,
    to: `  if (!isScript && textContent2) textContent2 = maskTextFn(textContent2, n);`,
  },
  {
    why: "the same for a text that changes",
    from: `this.maskTextFn(value, closestElementOfNode(m.target))`,
    to: `this.maskTextFn(value, m.target)`,
  },
  {
    why: "one timer for all fields a page fills in one task, not one for each",
    from: `        setTimeout(() => {
          d.set.call(this, value);
        }, 0);`,
    to: `        record.afterSetting(this, d.set);`,
  },
  {
    why: "an error while a frame is recorded is the recorder's, not the page's",
    from: `function onceIframeLoaded(iframeEl, listener, iframeLoadTimeout) {`,
    to: `function onceIframeLoaded(iframeEl, listener, iframeLoadTimeout) {
  listener = callbackWrapper(listener);`,
  },
  {
    why: "and while a style sheet is",
    from: `function onceStylesheetLoaded(link, listener, styleSheetLoadTimeout) {`,
    to: `function onceStylesheetLoaded(link, listener, styleSheetLoadTimeout) {
  listener = callbackWrapper(listener);`,
  },
  {
    why: "names without a dash are no custom elements",
    from: `    if (customElements.get(tagName)) isCustomElement = true;`,
    to: `    if (tagName.includes("-") && customElements.get(tagName)) isCustomElement = true;`,
  },
  {
    why: "an attribute's name and value, without an object for each",
    from: `  const len = n.attributes.length;
  for (let i = 0; i < len; i++) {
    const attr = n.attributes[i];
    if (!ignoreAttribute(tagName, attr.name, attr.value)) {
      attributes[attr.name] = transformAttribute(
        doc,
        tagName,
        toLowerCase(attr.name),
        attr.value
      );
    }
  }`,
    to: `  if (n.hasAttributes()) {
    for (const name of n.getAttributeNames()) {
      if (!ignoreAttribute(tagName, name)) {
        attributes[name] = transformAttribute(doc, tagName, toLowerCase(name), n.getAttribute(name));
      }
    }
  }`,
  },
  {
    why: "the browser knows whether a node is in the document, through shadow roots",
    from: `function inDom(n) {
  const doc = index.ownerDocument(n);
  if (!doc) return false;
  return index.contains(doc, n) || shadowHostInDom(n);
}`,
    to: `function inDom(n) {
  return n.isConnected;
}`,
  },
  {
    why: "the same few names are looked at again and again",
    from: `function getValidTagName(element) {
  if (element instanceof HTMLFormElement) {
    return "form";
  }
  const processedTagName = toLowerCase(element.tagName);
  if (tagNameRegex.test(processedTagName)) {
    return "div";
  }
  return processedTagName;
}`,
    to: `const validTagNames = new Map();
function getValidTagName(element) {
  let name = validTagNames.get(element.localName);
  if (name === void 0) {
    if (element instanceof HTMLFormElement) return "form";
    name = toLowerCase(element.tagName);
    if (tagNameRegex.test(name)) name = "div";
    validTagNames.set(element.localName, name);
  }
  return name;
}`,
  },
  {
    why: "children are walked, not listed",
    from: `    if (n.childNodes) {
      n.childNodes.forEach(
        (childNode) => this.removeNodeFromMap(childNode)
      );
    }`,
    to: `    for (let child = firstChild(n); child; child = nextSibling(child)) this.removeNodeFromMap(child);`,
  },
  {
    why: "the options go on as they are",
    from: `    case n.ELEMENT_NODE:
      return serializeElementNode(n, {
        doc,
        blockClass,
        blockSelector,
        inlineStylesheet,
        maskInputOptions,
        maskInputFn,
        dataURLOptions,
        inlineImages,
        recordCanvas,
        keepIframeSrcFn,
        newlyAddedElement,
        rootId
      });`,
    to: `    case n.ELEMENT_NODE:
      options.rootId = rootId;
      return serializeElementNode(n, options);`,
  },
  {
    why: "and on",
    from: `  const _serializedNode = serializeNode(n, {
    doc,
    mirror: mirror2,
    blockClass,
    blockSelector,
    needsMask,
    inlineStylesheet,
    maskInputOptions,
    maskTextFn,
    maskInputFn,
    dataURLOptions,
    inlineImages,
    recordCanvas,
    keepIframeSrcFn,
    newlyAddedElement,
    cssCaptured
  });`,
    to: `  const _serializedNode = serializeNode(n, options);`,
  },
  {
    why: "what an attribute was before is not asked for: the page would pay, most of all for each change of a style",
    from: `  observer.observe(rootEl, {
    attributes: true,
    attributeOldValue: true,
    characterData: true,
    characterDataOldValue: true,
    childList: true,`,
    to: `  observer.observe(rootEl, {
    attributes: true,
    characterData: true,
    childList: true,`,
  },
  {
    why: "and not compared: an attribute that was removed would look unchanged",
    from: `          if (isBlocked(m.target, this.blockClass, this.blockSelector, false) || value === m.oldValue) {`,
    to: `          if (isBlocked(m.target, this.blockClass, this.blockSelector, false)) {`,
  },
];

/** What is never used here and left out: from the first text, until the second, instead the third. */
const CUTS = [
  {
    why: "a style is recorded as it is, without a comparison to what it was",
    from: `          if (typeof attributes.style === "string") {`,
    until: `          return {
            id: this.mirror.getId(attribute.node),`,
  },
  {
    why: "the same",
    from: `            if (attributeName === "style") {`,
    until: `if (attributeName === "open" && target.tagName === "DIALOG") {`,
    to: "            ",
  },
  {
    why: "what is remembered of the records of a batch, below",
    from: `    __publicField(this, "removes", []);`,
    until: `    __publicField(this, "mutationCb");`,
    to: `    __publicField(this, "added", /* @__PURE__ */ new Set());
    __publicField(this, "removed", /* @__PURE__ */ new Map());
`,
  },
  {
    why:
      "of a batch only where the document was and where it is now counts. Nodes that came, went and moved in one batch " +
      "were followed step by step, which took a set of all nodes and their order apart, and missed some of the ways",
    from: `      const adds = [];
      const addedIds = /* @__PURE__ */ new Set();
      while (this.mapRemoves.length) {`,
    until: `      const payload = {
        texts:`,
    to: `      const { added, removed, mirror } = this;
      this.added = /* @__PURE__ */ new Set();
      this.removed = /* @__PURE__ */ new Map();
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
        for (let child = root && lastChild(root); child; child = previousSibling(child)) {
          this.processedNodeManager.add(child, this);
          next = add(child, root, id, next);
        }
        return id;
      };
      for (const n of added) {
        if (!n.isConnected || ownerDocument(n) !== this.doc || this.processedNodeManager.inOtherBuffer(n, this)) added.delete(n);
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
    to: `          m.removedNodes.forEach((n) => {
            // Where it was when the last batch was told.
            if (!this.removed.has(n)) this.removed.set(n, m.target);
          });
          m.addedNodes.forEach((n) => this.added.add(n));
`,
  },
  {
    why: "the same",
    from: `    /**
     * Make sure you check`,
    until: `  }
  init(options) {`,
  },
  {
    why: "accessors are looked up once, not by two names at each call",
    from: `function ownerDocument(n) {`,
    until: `function contains(n, other) {`,
    to: `function accessorOf(key, accessor) {
  let native;
  return (n) => {
    native ??= Object.getOwnPropertyDescriptor(getUntaintedPrototype(key), accessor)?.get ?? function () {
      return this[accessor];
    };
    return native.call(n);
  };
}
const ownerDocument = accessorOf("Node", "ownerDocument");
const childNodes = accessorOf("Node", "childNodes");
const parentNode = accessorOf("Node", "parentNode");
const parentElement = accessorOf("Node", "parentElement");
const textContent = accessorOf("Node", "textContent");
const firstChild = accessorOf("Node", "firstChild");
const lastChild = accessorOf("Node", "lastChild");
const nextSibling = accessorOf("Node", "nextSibling");
const previousSibling = accessorOf("Node", "previousSibling");
const elementShadowRoot = accessorOf("Element", "shadowRoot");
`,
  },
  {
    why: "one attribute blocks, and no class",
    from: `function _isBlockedElement(element, blockClass, blockSelector) {`,
    until: `function needMaskingText(`,
    to: `function _isBlockedElement(element) {
  return element.hasAttribute("data-observer-block");
}
`,
  },
  {
    why: "the same",
    from: `function isBlocked(node, blockClass, blockSelector, checkAncestors) {`,
    until: `function isSerialized(n, mirror2) {`,
    to: `function isBlocked(node, blockClass, blockSelector, checkAncestors) {
  const el = node && closestElementOfNode(node);
  if (!el) return false;
  return checkAncestors ? el.closest("[data-observer-block]") !== null : el.hasAttribute("data-observer-block");
}
`,
  },
  {
    why: "every text is asked about, once, instead of matching selectors up the tree for each node",
    from: `function needMaskingText(node, maskTextClass, maskTextSelector, checkAncestors) {`,
    until: `function onceIframeLoaded(`,
    to: `function needMaskingText() {
  return true;
}
`,
  },
  {
    why: "canvas is not recorded: the class brings a worker made from a blob",
    from: `const canvasVarMap = /* @__PURE__ */ new Map();`,
    until: `class StylesheetManager {`,
    to: `class CanvasManager {
  reset() {}
  freeze() {}
  unfreeze() {}
  lock() {}
  unlock() {}
}
`,
  },
  {
    why: "canvas and pictures are not copied into a snapshot",
    from: `  if (tagName === "canvas" && recordCanvas) {`,
    until: `  if (["audio", "video"].includes(tagName)) {`,
  },
  {
    why: "frames of another origin are not recorded",
    from: `  handleMessage(message) {`,
    until: `class ShadowDomManager {`,
    to: `}
`,
  },
  {
    why: "and have no ids to translate",
    from: `class CrossOriginIframeMirror {`,
    until: `class IframeManager {`,
    to: `class CrossOriginIframeMirror {}
`,
  },
  {
    why: "warnings for whoever used an interface of years ago",
    from: `const DEPARTED_MIRROR_ACCESS_WARNING =`,
    until: `function throttle(`,
  },
  {
    why: "fonts are not recorded",
    from: `    if (o.collectFonts) {`,
    until: `  }
  const selectionObserver =`,
  },
  {
    why: "nodes of a replay are not recorded",
    from: `  if (n instanceof BaseRRNode && "shadowRoot" in n) {`,
    until: `  return Boolean(index.shadowRoot(n));`,
  },
];

/** A plugin for vite and vitest that changes rrweb's recorder as above. */
export function rrwebPatch() {
  return {
    name: "rrweb-patch",
    enforce: "pre",
    transform(code, id) {
      if (!/@rrweb\/record\/dist\/record\.js(\?|$)/.test(id)) return undefined;
      return { code: patched(code), map: null };
    },
  };
}

/** @throws Error naming the first change whose text is not there, or is there more than once */
export function patched(code) {
  const changed = CHANGES.reduce((text, { why, from, to }) => {
    if (text.split(from).length !== 2) throw new Error(`rrweb has changed; cannot patch: ${why}`);
    return text.replace(from, () => to);
  }, code);
  return CUTS.reduce((text, { why, from, until, to = "" }) => {
    const start = text.indexOf(from);
    const end = text.indexOf(until, start);
    if (start < 0 || end < 0 || text.indexOf(from, start + 1) >= 0) {
      throw new Error(`rrweb has changed; cannot leave out: ${why}`);
    }
    return text.slice(0, start) + to + text.slice(end);
  }, changed);
}
