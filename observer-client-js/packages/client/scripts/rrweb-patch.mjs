import * as MUTATIONS from "./rrweb-mutations.mjs";

/**
 * What is changed in rrweb's recorder when it is built into the replay chunk. The recorder stays the
 * pinned package: each change is a text that must be there exactly once, or `times`, so that another version
 * fails the build instead of recording in another way. The recorder's tests run with the same plugin.
 */
const CHANGES = [
  ...MUTATIONS.CHANGES,
  {
    why: "what a call of the page throws is the page's; and what has failed changed nothing that could be recorded",
    from: `const mutationBuffers = [];`,
    to: `/** Lets the page's call be, and records what it has done. */
const recorded = (tell) => {
  const quietly = callbackWrapper(tell);
  return (target, thisArg, argumentsList) => {
    const result = target.apply(thisArg, argumentsList);
    quietly(target, thisArg, argumentsList);
    return result;
  };
};
const mutationBuffers = [];`,
  },
  {
    why: "the same",
    times: 8,
    from: `apply: callbackWrapper(`,
    to: `apply: recorded(`,
  },
  {
    why: "the same",
    times: 8,
    from: `return target.apply(thisArg, argumentsList);`,
    to: "",
  },
  {
    why: "no property is ignored: it would be set twice",
    from: `        if (ignoreCSSAttributes.has(property)) {
          return setProperty.apply(thisArg, [property, value, priority]);
        }
`,
    to: "",
  },
  {
    why: "the same",
    from: `        if (ignoreCSSAttributes.has(property)) {
          return removeProperty.apply(thisArg, [property]);
        }
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
    why: "and no node is looked for by its id",
    from: `    __publicField(this, "idNodeMap", /* @__PURE__ */ new Map());`,
    to: "",
  },
  {
    why: "the same",
    from: `    this.idNodeMap = /* @__PURE__ */ new Map();
`,
    to: "",
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
    from: `    this.idNodeMap.set(id, n);
    this.nodeMetaMap.set(n, meta);
  }
  replace(id, n) {
    const oldNode = this.getNode(id);
    if (oldNode) {
      const meta = this.nodeMetaMap.get(oldNode);
      if (meta) this.nodeMetaMap.set(n, meta);
    }
    this.idNodeMap.set(id, n);
  }`,
    to: `    this.set(n, id);
  }
  set(n, id) {
    this.ids.set(n, id);
    return id;
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
    why: "the same",
    from: `  const serializedNode = Object.assign(_serializedNode, { id });`,
    to: `  const serializedNode = _serializedNode;
  serializedNode.id = id;
  // Not masked is not sent.
  if (serializedNode.type === NodeType.Element) record.mask.attributes(serializedNode.attributes, n);`,
  },
  {
    why: "who observes the document decides when records are handled: not in the page's own task",
    from: `  const observer = new ObserverCtor(
    callbackWrapper(mutationBuffer.processMutations.bind(mutationBuffer))
  );`,
    to: `  const observer = record.observe(
    ObserverCtor,
    callbackWrapper((records) => records.forEach(mutationBuffer.processMutation)),
    callbackWrapper(mutationBuffer.emit),
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
    why: "what is put back when a document is let go is that document's own: its window may be another's by then",
    from: `    styleSheetObserver = initStyleSheetObserver(o, { win: currentWindow });`,
    to: `    const { CSSStyleSheet, CSSStyleDeclaration, CSSGroupingRule, CSSMediaRule, CSSConditionRule, CSSSupportsRule } = currentWindow;
    const win = { CSSStyleSheet, CSSStyleDeclaration, CSSGroupingRule, CSSMediaRule, CSSConditionRule, CSSSupportsRule };
    styleSheetObserver = initStyleSheetObserver(o, { win });`,
  },
  {
    why: "the same",
    from: `    styleDeclarationObserver = initStyleDeclarationObserver(o, {
      win: currentWindow
    });`,
    to: `    styleDeclarationObserver = initStyleDeclarationObserver(o, { win });`,
  },
  {
    why: "a document in a frame is observed once, and let go when it left its frame",
    from: `      try {
        handlers.push(observe(iframeEl.contentDocument));
      } catch (error) {
        console.warn(error);
      }`,
    to: `      const doc = iframeEl.contentDocument;
      // Opening it anew takes its listeners; another document may have the same window.
      letGo((other) => other === doc || !other.defaultView);
      framed.set(doc, observe(doc));`,
  },
  {
    why: "the same",
    from: `    shadowDomManager.init();
`,
    to: `    letGo((doc) => !doc.defaultView);
    shadowDomManager.init();
`,
  },
  {
    why: "the same",
    from: `  takeFullSnapshot = (isCheckout = false) => {`,
    to: `  const framed = /* @__PURE__ */ new Map();
  const letGo = (which) => {
    for (const [doc, stop] of framed) {
      if (which(doc) && framed.delete(doc)) stop?.();
    }
  };
  takeFullSnapshot = (isCheckout = false) => {`,
  },
  {
    why: "the same; and of shadow roots only at the end, or those in other documents would not be observed any more",
    from: `    return () => {
      handlers.forEach((handler) => {`,
    to: `    return () => {
      letGo(() => true);
      shadowDomManager.reset();
      handlers.forEach((handler) => {`,
  },
  {
    why: "an attribute of a namespace goes by its full name, as in a snapshot; gone, it has none",
    from: `          let value = m.target.getAttribute(attributeName);`,
    to: `          const space = m.attributeNamespace;
          if (space) {
            const { name } = target.getAttributeNodeNS(space, attributeName) ?? {};
            attributeName = name ?? (space.endsWith("xlink") ? "xlink:" : "xml:") + attributeName;
          }
          let value = target.getAttribute(attributeName);`,
  },
  {
    why: "what the visitor does is heard in every document that is recorded, before it is recorded; and there are no hooks",
    from: `  mergeHooks(o, hooks);
`,
    to: `  const visitorHandler = record.hear(o.doc);
`,
  },
  {
    why: "what a box or a choice stands for may have been typed, too",
    from: `    let text = target.value;
    let isChecked = false;
    const type = getInputType(target) || "";
    if (type === "radio" || type === "checkbox") {
      isChecked = target.checked;
    } else if (maskInputOptions[tagName.toLowerCase()] || maskInputOptions[type]) {
      text = maskInputValue({
        element: target,
        maskInputOptions,
        tagName,
        type,
        value: text,
        maskInputFn
      });
    }`,
    to: `    const text = maskInputFn(target.value, target);
    const type = getInputType(target) || "";
    const isChecked = (type === "radio" || type === "checkbox") && target.checked;`,
  },
  {
    why: "the same for the other choices",
    from: `          const text2 = el.value;`,
    to: `          const text2 = maskInputFn(el.value, el);`,
  },
  {
    why: "one timer for all fields a page fills in one task, not one for each",
    from: `        setTimeout(() => {
          d.set.call(this, value);
        }, 0);`,
    to: `        record.afterSetting(this, d.set);`,
  },
  {
    why: "an error while a style sheet is recorded is the recorder's, not the page's",
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
    why: "pages change a thousand attributes at a time: what is known of an element is not asked again, and an object for each less",
    from: `          const tagNameLower = toLowerCase(target.tagName);`,
    to: `          const tagNameLower = kindOf(target).tag;`,
  },
  {
    why: "the same",
    from: `          let item = this.attributeMap.get(m.target);`,
    to: `          let item = this.attributeMap.get(target);`,
  },
  {
    why: "the same",
    from: `            item = {
              node: m.target,
              attributes: {},
              styleDiff: {},
              _unchangedStyles: {}
            };
            this.attributes.push(item);
            this.attributeMap.set(m.target, item);`,
    to: `            item = { node: target, attributes: {} };
            this.attributes.push(item);
            this.attributeMap.set(target, item);`,
  },
  {
    why: "and not compared: an attribute that was removed would look unchanged",
    from: `          if (isBlocked(m.target, this.blockClass, this.blockSelector, false) || value === m.oldValue) {`,
    to: `          if (isBlocked(target)) {`,
  },
];

/** What is never used here and left out: from the first text, until the second, instead the third. */
const CUTS = [
  ...MUTATIONS.CUTS,
  {
    why: "and no node is looked for by its id",
    from: `  getNode(id) {`,
    until: `  getMeta(n) {`,
  },
  {
    why: "what is gone has no id; children are walked, not listed, and those in a shadow root too",
    from: `  // removes the node from idNodeMap`,
    until: `  hasNode(node) {`,
    to: `  forget(n) {
    if (!this.ids.delete(n)) return;
    for (let child = firstChild(n); child; child = nextSibling(child)) this.forget(child);
    const root = n.nodeType === 1 && elementShadowRoot(n);
    if (root) for (let child = firstChild(root); child; child = nextSibling(child)) this.forget(child);
  }
`,
  },
  {
    why: "a style is recorded as it is, without a comparison to what it was",
    from: `            if (attributeName === "style") {`,
    until: `if (attributeName === "open" && target.tagName === "DIALOG") {`,
    to: "            ",
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
const nodeType = accessorOf("Node", "nodeType");
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
    to: `const isBlocked = (node) => record.isBlocked(node);
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
    why: "each snapshot asks again: one listener is enough. And a frame may be blocked, and what fails is not the page's",
    from: `function onceIframeLoaded(`,
    until: `function onceStylesheetLoaded(`,
    to: `/** Of each frame, how not to wait for it any more. */
const frameWaits = /* @__PURE__ */ new WeakMap();
function onceIframeLoaded(iframeEl, listener, iframeLoadTimeout) {
  frameWaits.get(iframeEl)?.();
  const doc = iframeEl.contentDocument;
  const tell = callbackWrapper(() => recording && !isBlocked(iframeEl) && listener());
  const isLoading = doc?.readyState !== "complete";
  // What comes with its address replaces it soon; from another origin it may come back.
  const isPassing = !doc || !isLoading && doc.URL === "about:blank" && iframeEl.src !== doc.URL && iframeEl.src !== "";
  const timer = isPassing ? void 0 : setTimeout(tell, isLoading ? iframeLoadTimeout : 0);
  const loaded = () => {
    clearTimeout(timer);
    tell();
  };
  iframeEl.addEventListener("load", loaded);
  frameWaits.set(iframeEl, () => {
    clearTimeout(timer);
    iframeEl.removeEventListener("load", loaded);
  });
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
    why: "there are no plugins; and what is gone with the window of a frame is not undone",
    from: `  const pluginHandlers = [];`,
    until: `function hasNestedCSSRule(prop) {`,
    to: `  return () => {
    mutationObserver.disconnect();
    for (const stop of [
      visitorHandler,
      mousemoveHandler,
      mouseInteractionHandler,
      scrollHandler,
      viewportResizeHandler,
      inputHandler,
      mediaInteractionHandler,
      styleSheetObserver,
      adoptedStyleSheetObserver,
      styleDeclarationObserver,
      selectionObserver,
      customElementObserver
    ]) {
      try {
        // Throws when the frame has gone to another origin.
        if (currentWindow.document) stop();
      } catch {
      }
    }
  };
}
`,
  },
  {
    why: "there are no hooks",
    from: `function mergeHooks(o, hooks) {`,
    until: `function initObservers(`,
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
  const changed = CHANGES.reduce((text, { why, from, to, times = 1 }) => {
    const parts = text.split(from);
    if (parts.length !== times + 1) throw new Error(`rrweb has changed; cannot patch: ${why}`);
    return parts.join(to);
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
