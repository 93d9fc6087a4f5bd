import type { eventWithTime } from "@rrweb/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Typed, watchTyped } from "../src/activity/typed";
import { type Recorder, startRecorder } from "../src/replay/recorder";

// The real recorder, on jsdom. The same again in Chromium: observer-example.

let typed: Typed;
let recorder: Recorder;
let events: eventWithTime[];
let errors: number;
let acts: number;

beforeEach(() => {
  typed = watchTyped();
  document.body.innerHTML = "";
});
afterEach(() => {
  recorder.stop();
  typed.stop();
});

function record(maskAllText = false): void {
  events = [];
  errors = 0;
  acts = 0;
  recorder = startRecorder({
    maskAllText,
    maskTyped: typed.mask,
    typed: typed.remember,
    emit: (event) => events.push(event),
    acted: () => {
      acts++;
    },
    onError: () => {
      errors++;
    },
  });
}

/** Observers are told in a microtask, fields that a page sets in a timer; the recorder then waits for a quiet page. */
async function delivered(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  recorder.flush();
}
const recorded = () => JSON.stringify(events);

function element<T extends HTMLElement = HTMLInputElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (found === null) throw new Error(selector);
  return found;
}

function type(selector: string, value: string): void {
  const field = element(selector);
  for (let end = 1; end <= value.length; end++) {
    field.value = value.slice(0, end);
    field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  }
}

const FIELDS = `<form>
  <input id="text"><input id="mail" type="email"><input id="odd" type="no-such-type">
  <input id="secret" type="hidden" value="hidden-csrf"><input id="pass" type="password">
  <textarea id="area">default-area</textarea>
  <select id="choice"><option value="first-choice">One<option value="second-choice">Two</select>
  <div id="edit" contenteditable="true">edited-text</div>
</form>`;

test("a recording begins with a full snapshot of the page", () => {
  document.body.innerHTML = "<h1>Lamps</h1>";
  record();
  expect(events.map((event) => event.type)).toEqual([4, 2]);
  expect(recorded()).toContain("Lamps");
  expect(errors).toBe(0);
});

test("values that fields have at the start are masked in the snapshot", () => {
  document.body.innerHTML = FIELDS;
  element("#text").setAttribute("value", "attribute-value");
  element("#mail").value = "property-value";
  record();
  for (const word of [
    "attribute-value",
    "property-value",
    "hidden-csrf",
    "default-area",
    "edited-text",
  ]) {
    expect(recorded()).not.toContain(word);
  }
});

test("a value attribute whose field was emptied is masked too", () => {
  document.body.innerHTML = '<input id="text" value="left-behind">';
  element("#text").value = "";
  record();
  expect(recorded()).not.toContain("left-behind");
});

test("no typed value appears, in whatever kind of field", async () => {
  document.body.innerHTML = FIELDS;
  record();
  const values = ["qwertz1", "qwertz2@x.org", "qwertz3", "qwertz4", "qwertz5"];
  ["#text", "#mail", "#odd", "#pass", "#area"].forEach((field, i) => {
    type(field, values[i] ?? "");
  });
  element<HTMLSelectElement>("#choice").value = "second-choice";
  element<HTMLElement>("#edit").append("qwertz6");
  await delivered();
  expect(events.length).toBeGreaterThan(10);
  expect(recorded()).not.toContain("qwert");
  expect(events.some((event) => JSON.stringify(event).includes('"text":"*******"'))).toBe(true);
});

test("a framework that writes what was typed into attributes does not reveal it", async () => {
  document.body.innerHTML =
    '<div id="grow"><textarea id="area"></textarea></div><x-field></x-field>';
  record();
  type("#area", "dear diary");
  element("#area").setAttribute("value", "dear diary");
  element("#grow").setAttribute("data-replicated-value", "dear diary");
  element("x-field").setAttribute("value", "dear diary");
  element("#grow").insertAdjacentHTML("beforeend", '<input value="dear diary" title="dear diary">');
  element("#grow").append("You wrote: dear diary");
  await delivered();
  recorder.checkout();
  expect(recorded()).not.toContain("dear");
  expect(recorded()).toContain("You wrote: **********");
});

