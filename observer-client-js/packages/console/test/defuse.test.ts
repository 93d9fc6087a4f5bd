import { describe, expect, test } from "vitest";
import { list, object } from "../src/api/decode";
import { createDefuser } from "../src/replay/defuse";

type Attributes = Record<string, unknown>;

/** What is left of the attributes of one element that comes in a full snapshot. */
function built(tagName: string, attributes: Attributes): unknown {
  const node = {
    type: 0,
    id: 1,
    childNodes: [{ type: 2, id: 2, tagName, attributes, childNodes: [] }],
  };
  const event = createDefuser()({ type: 2, timestamp: 1, data: { node } });
  return JSON.parse(JSON.stringify(event)).data.node.childNodes[0].attributes;
}

/** What is left of an attribute change of an element built before. */
function changed(tagName: string, attributes: Attributes): unknown {
  const defuse = createDefuser();
  defuse({
    type: 2,
    timestamp: 1,
    data: { node: { type: 2, id: 2, tagName, attributes: {}, childNodes: [] } },
  });
  const event = defuse({
    type: 3,
    timestamp: 2,
    data: { source: 0, adds: [], attributes: [{ id: 2, attributes }] },
  });
  return JSON.parse(JSON.stringify(event)).data.attributes[0].attributes;
}

describe("what an element may not bring", () => {
  test.each([
    ["a", { href: "javascript:alert(1)" }],
    ["a", { href: " \u0001JavaScript:alert(1)" }],
    ["a", { href: "java\nscript:alert(1)" }],
    ["a", { "xlink:href": "javascript:alert(1)" }],
    ["a", { href: "data:text/html,<script>alert(1)</script>" }],
    ["a", { ping: "https://evil.example/" }],
    ["div", { onclick: "alert(1)", ONMOUSEOVER: "alert(1)", onpageshow: "alert(1)" }],
    ["animate", { values: "javascript:alert(1)", to: "javascript:alert(1)" }],
    ["form", { action: "https://evil.example/" }],
    ["button", { formaction: "https://evil.example/" }],
    [
      "iframe",
      {
        src: "/account/delete",
        srcdoc: "<script>alert(1)</script>",
        sandbox: "allow-scripts",
        allow: "camera",
      },
    ],
    ["object", { data: "https://evil.example/" }],
    ["embed", { src: "https://evil.example/" }],
    ["base", { href: "https://evil.example/" }],
    ["meta", { "http-equiv": "refresh" }],
    ["META", { "HTTP-EQUIV": "refresh" }],
    ["script", { src: "https://evil.example/" }],
    ["link", { rel: "preconnect", href: "https://evil.example/" }],
    ["link", { rel: "dns-prefetch", href: "//evil.example/" }],
    ["link", { rel: "stylesheet preconnect", href: "https://evil.example/" }],
    ["html", { manifest: "https://evil.example/" }],
    ["input", { autofocus: "", onfocus: "alert(1)" }],
  ])("%s %j", (tagName, attributes) => {
    expect(built(tagName, attributes)).toEqual({});
    if (tagName !== "link") expect(changed(tagName, attributes)).toEqual({});
  });

  test("a link with the text of its sheet is a hint as soon as it is taken away", () => {
    const address = "https://evil.example/";
    expect(built("link", { _cssText: "p {}", rel: "preconnect", href: address })).toEqual({
      _cssText: "p {}",
    });
  });

  test("a link that was none when it was built is not made one later", () => {
    expect(changed("link", { rel: "preconnect", class: "x" })).toEqual({ class: "x" });
  });
});

describe("what a page needs to look as it did", () => {
  test.each([
    ["a", { href: "https://shop.example/", class: "x", target: "_blank" }],
    ["img", { src: "https://shop.example/a.png", srcset: "b.png 2x", alt: "a" }],
    ["img", { src: "data:image/png;base64,AAAA", rr_dataURL: "data:image/png;base64,AAAA" }],
    ["link", { rel: "stylesheet", href: "https://shop.example/a.css" }],
    ["link", { _cssText: "body { color: red }", class: "x" }],
    ["iframe", { width: "300", height: "200", style: "border: 0", rr_width: "300px" }],
    ["meta", { name: "viewport", content: "width=device-width", charset: "utf-8" }],
    ["input", { type: "checkbox", checked: true, value: "***" }],
    ["div", { style: "background: url(/a.png)", rr_scrollTop: 10, "data-on": "x" }],
  ])("%s %j", (tagName, attributes) => {
    expect(built(tagName, attributes)).toEqual(attributes);
  });

  test("changes of style and state", () => {
    const attributes = {
      style: { color: ["red", "important"], width: false },
      class: "open",
      value: "*",
      "aria-expanded": "true",
      open: null,
    };
    expect(changed("div", attributes)).toEqual(attributes);
  });
});

test("nodes that come later, inside of frames and of shadow roots, are defused too", () => {
  const evil = {
    type: 2,
    id: 5,
    tagName: "a",
    attributes: { onclick: "alert(1)", href: "javascript:alert(1)" },
    childNodes: [],
  };
  const inFrame = {
    type: 0,
    id: 3,
    childNodes: [
      {
        type: 2,
        id: 4,
        tagName: "div",
        attributes: {},
        isShadowHost: true,
        childNodes: [{ ...evil, isShadow: true }],
      },
    ],
  };
  const event = {
    type: 3,
    timestamp: 1,
    data: {
      source: 0,
      isAttachIframe: true,
      adds: [{ parentId: 2, nextId: null, node: inFrame }],
      attributes: [],
    },
  };
  expect(JSON.stringify(createDefuser()(event))).not.toContain("alert");
});

test("events are copied where they change and never altered", () => {
  const event = {
    type: 2,
    timestamp: 1,
    data: { node: { type: 2, id: 2, tagName: "a", attributes: { onclick: "x" }, childNodes: [] } },
  };
  const before = structuredClone(event);
  createDefuser()(event);
  expect(event).toEqual(before);
});

test("other events pass as they are, whatever is in them", () => {
  const defuse = createDefuser();
  for (const event of [
    { type: 3, data: { source: 1, positions: [] } },
    { type: 4, data: null },
    { type: 5 },
    { type: 2, data: { node: 7 } },
  ]) {
    expect(object(defuse(event))).toEqual(event);
  }
});

test("a tag is written as rrweb compares it, and nothing hides behind an id that is no number", () => {
  const hidden = { type: 2, id: "5", tagName: "iframe", attributes: {}, childNodes: [] };
  const style = { type: 2, id: 6, tagName: "LINK", attributes: { _cssText: "p {}" } };
  const defuse = createDefuser();
  const built = defuse({
    type: 2,
    timestamp: 1,
    data: { node: { type: 0, id: 1, childNodes: [hidden, style] } },
  });
  expect(built.data).toEqual({
    node: { type: 0, id: 1, childNodes: [{ ...style, tagName: "link" }] },
  });
  const changed = defuse({
    type: 3,
    timestamp: 2,
    data: {
      source: 0,
      adds: [{ parentId: 1, nextId: null, node: hidden }],
      attributes: [
        { id: "5", attributes: { src: "/framed" } },
        JSON.parse('{"id": 7, "attributes": {"__proto__": {"srcdoc": "x"}, "class": "y"}}'),
      ],
    },
  });
  expect(changed.data).toEqual({
    source: 0,
    adds: [],
    attributes: [{ id: 7, attributes: { class: "y" } }],
  });
  for (const change of list(object(changed.data).attributes)) {
    expect(Object.getPrototypeOf(object(object(change).attributes))).toBe(Object.prototype);
  }
});
