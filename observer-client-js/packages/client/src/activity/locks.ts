/** Keeps pages of one origin out of each other's way. */
export interface Locks {
  /**
   * Does something while no other page does anything under this name. Waits for its turn, but not
   * for ever: a page that was frozen must not stop the others. Where there are no Web Locks (a page
   * without TLS) nobody waits; what two pages then send twice the server stores once.
   */
  exclusively<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** Lets go of all that is held or waited for: a page that does not is barred from the back/forward cache. */
  release(): void;
}

/** Longer than a request may take. */
const PATIENCE_MS = 40_000;

export function createLocks(): Locks {
  /** Of who waits or holds. */
  const turns = new Set<AbortController>();
  return {
    async exclusively(name, act) {
      const turn = new AbortController();
      turns.add(turn);
      let work: ReturnType<typeof act> | undefined;
      const patience = setTimeout(() => turn.abort(), PATIENCE_MS);
      try {
        await navigator.locks.request(name, turn, () => {
          clearTimeout(patience);
          const started = act();
          work = started;
          return new Promise<unknown>((resolve) => {
            turn.signal.onabort = resolve;
            started.then(resolve, resolve);
          });
        });
      } catch {
        // There are none here, it took too long, or the page is being left.
      }
      clearTimeout(patience);
      turns.delete(turn);
      return work ?? act();
    },
    release() {
      for (const turn of turns) turn.abort();
    },
  };
}
