interface Source {
  /** Takes records of one observer in, as rrweb does. */
  readonly take: (records: MutationRecord[]) => void;
  /** Tells what was taken in. */
  readonly tell: () => void;
  readonly observer: MutationObserver;
  /** As they came. */
  records: MutationRecord[][];
}

/**
 * Keeps mutation records until the page is idle: rrweb reads the document in their handler, which
 * belongs to the page's own task and would make every operation of the page pay for its recording.
 * Records tell where something changed and the document itself what it is now, so that handling
 * them together later is one larger batch to rrweb; states in between are not seen.
 */
export interface MutationQueue {
  /** Makes an observer whose records come here. `forget` is called when it disconnects. */
  observe(
    observerType: typeof MutationObserver,
    take: Source["take"],
    tell: Source["tell"],
    forget: () => void,
  ): MutationObserver;
  /** Handles all there is, also what observers were not told yet. */
  flush(): void;
  /** Forgets all there is, because the page was or will be captured as a whole. */
  discard(): void;
  readonly pending: boolean;
  /** When the last record came; `Date.now()`. */
  readonly lastAt: number;
  /** Records wait at most so long. */
  setLimit(ms: number): void;
}

export interface MutationQueueOptions {
  readonly limitMs: number;
  /** Calls `act`, which handles the records; what it makes them do must not throw. */
  readonly around: (act: () => void) => void;
}

export function createMutationQueue(options: MutationQueueOptions): MutationQueue {
  /** In the order of their making, in which browsers call observers. */
  const sources = new Set<Source>();
  let limitMs = options.limitMs;
  let pending = false;
  let lastAt = 0;

  function add(source: Source, records: MutationRecord[]): void {
    // In the page's own task: the least that will do.
    source.records.push(records);
    lastAt = Date.now();
    if (pending) return;
    pending = true;
    whenIdle(flush, limitMs);
  }

  function flush(): void {
    for (const source of sources) {
      const rest = source.observer.takeRecords();
      if (rest.length > 0) add(source, rest);
    }
    if (!pending) return;
    pending = false;
    options.around(() => {
      // All of it before any is told: nodes move between a document and its shadow roots.
      const changed = [...sources].filter(({ records }) => records.length > 0);
      for (const source of changed) {
        source.take(firstOfEach(source.records.flat()));
        source.records = [];
      }
      for (const source of changed) source.tell();
    });
  }

  return {
    observe(observerType, take, tell, forget) {
      const observer = new observerType((records) => add(source, records));
      const source: Source = { take, tell, observer, records: [] };
      const disconnect = observer.disconnect.bind(observer);
      observer.disconnect = () => {
        sources.delete(source);
        forget();
        disconnect();
      };
      sources.add(source);
      return observer;
    },
    flush,
    discard() {
      for (const source of sources) {
        source.observer.takeRecords();
        source.records = [];
      }
      pending = false;
    },
    get pending() {
      return pending;
    },
    get lastAt() {
      return lastAt;
    },
    setLimit(ms) {
      limitMs = ms;
    },
  };
}

/**
 * Without the records that add nothing: an attribute or a text is read from the document, however
 * often it changed.
 */
function firstOfEach(records: MutationRecord[]): MutationRecord[] {
  const seen = new Map<Node, Set<string | null>>();
  return records.filter((record) => {
    // The browser makes each value anew when it is asked for.
    if (record.type === "childList") return true;
    const { target, attributeName, attributeNamespace } = record;
    let names = seen.get(target);
    if (names === undefined) {
      names = new Set();
      seen.set(target, names);
    }
    const name = attributeNamespace ? `${attributeNamespace} ${attributeName}` : attributeName;
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
}

/** Calls when the page has nothing to do, or after `limitMs`. */
export function whenIdle(act: () => void, limitMs: number): void {
  // Safari has no idle callbacks: the end of the next frame is not far from one.
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: limitMs });
  else setTimeout(act, Math.min(limitMs, 50));
}