test("a password stays hidden when it is shown, and its length with it", async () => {
  document.body.innerHTML = '<div data-observer-unmask><input id="pass" type="password"></div>';
  record();
  type("#pass", "hunter2hunter2");
  element("#pass").setAttribute("type", "text");
  await delivered();
  type("#pass", "hunter2hunter2x");
  element("#pass").setAttribute("value", "hunter2hunter2x");
  await delivered();
  recorder.checkout();
  expect(recorded()).not.toContain("hunter");
  expect(recorded()).not.toContain("*".repeat(14));
});

test("marks in the page mask and unmask, the nearest wins, and block removes", async () => {
  document.body.innerHTML = `
    <div data-observer-mask title="hidden-title">hidden-text
      <b data-observer-unmask>shown-text</b> <i>hidden-too</i></div>
    <div data-observer-unmask><input id="open" value="shown-value">
      <span data-observer-mask><input id="shut" value="hidden-value"></span></div>
    <section data-observer-block>hidden-block</section>`;
  record();
  element("[data-observer-mask] i").textContent = "hidden-later";
  element("[data-observer-unmask]").append("shown-later");
  await delivered();
  expect(recorded()).not.toContain("hidden-");
  for (const word of ["shown-text", "shown-value", "shown-later"]) {
    expect(recorded()).toContain(word);
  }
});

test("what is blocked later does not change any more, nor do shadow roots and frames in it", async () => {
  document.body.innerHTML = "<div><p title='x'>x</p><x-card></x-card><iframe></iframe></div>";
  const root = element("x-card").attachShadow({ mode: "open" });
  root.innerHTML = "x<b>x</b>";
  const frame = element<HTMLIFrameElement>("iframe").contentDocument as Document;
  frame.body.textContent = "x";
  record();
  await delivered();
  element("div").setAttribute("data-observer-block", "");
  const before = events.length;
  for (const text of [element("p"), root, root.lastElementChild as HTMLElement, frame.body]) {
    (text.firstChild as Text).data = "hidden-text";
  }
  element("p").title = "hidden-title";
  (root.lastElementChild as HTMLElement).title = "hidden-title";
  root.append("hidden-node");
  frame.body.append("hidden-node");
  await delivered();
  expect(JSON.stringify(events.slice(before))).not.toContain("hidden-");
  element("div").removeAttribute("data-observer-block");
  (element("p").firstChild as Text).data = "shown-text";
  await delivered();
  expect(recorded()).toContain("shown-text");
});

test("what is blocked shows nothing that comes into its shadow root, or is in its frame", async () => {
  document.body.innerHTML =
    "<x-card data-observer-block></x-card><iframe data-observer-block></iframe>";
  const root = element("x-card").attachShadow({ mode: "open" });
  const frame = element<HTMLIFrameElement>("iframe").contentDocument as Document;
  frame.body.textContent = "hidden-text";
  record();
  root.append("hidden-node");
  await delivered();
  frame.body.append("hidden-node");
  await delivered();
  expect(recorded()).not.toContain("hidden-");
});

test("a mark reaches into shadow roots", async () => {
  document.body.innerHTML = "<x-card data-observer-mask></x-card>";
  const root = element("x-card").attachShadow({ mode: "open" });
  root.innerHTML = "bare-hidden <p>deep-hidden</p>";
  record();
  root.append("late-hidden");
  await delivered();
  if (root.firstChild !== null) root.firstChild.textContent = "changed-hidden";
  await delivered();
  expect(recorded()).not.toContain("hidden");
});

test("everything is masked on request, and unmasked only where marked", () => {
  document.body.innerHTML = `<h1 title="secret-title">secret-text</h1>
    <button>secret-label</button><input type="submit" value="secret-submit">
    <p data-observer-unmask>public-text</p>`;
  record(true);
  expect(recorded()).not.toContain("secret-");
  expect(recorded()).toContain("public-text");
});

test("labels of buttons and names of choices are the author's and stay", () => {
  document.body.innerHTML =
    '<input type="submit" value="Send it"><input type="radio" value="blue"><li value="3"></li>';
  record();
  for (const word of ["Send it", "blue"]) expect(recorded()).toContain(word);
});

test.each([
  ["typed", '<input id="text">', "typed-todo"],
  ["in a place that is masked", "<p data-observer-mask></p>", "marked-todo"],
])("the value of a box or a choice is masked when it was %s", async (_, html, value) => {
  document.body.innerHTML = html;
  record();
  if (html.includes("input")) type("#text", value);
  element(html.includes("input") ? "body" : "p").insertAdjacentHTML(
    "beforeend",
    `<input type="checkbox" value="${value}">
    <input type="radio" name="one" value="${value}"><input type="radio" name="one" value="${value}">`,
  );
  await delivered();
  for (const box of document.querySelectorAll<HTMLInputElement>("[type]")) box.click();
  await delivered();
  expect(recorded()).toContain('"isChecked":true');
  expect(recorded()).toContain('"isChecked":false');
  expect(recorded()).not.toContain("-todo");
});

