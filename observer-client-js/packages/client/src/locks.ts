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
  let leaving = new AbortController();
  return {
    async exclusively(name, act) {
      const { signal } = leaving;
      let work: ReturnType<typeof act> | undefined;
      const start = () => {
        work ??= act();
        return work;
      };
      let patience: ReturnType<typeof setTimeout> | undefined;
      try {
        await Promise.race([
          navigator.locks.request(name, { signal }, () => {
            const left = new Promise((resolve) => {
              signal.addEventListener("abort", resolve);
            });
            return Promise.race([start(), left]);
          }),
          new Promise((resolve) => {
            patience = setTimeout(resolve, PATIENCE_MS);
          }),
        ]);
      } catch {
        // There are none here, or the page is being left.
      }
      clearTimeout(patience);
      return start();
    },
    release() {
      leaving.abort();
      leaving = new AbortController();
    },
  };
}
