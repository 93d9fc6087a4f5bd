/** A recording as no recorder makes it: every way known to us in which a page could act on whoever watches it. */

/** @param foreign origin of a stranger's server @param ran path of this origin that scripts would ask for */
export function hostileEvents(foreign: string, ran: string, start: number): readonly object[] {
  let nextId = 10;
  const script = `fetch('${ran}')`;
  const el = (
    tagName: string,
    attributes: object = {},
    childNodes: object[] = [],
    more: object = {},
  ) => ({
    ...{ type: 2, id: nextId++, tagName, attributes, childNodes },
    ...more,
  });
  const svg = (tagName: string, attributes: object = {}, childNodes: object[] = []) =>
    el(tagName, attributes, childNodes, { isSVG: true });
  const text = (textContent: string) => ({ type: 3, id: nextId++, textContent });
  const at = (name: string) => `${foreign}/${name}`;

  const late = el("div", {}, [text("late")]);
  const link = el("a", { href: `javascript:${script}` }, [text("link")]);
  const sheet = el("link", { rel: "stylesheet", href: "/recorded.css" });
  const frame = el("iframe", { width: "200" });
  const named = el("iframe", {}, [], { id: "named" });
  const styled = el("link", { _cssText: "p { color: red }", rel: "preconnect", href: foreign });
  const head = el("head", {}, [
    el("meta", { "http-equiv": "refresh", content: `0;url=${at("refresh")}` }),
    el("meta", { "http-equiv": "Content-Security-Policy", content: "default-src *" }),
    el("base", { href: `${foreign}/` }),
    ...[
      "preconnect",
      "dns-prefetch",
      "prefetch",
      "prerender",
      "manifest",
      "icon",
      "stylesheet",
      "stylesheet preconnect",
    ].map((rel) => el("link", { rel, href: at("link") })),
    el("link", { rel: "preload", as: "image", href: at("preload") }),
    el("LINK", { _cssText: "p { color: red }", rel: "preconnect", href: foreign }),
    styled,
    el("style", {
      _cssText: `@import url(${at("import")}); body { background: url(${at("background")}) }`,
    }),
    el("style", {}, [
      text(`@font-face { font-family: x; src: url(${at("font")}) } body { font-family: x }`),
    ]),
    el("script", { src: at("script") }),
    el("script", {}, [text(script)]),
    sheet,
  ]);
  const body = el("body", { onload: script, onpageshow: script, background: at("bg") }, [
    el("h1", {}, [text("Recorded page")]),
    el("img", { src: "/recorded.png" }),
    el("img", { src: at("img"), srcset: `${at("srcset")} 2x`, onerror: script }),
    el("img", { src: "x:", onerror: script }),
    el("video", { poster: at("poster"), src: at("video"), autoplay: "", rr_mediaState: "played" }),
    el("audio", { src: at("audio"), autoplay: "" }),
    link,
    late,
    frame,
    named,
    el("iframe", { src: `javascript:${script}` }),
    el("iframe", { srcdoc: `<script>${script}</script><img src="${at("srcdoc")}">` }),
    el("iframe", {
      src: at("frame"),
      sandbox: "allow-scripts allow-same-origin allow-top-navigation",
    }),
    el("iframe", { src: "/framed" }),
    el("object", { data: at("object") }),
    el("object", { data: `data:text/html,<script>${script}</script>` }),
    el("embed", { src: at("embed") }),
    el("form", { action: at("form") }, [
      el("input", { autofocus: "", onfocus: script }),
      el("input", { type: "image", src: at("input") }),
    ]),
    svg("svg", { onload: script }, [
      svg("script", {}, [text(script)]),
      svg("image", { href: at("image") }),
      svg("use", { href: at("use#a") }),
      svg("animate", { attributeName: "href", values: `javascript:${script}`, onbegin: script }),
      svg("foreignObject", {}, [el("iframe", { srcdoc: `<script>${script}</script>` })]),
    ]),
    el("details", { open: "", ontoggle: script }, [text("more")]),
    el("div", { style: `background-image: url(${at("style")}); height: 10px` }),
    el("canvas", { rr_dataURL: at("canvas") }),
  ]);

  let time = start + 10;
  const event = (type: number, data: object) => {
    time += 50;
    return { type, timestamp: time, data };
  };
  const mutation = (data: object) =>
    event(3, { source: 0, adds: [], removes: [], texts: [], attributes: [], ...data });
  const add = (node: object) => ({ parentId: body.id, nextId: null, node });
  const inner = el("html", {}, [
    el("head"),
    el("body", { onload: script }, [el("img", { src: at("inner"), onerror: script })]),
  ]);
  return [
    { type: 4, timestamp: start, data: { href: `javascript:${script}`, width: 1000, height: 700 } },
    {
      ...{ type: 2, timestamp: start + 10 },
      data: {
        node: {
          type: 0,
          id: 1,
          childNodes: [el("html", { manifest: at("manifest") }, [head, body])],
        },
        initialOffset: { top: 0, left: 0 },
      },
    },
    mutation({
      adds: [
        add(el("script", {}, [text(script)])),
        add(el("img", { src: at("added"), onerror: script })),
        add(el("link", { rel: "preconnect", href: foreign })),
        add(el("iframe", { srcdoc: `<script>${script}</script>` })),
      ],
    }),
    mutation({
      attributes: [
        {
          id: late.id,
          attributes: {
            onmousedown: script,
            style: { "background-image": `url(${at("changed")})` },
          },
        },
        { id: link.id, attributes: { href: ` java\nscript:${script}` } },
        { id: sheet.id, attributes: { rel: "preconnect", href: foreign } },
        { id: styled.id, attributes: { _cssText: "" } },
        { id: frame.id, attributes: { src: at("later"), srcdoc: `<script>${script}</script>` } },
        { id: named.id, attributes: { src: "/framed", srcdoc: `<script>${script}</script>` } },
        // As it comes from JSON: an own property.
        JSON.parse(`{"id": ${late.id}, "attributes": {"__proto__": {"onmousedown": "${script}"}}}`),
      ],
    }),
    mutation({
      adds: [
        { parentId: frame.id, nextId: null, node: { type: 0, id: nextId++, childNodes: [inner] } },
      ],
      isAttachIframe: true,
    }),
    event(3, { source: 2, type: 1, id: late.id, x: 5, y: 5 }),
    event(3, {
      source: 9,
      id: 1,
      type: 0,
      commands: [{ property: "drawImage", args: [at("canvas")] }],
    }),
    event(6, { plugin: "rrweb/console@1", payload: { level: "log", payload: [script] } }),
    { type: 5, timestamp: start + 3_000, data: { tag: "end", payload: {} } },
  ];
}
