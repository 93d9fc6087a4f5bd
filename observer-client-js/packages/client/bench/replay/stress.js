/**
 * A page that works hard: what js-framework-benchmark does to a table, and what animations, widgets
 * and live data do to a document. `window.stress()` runs it and gives, for each operation, how long it
 * blocked the page and how long the next frame took, in milliseconds.
 */
const ADJECTIVES = [
  "pretty",
  "large",
  "small",
  "handmade",
  "blue",
  "heavy",
  "plain",
  "useful",
  "round",
];
const NOUNS = ["bowl", "plate", "cup", "jug", "vase", "dish", "pot", "lid", "tray"];
let seed = 7;
/** The same numbers in each run. */
const random = (below) => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed % below;
};
const words = () => `${ADJECTIVES[random(9)]} ${NOUNS[random(9)]} ${random(10_000)}`;

const table = document.querySelector("tbody");
const cards = document.querySelector("#cards");
const log = document.querySelector("#log");
const boxes = [...document.querySelectorAll(".box")];
const template = document.createElement("template");
template.innerHTML =
  '<tr class="row"><td class="cell id"></td><td class="cell"><a class="link" href="#"></a></td>' +
  '<td class="cell price"><span></span></td><td class="cell"><button type="button" class="icon" aria-label="Remove"><i class="glyph"></i></button></td></tr>';
let nextId = 1;

function rows(count) {
  const all = document.createDocumentFragment();
  for (let i = 0; i < count; i++) {
    const row = template.content.firstChild.cloneNode(true);
    const id = nextId++;
    row.dataset.id = id;
    row.children[0].textContent = id;
    row.children[1].firstChild.textContent = words();
    row.children[2].firstChild.textContent = `${random(200)}.00 €`;
    all.append(row);
  }
  table.append(all);
}

const card = () =>
  `<article class="card ${NOUNS[random(9)]}"><h3>${words()}</h3><p>${words()}, ${words()}.</p>` +
  `<ul><li>${words()}</li><li>${words()}</li></ul><footer><time>${random(24)}:00</time></footer></article>`;

const OPERATIONS = {
  "create 1,000 rows": () => rows(1000),
  "text of every 10th row": () => {
    for (let i = 0; i < table.children.length; i += 10) {
      table.children[i].children[1].firstChild.firstChild.data = words();
    }
  },
  "select a row": () => {
    table.querySelector(".selected")?.classList.remove("selected");
    table.children[random(table.children.length)].classList.add("selected");
  },
  "swap rows": () => {
    const [a, b] = [table.children[1], table.children[table.children.length - 2]];
    const after = b.nextSibling;
    table.insertBefore(b, a);
    table.insertBefore(a, after);
  },
  "remove a row": () => table.children[random(table.children.length)].remove(),
  "open 500 rows": () => {
    for (let i = 0; i < 500; i++) {
      const row = table.children[i];
      row.setAttribute("aria-expanded", String(row.getAttribute("aria-expanded") !== "true"));
      row.classList.toggle("open");
    }
  },
  "animate 100 boxes": () => {
    boxes.forEach((box, i) => {
      box.style.transform = `translate(${random(90)}px, ${i % 7}px)`;
      box.style.opacity = `${0.5 + random(50) / 100}`;
    });
  },
  "60 cards from a string": () => {
    cards.innerHTML = Array.from({ length: 60 }, card).join("");
  },
  "a line of live data, 200 times": () => {
    for (let i = 0; i < 200; i++) {
      const line = document.createElement("li");
      line.textContent = words();
      log.append(line);
      if (log.children.length > 50) log.firstChild.remove();
    }
  },
  "sort the table": () => {
    const sorted = [...table.children].sort((a, b) =>
      a.children[1].textContent < b.children[1].textContent ? -1 : 1,
    );
    table.append(...sorted.slice(0, 200));
  },
  "clear the table": () => {
    table.textContent = "";
  },
};

const task = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(act) {
  await frame();
  await task();
  const start = performance.now();
  act();
  // Whoever observes the document is told in microtasks before this one.
  await null;
  const blocked = performance.now() - start;
  await frame();
  await task();
  return { blocked, frame: performance.now() - start };
}

window.stress = async (rounds, restMs) => {
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, act] of Object.entries(OPERATIONS)) {
      const figures = await measure(act);
      results[name] ??= { blocked: [], frame: [] };
      results[name].blocked.push(figures.blocked);
      results[name].frame.push(figures.frame);
      await rest(restMs);
    }
  }
  return results;
};
