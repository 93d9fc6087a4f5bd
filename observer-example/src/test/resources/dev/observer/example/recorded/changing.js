/** Changes of a document, in steps: `await steps[name]()`. */
const $ = (selector) => document.querySelector(selector);
const task = () => new Promise((resolve) => setTimeout(resolve, 0));
let seed = 11;
const random = (below) => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed % below;
};

/** Nodes made, moved, changed and removed in an order that no page would think of. */
function storm(root, changes) {
  const nodes = [root];
  for (let i = 0; i < changes; i++) {
    const at = nodes[random(nodes.length)];
    switch (random(7)) {
      case 0:
      case 1: {
        const made = document.createElement(["div", "b", "section"][random(3)]);
        made.title = `n${i}`;
        at.insertBefore(made, at.childNodes[random(at.childNodes.length + 1)] ?? null);
        nodes.push(made);
        break;
      }
      case 2:
        at.append(`t${i} `);
        break;
      case 3: {
        const moved = nodes[random(nodes.length)];
        if (moved !== root && !moved.contains(at)) at.append(moved);
        break;
      }
      case 4:
        if (at !== root) at.remove();
        break;
      case 5:
        at.setAttribute("data-turn", String(i));
        break;
      case 6:
        if (at.firstChild?.nodeType === 3) at.firstChild.data = `c${i} `;
        break;
    }
  }
}

window.steps = {
  "a list": async () => {
    for (const word of ["four", "five"]) $("#list").append(Object.assign(document.createElement("li"), { textContent: word }));
    $("#list").firstElementChild.remove();
    $("#list").append($("#list").firstElementChild);
    $("#list li").firstChild.data = "three, changed";
    $("#list li").className = "on";
    $("#list li").dataset.computed = "color";
    $("#list").style.setProperty("padding-left", "7px");
    await task();
    $("#list").style.removeProperty("padding-left");
    $("#list").style.color = "rgb(5, 5, 5)";
    $("#list").setAttribute("aria-label", "List");
  },
  "a route": async () => {
    history.pushState(null, "", "/changing/next");
    $("#main").innerHTML = '<article id="article"><h2>Next</h2><p>First</p></article>';
    await task();
    $("#article p").after(Object.assign(document.createElement("p"), { textContent: "Second" }));
    $("#article").before("Loose text");
    $("h1").textContent = "Changed";
  },
  "shadow roots": async () => {
    const root = $("x-card").attachShadow({ mode: "open" });
    root.innerHTML = "<p>In the shadow</p><slot></slot>";
    $("x-card").append("slotted");
    await task();
    root.querySelector("p").className = "deep";
    root.append("bare text");
    const made = document.createElement("x-made");
    const inner = made.attachShadow({ mode: "open" });
    inner.innerHTML = "<p>Made</p><x-inner></x-inner>";
    inner.querySelector("x-inner").attachShadow({ mode: "open" }).innerHTML = "<b>Innermost</b>";
    document.body.append(made);
    await task();
    inner.querySelector("x-inner").shadowRoot.append(" later");
    inner.querySelector("p").remove();
  },
  "style sheets": async () => {
    const root = $("x-card").shadowRoot;
    root.querySelector("p").dataset.computed = "color";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("p { color: rgb(9, 8, 7) }");
    root.adoptedStyleSheets = [sheet];
    const whole = new CSSStyleSheet();
    document.adoptedStyleSheets = [whole];
    whole.insertRule("#list { letter-spacing: 3px }");
    $("#list").dataset.computed = "letter-spacing word-spacing";
    $("#rules").sheet.insertRule("#list { word-spacing: 4px }");
    await task();
    $("#rules").sheet.deleteRule(0);
    $("#rules").sheet.insertRule("#list { word-spacing: 5px }");
    // A style element and its rules in one task, as libraries do.
    const style = document.createElement("style");
    document.head.append(style);
    style.sheet.insertRule("#name { text-indent: 6px }");
    $("#name").dataset.computed = "text-indent";
  },
  "a frame": async () => {
    const inside = $("#frame").contentDocument;
    inside.querySelector("p").textContent = "Changed frame";
    inside.body.append(Object.assign(inside.createElement("p"), { textContent: "Added to the frame" }));
    const made = document.createElement("iframe");
    made.id = "made";
    document.body.append(made);
    made.contentDocument.body.innerHTML = "<p>A frame of its own</p>";
    await task();
    made.contentDocument.body.append("and more");
  },
  fields: async () => {
    $("#agree").click();
    $("details").open = true;
    $("#note").value = "set by the page";
    $("#name").value = "also set";
  },
  "a storm": async () => {
    for (let i = 0; i < 8; i++) {
      storm($("#field"), 60);
      // The recorder gets a look in between, or not.
      if (i % 3 !== 0) await new Promise((resolve) => setTimeout(resolve, random(40)));
    }
  },
};