test("what a box in a frame stands for was typed by nobody", async () => {
  document.body.innerHTML = "<p></p><iframe></iframe>";
  const frame = element<HTMLIFrameElement>("iframe").contentDocument as Document;
  frame.body.innerHTML = '<input type="checkbox" value="newsletter">';
  record();
  await delivered();
  (frame.body.firstElementChild as HTMLElement).click();
  element("p").textContent = "Our newsletter";
  await delivered();
  expect(recorded()).toContain('"isChecked":true');
  expect(recorded()).toContain("Our newsletter");
});

const sourcesFrom = (start: number) =>
  events.slice(start).map((event) => event.type === 3 && event.data.source);

test("a frame is observed once however many snapshots there were, and not when it is gone", async () => {
  document.body.innerHTML = "<iframe></iframe>";
  const frame = element<HTMLIFrameElement>("iframe").contentDocument as Document;
  frame.body.innerHTML = "<button></button>";
  const button = frame.body.firstElementChild as HTMLElement;
  record();
  for (let i = 0; i < 3; i++) {
    await delivered();
    recorder.checkout();
  }
  await delivered();
  let before = events.length;
  button.click();
  button.title = "changed";
  await delivered();
  expect(sourcesFrom(before)).toEqual([2, 0]);
  expect(errors).toBe(0);
  before = events.length;
  element("iframe").dispatchEvent(new Event("load"));
  expect(sourcesFrom(before)).toEqual([0]);
  element("iframe").remove();
  recorder.checkout();
  before = events.length;
  button.click();
  expect(sourcesFrom(before)).toEqual([]);
});

test("a frame that comes back from another origin is recorded, whatever snapshots there were meanwhile", async () => {
  document.body.innerHTML = "<iframe></iframe>";
  const frame = element<HTMLIFrameElement>("iframe");
  const page = frame.contentDocument as Document;
  record();
  await delivered();
  Object.defineProperty(frame, "contentDocument", { value: null, configurable: true });
  recorder.checkout();
  Reflect.deleteProperty(frame, "contentDocument");
  page.body.textContent = "back again";
  frame.dispatchEvent(new Event("load"));
  expect(recorded()).toContain("back again");
});

test("a document that is let go gets back its own functions, and the next one of its window keeps its own", async () => {
  document.body.innerHTML = "<iframe></iframe>";
  const window = element<HTMLIFrameElement>("iframe").contentWindow as Window & typeof globalThis;
  const first = window.CSSStyleSheet;
  const { insertRule } = first.prototype;
  record();
  await delivered();
  expect(first.prototype.insertRule).not.toBe(insertRule);
  // As another page in the frame brings it.
  const next = class extends first {};
  const own = () => 0;
  next.prototype.insertRule = own;
  window.CSSStyleSheet = next;
  recorder.stop();
  expect(first.prototype.insertRule).toBe(insertRule);
  expect(next.prototype.insertRule).toBe(own);
});

test("a page whose frame is blocked where it stands is recorded by a recorder of its own", async () => {
  document.body.innerHTML = "<p></p>";
  const around = document.implementation.createHTMLDocument();
  around.body.innerHTML = "<iframe data-observer-block></iframe>";
  const frameElement = vi.spyOn(window, "frameElement", "get");
  frameElement.mockReturnValue(around.body.firstElementChild);
  record();
  element("p").textContent = "inner page";
  await delivered();
  frameElement.mockRestore();
  expect(recorded()).toContain("inner page");
});

test("shadow roots are still observed when a frame loads again, and not after stop", async () => {
  document.body.innerHTML = "<x-card></x-card><iframe></iframe>";
  const root = element("x-card").attachShadow({ mode: "open" });
  record();
  await delivered();
  element("iframe").dispatchEvent(new Event("load"));
  const before = events.length;
  root.append("new");
  await delivered();
  expect(sourcesFrom(before)).toEqual([0]);
  recorder.stop();
  root.append("newer");
  await delivered();
  expect(recorded()).not.toContain("newer");
});

