/**
 * A document as a text that is the same for the page and for its replay: what a visitor can see, with
 * typed values as stars, and computed styles where an element asks for them.
 */
(document) => {
  const SKIPPED = /^(script|noscript|meta|link|style|head|template)$/;
  const ATTRIBUTES = /^(class|id|title|alt|lang|hidden|open|data-.+|aria-.+|href|role|disabled)$/;

  const masked = (element, text) =>
    element?.closest("[data-observer-mask]") ? text.replace(/\S/g, "*") : text;

  function attributesOf(element) {
    const said = [];
    for (const { name, value } of element.attributes) {
      if (!ATTRIBUTES.test(name) || name.startsWith("data-rr-")) continue;
      if (name === "href") said.push(`href=${element.href}`);
      // The replay's player marks what the pointer is over.
      else if (name === "class") {
        const words = value.split(/\s+/).filter((word) => word !== "" && word !== ":hover");
        if (words.length > 0) said.push(`class=${words.join(" ")}`);
      } else said.push(`${name}=${name === "title" ? masked(element, value) : value}`);
    }
    const styles = [...(element.style ?? [])].map((name) => `${name}:${element.style.getPropertyValue(name)}`);
    if (styles.length > 0) said.push(`style=${styles.sort().join(";")}`);
    return said.sort();
  }

  function stateOf(element) {
    const said = [];
    const tag = element.localName;
    if (tag === "textarea" || (tag === "input" && !/^(checkbox|radio|submit|button)$/.test(element.type))) {
      said.push(`value=${"*".repeat(element.value.length)}`);
    }
    if (tag === "input" && element.checked) said.push("checked");
    const { computed } = element.dataset ?? {};
    const view = element.ownerDocument.defaultView;
    for (const name of computed?.split(" ") ?? []) {
      said.push(`${name}→${view.getComputedStyle(element).getPropertyValue(name)}`);
    }
    if (element.scrollTop > 0 && element.dataset.scroll !== undefined) said.push(`scroll=${element.scrollTop}`);
    return said;
  }

  function childrenOf(parent, depth) {
    let lines = [];
    for (const node of parent.childNodes) {
      if (node.nodeType === 3) {
        const text = node.data.replace(/\s+/g, " ").trim();
        if (text !== "") lines.push(`${"  ".repeat(depth)}"${masked(node.parentElement, text)}"`);
      } else if (node.nodeType === 1) lines = lines.concat(linesOf(node, depth));
    }
    return lines;
  }

  function linesOf(element, depth) {
    if (SKIPPED.test(element.localName)) return [];
    const indent = "  ".repeat(depth);
    if (element.classList.contains("blocked")) {
      // Of what is blocked the replay has the box, and nothing inside.
      const inside = element.hasAttribute("data-observer-block") ? [] : childrenOf(element, depth + 1);
      return [`${indent}${element.localName} blocked`, ...inside];
    }
    const lines = [`${indent}${element.localName} ${[...attributesOf(element), ...stateOf(element)].join(" ")}`.trimEnd()];
    if (element.localName === "textarea") return lines;
    if (element.shadowRoot) {
      lines.push(`${indent}  #shadow`, ...childrenOf(element.shadowRoot, depth + 2));
    }
    if (element.localName === "iframe" && element.contentDocument?.body) {
      lines.push(`${indent}  #document`, ...linesOf(element.contentDocument.body, depth + 2));
    }
    return lines.concat(childrenOf(element, depth + 1));
  }

  return linesOf(document.body, 0).join("\n");
}
