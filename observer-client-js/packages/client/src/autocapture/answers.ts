/** Counts what a page does that its visitor can notice. */
export interface Answers {
  count(): number;
  stop(): void;
}

/** Of the window itself: focus within the page moves with every click, and selection with most. */
const SIGNS = ["popstate", "hashchange", "beforeunload", "blur"] as const;

export function watchAnswers(): Answers {
  let count = 0;
  const answer = () => {
    count++;
  };
  const observer = new MutationObserver(answer);
  observer.observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  });
  for (const sign of SIGNS) addEventListener(sign, answer);
  addEventListener("scroll", answer, true);
  return {
    count() {
      if (observer.takeRecords().length > 0) answer();
      return count;
    },
    stop() {
      observer.disconnect();
      for (const sign of SIGNS) removeEventListener(sign, answer);
      removeEventListener("scroll", answer, true);
    },
  };
}