test("after stop nothing is recorded", async () => {
  record();
  recorder.stop();
  const before = events.length;
  document.body.append("later");
  await delivered();
  expect(events).toHaveLength(before);
});

test("changes are not handled in the task that made them, but when the page is quiet, at most 100 ms later", async () => {
  const asked: { act: () => void; timeout: number }[] = [];
  vi.stubGlobal("requestIdleCallback", (act: () => void, { timeout }: { timeout: number }) =>
    asked.push({ act, timeout }),
  );
  record();
  const before = events.length;
  document.body.append("later");
  await Promise.resolve();
  document.body.append("and more");
  await Promise.resolve();
  expect(events).toHaveLength(before);
  expect(asked.map(({ timeout }) => timeout)).toEqual([100]);
  asked[0]?.act();
  expect(events).toHaveLength(before + 1);
  expect(recorded()).toContain("and more");
  vi.unstubAllGlobals();
});

test("without idle callbacks, as in Safari, changes are recorded all the same", async () => {
  record();
  document.body.append("later");
  await vi.waitFor(() => expect(recorded()).toContain("later"), { interval: 5, timeout: 10_000 });
});

test("what happens to a page that changes stays in its order, and times never go back", async () => {
  document.body.innerHTML = '<div id="list"></div>';
  record();
  const button = document.createElement("button");
  element("#list").append(button);
  await Promise.resolve();
  button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  element("#list").append("after");
  await delivered();
  const sources = events.slice(2).map((event) => event.type === 3 && event.data.source);
  expect(sources).toEqual([0, 2]);
  const [change, click] = events.slice(2).map((event) => JSON.parse(JSON.stringify(event.data)));
  // The button had no number yet when it was clicked.
  expect(change.adds.map((add: { node: { id: number } }) => add.node.id)).toContain(click.id);
  const times = events.map((event) => event.timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("what is there and gone before the page is quiet is not recorded, nor what was done to it", async () => {
  record();
  const before = events.length;
  const button = document.createElement("button");
  document.body.append(button);
  button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  button.remove();
  await delivered();
  expect(events).toHaveLength(before);
});

test("an attribute that changed often is recorded once, as it is in the end", async () => {
  document.body.innerHTML = '<p id="text" lang="a">a</p>';
  record();
  for (let i = 0; i < 20; i++) {
    element("#text").setAttribute("lang", `b${i}`);
    if (element("#text").firstChild) (element("#text").firstChild as Text).data = `b${i}`;
    await Promise.resolve();
  }
  await delivered();
  expect(events.slice(2).map((event) => event.data)).toMatchObject([
    { source: 0, attributes: [{ attributes: { lang: "b19" } }], texts: [{ value: "b19" }] },
  ]);
});

test("a snapshot has what was not recorded yet, once", async () => {
  record();
  document.body.append("pending");
  await Promise.resolve();
  recorder.checkout();
  await delivered();
  const last = events.at(-1);
  expect(last?.type).toBe(2);
  expect(JSON.stringify(last)).toContain("pending");
});

test("asleep only the visitor is recorded, until the next snapshot", async () => {
  document.body.innerHTML = "<button></button>";
  record();
  recorder.sleep();
  const before = events.length;
  document.body.append("unseen");
  await delivered();
  expect(events).toHaveLength(before);
  element("button").dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(events).toHaveLength(before + 1);
  recorder.checkout();
  document.body.append("seen");
  await delivered();
  expect(JSON.stringify(events.at(-1))).toContain('"seen"');
});

test("asleep nothing that the visitor does is kept back", async () => {
  document.body.innerHTML = "<button></button>";
  record();
  document.body.append("pending");
  await Promise.resolve();
  element("button").click();
  recorder.sleep();
  recorder.flush();
  expect(sourcesFrom(2)).toEqual([2]);
  document.body.append("unseen");
  await Promise.resolve();
  element("button").click();
  expect(sourcesFrom(2)).toEqual([2, 2]);
  recorder.checkout();
  document.body.append("seen");
  await delivered();
  expect(sourcesFrom(4)).toEqual([false, false, 0]);
});

test("what the page's own calls throw reaches the page, is no error of the recorder, and not recorded", () => {
  document.body.innerHTML = "<style>p { color: red }</style>";
  record();
  const sheet = element<HTMLStyleElement>("style").sheet as CSSStyleSheet;
  // Which jsdom does not say.
  Object.assign(sheet, { ownerNode: element("style") });
  expect(() => sheet.deleteRule(7)).toThrow();
  expect(() => sheet.insertRule("b {}", 7)).toThrow();
  expect(sourcesFrom(2)).toEqual([]);
  expect(sheet.insertRule("b {}", 1)).toBe(1);
  expect(sourcesFrom(2)).toEqual([8]);
  expect(errors).toBe(0);
});

test("an attribute of a namespace is recorded by its full name, beside one that is called the same", async () => {
  document.body.innerHTML = '<svg><use xlink:href="#old"></use></svg>';
  record();
  const XLINK = "http://www.w3.org/1999/xlink";
  const use = element<HTMLElement>("use");
  use.setAttribute("href", "#new");
  use.setAttributeNS(XLINK, "xlink:href", "#newer");
  await delivered();
  use.removeAttributeNS(XLINK, "href");
  await delivered();
  expect(events.slice(2).map((event) => event.data)).toMatchObject([
    { attributes: [{ attributes: { href: "#new", "xlink:href": "#newer" } }] },
    { attributes: [{ attributes: { "xlink:href": null } }] },
  ]);
});

/** As a browser dispatches what a visitor does; a page cannot. */
function dispatchTrusted(target: EventTarget, event: Event): void {
  const inside = (wrapper: object) =>
    Reflect.get(wrapper, Object.getOwnPropertySymbols(wrapper)[0] as symbol);
  inside(event).isTrusted = true;
  inside(target)._dispatch(inside(event));
}

test("the visitor is told from a page that clicks, focuses, scrolls and types by itself, in frames too", async () => {
  document.body.innerHTML =
    '<button></button><input id="text"><input type="radio"><iframe></iframe>';
  const frame = element<HTMLIFrameElement>("iframe").contentDocument as Document;
  record();
  await delivered();
  element("button").click();
  element("[type=radio]").click(); // after which a trusted `input` follows
  element("#text").focus();
  type("#text", "polled");
  dispatchTrusted(document, new Event("scroll"));
  expect(sourcesFrom(2)).toContain(3);
  expect(acts).toBe(0);
  dispatchTrusted(element("#text"), new KeyboardEvent("keydown", { bubbles: true }));
  expect(acts).toBe(1);
  dispatchTrusted(frame.body, new MouseEvent("click", { bubbles: true }));
  expect(acts).toBe(2);
  recorder.stop();
  dispatchTrusted(frame.body, new MouseEvent("click", { bubbles: true }));
  dispatchTrusted(element("#text"), new KeyboardEvent("keydown", { bubbles: true }));
  expect(acts).toBe(2);
});

test("text in style sheets, styles, names and addresses is masked when it was typed", async () => {
  document.body.innerHTML = '<input id="text"><style id="sheet"></style><a id="link">x</a>';
  record();
  type("#text", "Wkjhqf & Söhne");
  const said = "Wkjhqf & Söhne";
  element("#sheet").textContent = `p::before { content: "${said}" }`;
  element("#link").setAttribute("style", `--name: "${said}"`);
  element("#link").setAttribute("class", said);
  element("#link").setAttribute(
    "href",
    `/find/${encodeURIComponent(said)}?q=secretquery&b#t=secretpart`,
  );
  element("#link").setAttribute("onclick", `greet("${said}")`);
  document.title = said;
  document.body.insertAdjacentHTML(
    "beforeend",
    `<img src="/i?${new URLSearchParams({ name: said })}"><b data-state='${JSON.stringify({ said })}'>`,
  );
  document.body.insertAdjacentHTML("beforeend", `<iframe srcdoc="${said}"></iframe>`);
  await delivered();
  recorder.checkout();
  expect(recorded()).not.toContain("Wkjhqf");
  expect(recorded()).not.toContain("Söhne");
  expect(recorded()).not.toContain("S%C3%B6hne");
  expect(recorded()).not.toContain("secret");
});

test("what a field held on the way is masked where it was repeated", async () => {
  document.body.innerHTML = '<input id="text"><ul id="list"></ul>';
  record();
  for (const value of ["qwer", "qwert", "qwertz"]) {
    type("#text", value);
    element("#list").insertAdjacentHTML("beforeend", `<li>${value}</li>`);
  }
  await delivered();
  expect(recorded()).not.toContain("qwe");
  expect(recorded()).not.toMatch(/\*[a-z]/);
});
