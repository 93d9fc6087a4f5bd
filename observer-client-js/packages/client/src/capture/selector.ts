/**
 * Names an element as a short CSS selector, `form#pay > button.primary`, from what its author wrote
 * and never from what it shows or holds.
 */
export function selectorOf(element: Element): string {
  const parts: string[] = [];
  let at: Element | null = element;
  for (let depth = 0; at !== null && depth < 3; depth++, at = at.parentElement) {
    const { classList, localName } = at;
    // Not the form's properties, but its attributes: a field of the same name hides those.
    const id = at.getAttribute("id");
    const name = at.getAttribute("name");
    let part = localName;
    if (id) part += `#${id}`;
    else if (name) part += `[name=${name}]`;
    else
      part += Array.from(classList)
        .slice(0, 2)
        .map((one) => `.${one}`)
        .join("");
    parts.unshift(part);
    if (id || localName === "body") break;
  }
  return parts.join(" > ");
}
