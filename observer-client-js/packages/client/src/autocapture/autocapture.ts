/** Clicks, forms, links and downloads without a line in the app; a chunk of its own, loaded when asked for. */
import { withoutQuery } from "../capture/address";
import { selectorOf } from "../capture/selector";
import type { PartHost } from "../part";
import { watchAnswers } from "./answers";

/** What one clicks on, by what its author wrote. */
const CLICKABLE =
  "a[href],area[href],button,summary,select,option,label,input,textarea,[role=button],[role=link]," +
  "[role=tab],[role=menuitem],[role=option],[role=checkbox],[role=radio],[role=switch],[onclick]";
/** What answers by itself: by a caret, a list, a picker, a window of the system. */
const ANSWERS_ITSELF =
  "select,option,label,textarea,input:not([type=button],[type=submit],[type=reset],[type=image])," +
  "audio,video,iframe,[contenteditable],a[target=_blank],a[download],a[href^='mailto:'],a[href^='tel:']";
const DOWNLOAD =
  /\.(7z|avi|csv|dmg|docx?|exe|gz|iso|jar|key|mkv|mov|mp[34]|msi|ods|odt|pdf|pkg|pptx?|rar|rtf|tar|tgz|txt|wav|xlsx?|zip)$/i;

/** Clicks this close in time and place, which nothing answers, are one burst. */
const RAGE_CLICKS = 3;
const RAGE_MS = 1_000;
const RAGE_PIXELS = 30;
/** A click that nothing answers for so long is dead. */
const DEAD_MS = 2_000;

interface Burst {
  readonly x: number;
  readonly y: number;
  at: number;
  clicks: number;
  /** Answers at its last click. */
  answers: number;
}

/**
 * Reports, by selector and never by text: `observer.click`, `observer.form_submit`,
 * `observer.outbound_link`, `observer.download`; `observer.rage_click`, three clicks in one place
 * that nothing answered; `observer.dead_click`, one on what looks clickable that did nothing in two
 * seconds. An answer is any change of the document, of the address or of the scroll, and that the
 * window loses its focus; on a page that changes all the time by itself neither is found.
 */
export function startAutocapture(host: PartHost): { stop(): void } {
  const answers = watchAnswers();
  let burst: Burst | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function onClick(event: Event): void {
    const [target] = event.composedPath();
    if (!(event instanceof MouseEvent && event.isTrusted && target instanceof Element)) return;
    const clicked = clickableOf(target);
    const rages = countBurst(event, target);
    clearTimeout(timer);
    // A label clicks its field: that click follows.
    if (clicked === null || (clicked instanceof HTMLLabelElement && clicked.control)) return;
    const what = { target: selectorOf(clicked) };
    reportClick(clicked, what);
    if (rages) host.report("rage_click", { ...what, clicks: RAGE_CLICKS });
    if (clicked.closest(ANSWERS_ITSELF)) return;
    const before = answers.count();
    const href = location.href;
    const at = performance.now();
    timer = setTimeout(() => {
      const answered = answers.count() !== before || location.href !== href;
      if (!answered && !document.hidden) host.report("dead_click", what, at);
    }, DEAD_MS);
  }

  function reportClick(clicked: Element, what: { readonly target: string }): void {
    const link = clicked.closest<HTMLAnchorElement>("a[href],area[href]");
    if (link === null || !/^(https?|blob|data):/.test(link.protocol)) {
      host.report("click", what);
      return;
    }
    const url = withoutQuery(link.href);
    if (link.hasAttribute("download") || DOWNLOAD.test(link.pathname)) {
      host.report("download", { ...what, url });
    } else if (link.host !== location.host) {
      host.report("outbound_link", { ...what, url });
    } else host.report("click", { ...what, url });
  }

  /** True at the click that makes a burst a rage. */
  function countBurst({ clientX: x, clientY: y }: MouseEvent, target: Element): boolean {
    const at = performance.now();
    const goes =
      burst !== undefined &&
      at - burst.at < RAGE_MS &&
      Math.hypot(x - burst.x, y - burst.y) < RAGE_PIXELS &&
      burst.answers === answers.count() &&
      // Three clicks select a paragraph.
      getSelection()?.isCollapsed !== false &&
      !target.closest(ANSWERS_ITSELF);
    burst = goes && burst ? burst : { x, y, at, clicks: 0, answers: 0 };
    burst.at = at;
    burst.answers = answers.count();
    return ++burst.clicks === RAGE_CLICKS;
  }

  function onSubmit({ target }: Event): void {
    if (!(target instanceof HTMLFormElement)) return;
    // Not `target.action`: a field may have that name.
    const action = target.getAttribute("action");
    host.report("form_submit", {
      target: selectorOf(target),
      url: withoutQuery(action ?? location.href),
    });
  }

  addEventListener("click", onClick, true);
  addEventListener("submit", onSubmit, true);
  return {
    stop() {
      clearTimeout(timer);
      removeEventListener("click", onClick, true);
      removeEventListener("submit", onSubmit, true);
      answers.stop();
    },
  };
}

function clickableOf(target: Element): Element | null {
  const clickable = target.closest(CLICKABLE);
  if (clickable !== null) return clickable;
  return getComputedStyle(target).cursor === "pointer" ? target : null;
}
