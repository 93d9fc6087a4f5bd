/** Who is here: the browser (`visitor_id`), the visit (`session_id`) and, when the app says so, the user. */
export interface Identity {
  /** Lives in `localStorage` until {@link Identity.reset}; only as long as the page where storage is refused. */
  visitorId(): string;
  /** The current session, kept alive by asking; a new one after 30 idle minutes or 24 hours. Shared by tabs. */
  sessionId(): string;
  /** As given by the app, undefined until then. Kept in memory only. */
  userId(): string | undefined;
  identify(userId: string | undefined): void;
  /** Forgets user, visitor and session, as after a logout. */
  reset(): void;
}

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 24 * 60 * 60_000;
/** Writing at every event would cost more than a session that seems this much shorter. */
const WRITE_EVERY_MS = 5_000;
const ID = /^[A-Za-z0-9_-]{8,64}$/;

export interface IdentityOptions {
  readonly now: () => number;
  readonly newId: () => string;
  /** Asked each time: merely reading `window.localStorage` throws where cookies are blocked. */
  readonly storage: () => Storage;
}

export function createIdentity({ now, newId, storage }: IdentityOptions): Identity {
  const memory = new Map<string, string>();
  let user: string | undefined;

  function load(key: string): string | undefined {
    try {
      return storage().getItem(key) ?? memory.get(key);
    } catch {
      return memory.get(key);
    }
  }
  function save(key: string, value: string): void {
    memory.set(key, value);
    try {
      storage().setItem(key, value);
    } catch {
      // Full or forbidden: the memory copy serves this page.
    }
  }
  function startSession(at: number): string {
    const id = newId();
    save("observer.session", `${id}.${at}.${at}`);
    return id;
  }
  function startVisitor(): string {
    const id = newId();
    save("observer.visitor", id);
    return id;
  }

  return {
    visitorId() {
      const id = load("observer.visitor");
      return id !== undefined && ID.test(id) ? id : startVisitor();
    },
    sessionId() {
      const at = now();
      const [id = "", started, last] = (load("observer.session") ?? "").split(".");
      const age = at - Number(started);
      const idle = at - Number(last);
      // Written so that a NaN, or a clock that was set back, starts anew.
      const alive = ID.test(id) && age >= 0 && age < LONGEST_MS && idle < IDLE_MS;
      if (!alive) return startSession(at);
      if (idle >= WRITE_EVERY_MS) save("observer.session", `${id}.${started}.${at}`);
      return id;
    },
    userId: () => user,
    identify(userId) {
      user = userId;
    },
    reset() {
      user = undefined;
      startVisitor();
      startSession(now());
    },
  };
}
