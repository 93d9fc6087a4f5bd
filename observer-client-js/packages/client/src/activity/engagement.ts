import type { Properties } from "../event/types";

/**
 * How long a page held its visitor, and how far down it was seen.
 *
 * Engaged is the time in which the page is visible, until half a minute after the last thing that
 * its visitor did there: pointer, wheel, keys. Who reads still counts; who went for lunch does not, though
 * a page may scroll by itself.
 */
export interface Engagement {
  /** Another page is shown. */
  begin(): void;
  /** `engaged_ms` since it was last asked, and `scroll_depth` (0 to 1) so far; undefined: nothing new. */
  take(): Properties | undefined;
  stop(): void;
}

const IDLE_MS = 30_000;
const SIGNS = ["pointermove", "pointerdown", "wheel", "keydown", "visibilitychange", "scroll"];
/** Some browsers let a wheel wait for its listeners, unless told that they hold nothing up. */
const LISTENING = { capture: true, passive: true };

export function createEngagement(): Engagement {
  const seen = () => (document.visibilityState === "visible" ? performance.now() : undefined);
  let last = seen();
  let engaged = 0;
  let depth = 0;
  let told: number | undefined;

  function reach(box: Element | null): void {
    // A list in a corner is not the page; the scrolled part of an app's frame is.
    if (!box || box.clientHeight * 2 < innerHeight) return;
    const reached = Math.min(1, (box.scrollTop + box.clientHeight) / box.scrollHeight);
    depth = Math.max(depth, Math.round(reached * 100) / 100);
  }
  function count(): void {
    if (last !== undefined) engaged += Math.min(performance.now() - last, IDLE_MS);
    last = seen();
  }
  const onSign = ({ type, target }: Event) => {
    if (type !== "scroll") count();
    else reach(target instanceof Element ? target : document.scrollingElement);
  };
  for (const sign of SIGNS) addEventListener(sign, onSign, LISTENING);

  return {
    begin() {
      engaged = depth = 0;
      told = undefined;
    },
    take() {
      count();
      if (depth === 0) reach(document.scrollingElement);
      const engaged_ms = Math.round(engaged);
      if (engaged_ms === 0 && told === depth) return undefined;
      engaged = 0;
      told = depth;
      return { engaged_ms, scroll_depth: depth };
    },
    stop() {
      for (const sign of SIGNS) removeEventListener(sign, onSign, LISTENING);
    },
  };
}
