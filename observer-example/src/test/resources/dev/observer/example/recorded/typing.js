/** Repeats what is typed in every place of a document that we know text can hide in. */
const places = document.querySelector("#places");

function add(html) {
  places.insertAdjacentHTML("beforeend", html);
  return places.lastElementChild;
}

/** An element that gets the text with each change, as an attribute or otherwise. */
function changing(html, change) {
  const element = add(html);
  return (text) => change(element, text);
}

const attribute = (html, name, say = (text) => text) =>
  changing(html, (element, text) => element.setAttribute(name, say(text)));

const card = document.querySelector("x-field").attachShadow({ mode: "open" });
card.innerHTML = "<p></p><b></b>";
const documentSheet = new CSSStyleSheet();
const shadowSheet = new CSSStyleSheet();
document.adoptedStyleSheets = [documentSheet];
card.adoptedStyleSheets = [shadowSheet];
const css = (text) => `p::before { content: ${JSON.stringify(text)} }`;
const address = encodeURIComponent;
const canvas = add("<canvas></canvas>").getContext("2d");
const frame = () => document.querySelector("#frame").contentDocument;
const comment = document.createComment("");
places.append(comment);
const late = document.createElement("x-late");
places.append(late);

const PLACES = {
  "another field": changing("<input>", (field, text) => (field.value = text)),
  "value attribute": attribute("<input>", "value"),
  "hidden field": (text) => (document.querySelector("#hidden").value = text),
  "new hidden field": changing("<div></div>", (box, text) => {
    box.innerHTML = "<input type=hidden>";
    box.firstChild.setAttribute("value", text);
  }),
  "text area": changing("<textarea></textarea>", (area, text) => (area.value = text)),
  "text of a text area": changing("<textarea></textarea>", (area, text) => (area.textContent = text)),
  "field of an unknown type": attribute("<input type=unknown>", "value"),
  option: changing("<select></select>", (select, text) => select.replaceChildren(new Option(text, text))),
  "label of a group": attribute("<select><optgroup></optgroup></select>", "title"),
  "data list": changing("<datalist></datalist>", (list, text) => list.replaceChildren(new Option(text, text))),
  "editable text": changing("<div contenteditable></div>", (box, text) => (box.textContent = text)),
  text: changing("<p></p>", (p, text) => (p.textContent = text)),
  "changed text": changing("<p>-</p>", (p, text) => (p.firstChild.data = `You wrote: ${text}.`)),
  "every change as a line": (text) => add("<p></p>").append(text),
  output: changing("<output></output>", (output, text) => (output.value = text)),
  title: attribute("<p></p>", "title"),
  placeholder: attribute("<input>", "placeholder"),
  "aria-label": attribute("<button type=button></button>", "aria-label"),
  alt: attribute("<img>", "alt"),
  "data attribute": attribute("<p></p>", "data-said"),
  "JSON in an attribute": attribute("<p></p>", "data-state", (text) => JSON.stringify({ text })),
  "custom element's value": attribute("<x-other></x-other>", "value"),
  "query of a link": attribute("<a>a</a>", "href", (text) => `/find?q=${address(text)}`),
  "path of a link": attribute("<a>a</a>", "href", (text) => `/find/${address(text)}`),
  "fragment of a link": attribute("<a>a</a>", "href", (text) => `#said=${address(text)}`),
  "address of a form": attribute("<form></form>", "action", (text) => `/send?q=${address(text)}`),
  "address of a picture": attribute("<img>", "src", (text) => `/none.png?${new URLSearchParams({ q: text })}`),
  "address of a frame": attribute("<iframe></iframe>", "src", (text) => `/frame.html?q=${address(text)}`),
  "document in an attribute": attribute("<iframe></iframe>", "srcdoc", (text) => `<p>${text}</p>`),
  "frame of this origin": (text) => {
    if (frame()?.querySelector("output")) frame().querySelector("output").textContent = text;
  },
  "shadow root": (text) => (card.querySelector("p").textContent = text),
  "attribute in a shadow root": (text) => card.querySelector("b").setAttribute("title", text),
  "text right inside a shadow root": (text) => card.append(text),
  "shadow root of a new element": (text) => {
    const element = document.createElement("x-new");
    element.attachShadow({ mode: "open" }).append(text);
    late.replaceChildren(element);
  },
  "style element": (text) => (document.querySelector("#sheet").textContent = css(text)),
  "new style element": changing("<div></div>", (box, text) => {
    const style = document.createElement("style");
    style.textContent = css(text);
    box.replaceChildren(style);
  }),
  "inserted rule": (text) => document.querySelector("#rules").sheet.insertRule(css(text)),
  "adopted sheet": (text) => documentSheet.replaceSync(css(text)),
  "adopted sheet of a shadow root": (text) => shadowSheet.replaceSync(css(text)),
  "newly adopted sheet": (text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css(text));
    document.adoptedStyleSheets = [documentSheet, sheet];
  },
  "style attribute": attribute("<p></p>", "style", (text) => `--said: ${JSON.stringify(text)}`),
  "style property": changing("<p></p>", (p, text) => p.style.setProperty("--said", JSON.stringify(text))),
  "class and id": changing("<p></p>", (p, text) => {
    p.className = `said-${text}`;
    p.id = `said-${text}`;
  }),
  "address of the page": (text) => history.pushState(null, "", `?${new URLSearchParams({ q: text })}`),
  "fragment of the page": (text) => (location.hash = address(text)),
  "title of the document": (text) => (document.title = text),
  meta: (text) => document.querySelector("meta[name=subject]").setAttribute("content", text),
  comment: (text) => (comment.data = text),
  "event handler": attribute("<p></p>", "onclick", (text) => `say(${JSON.stringify(text)})`),
  canvas: (text) => canvas.fillText(text, 0, 10),
  picture: changing("<svg><title></title><text></text></svg>", (svg, text) => {
    for (const child of svg.children) child.textContent = text;
  }),
  template: changing("<template></template>", (template, text) => (template.innerHTML = `<p>${text}</p>`)),
  noscript: changing("<noscript></noscript>", (element, text) => (element.textContent = text)),
  summary: changing("<details><summary></summary></details>", (details, text) => (details.firstChild.textContent = text)),
};

window.placesOfText = Object.keys(PLACES).length;
window.failures = [];

function repeat(text) {
  for (const [name, put] of Object.entries(PLACES)) {
    try {
      put(text);
    } catch (error) {
      failures.push(`${name}: ${error}`);
    }
  }
}

for (const id of ["#source", "#note"]) {
  document.querySelector(id).addEventListener("input", (event) => repeat(event.target.value));
}
document.querySelector("#editor").addEventListener("input", (event) => repeat(event.target.textContent));
document.querySelector("#frame").addEventListener("load", () => {
  frame()
    .querySelector("#inside")
    .addEventListener("input", (event) => repeat(event.target.value));
});
