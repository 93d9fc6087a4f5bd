import type { ObserverOptions } from "./options";

/** Who is here: the browser (`visitor_id`), the visit (`session_id`) and, when the app says so, the user. */
export interface Identity {
  /** Lives in `localStorage` until {@link Identity.reset}; only as long as the page where storage is refused. Undefined when cookieless. */
  visitorId(): string | undefined;
  /** The current session, kept alive by asking; a new one after 30 idle minutes or 24 hours. Shared by tabs. */
  sessionId(): string;
  /** Whether the current session is among this share of all sessions, 0 to 1. Those of a small share are also among those of a larger one. */
  isSampled(share?: number): boolean;
  /** As given by the app, undefined until then. Kept in memory only. */
  userId(): string | undefined;
  identify(userId: string | undefined): void;
  /** A word kept where the ids are kept, for the other pages and tabs of the visit; undefined: none. */
  recall(name: Word): string | undefined;
  keep(name: Word, word: string): void;
  /** Forgets user, visitor and session, as after a logout. */
  reset(): void;
  /** Whether nothing may be captured: what the visitor chose, in whatever tab, else what was asked for at the start. */
  isOptedOut(): boolean;
  /**
   * Remembers a choice, and returns the one before, `in` or `out`; undefined: none. Opting out
   * forgets user, visitor and session, and stores nothing else any more.
   */
  choose(out: boolean): string | undefined;
}

/** All that is kept, `observer.<word>` in `localStorage`, beside the choice of the visitor. */
const WORDS = ["visitor", "session", "arrival"] as const;
type Word = (typeof WORDS)[number];

const PREFIX = "observer.";
const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 24 * 60 * 60_000;
/** Writing at every event would cost more than a session that seems this much shorter. */
const WRITE_EVERY_MS = 5_000;
const ID = /^[\w-]{8,64}$/;

export interface IdentityOptions
  extends Pick<ObserverOptions, "cookieless" | "requireConsent" | "honorPrivacySignals"> {
  readonly now: () => number;
  readonly newId: () => string;
}

export function createIdentity(options: IdentityOptions): Identity {
  const { now, newId, cookieless } = options;
  const memory: Record<string, string> = {};
  let user: string | undefined;

  function load(name: string): string | undefined {
    return stored((at) => at.getItem(PREFIX + name)) ?? memory[name];
  }
  function save(name: string, value: string): void {
    memory[name] = value;
    stored((at) => at.setItem(PREFIX + name, value));
  }
  function forget(): void {
    user = undefined;
    for (const name of WORDS) {
      delete memory[name];
      stored((at) => at.removeItem(PREFIX + name));
    }
  }
  /** Undefined also where storage is full or forbidden: the copy in memory serves this page. */
  function stored<T>(act: (storage: Storage) => T): T | undefined {
    try {
      // Merely reading it throws where cookies are blocked.
      return cookieless ? undefined : act(localStorage);
    } catch {
      return undefined;
    }
  }
  function sessionId(): string {
    const at = now();
    const [id = "", started, last] = (load("session") ?? "").split(".");
    const age = at - Number(started);
    const idle = at - Number(last);
    // Written so that a NaN, or a clock that was set back, starts anew.
    const alive = ID.test(id) && age >= 0 && age < LONGEST_MS && idle < IDLE_MS;
    const current = alive ? id : newId();
    if (!alive || idle >= WRITE_EVERY_MS) {
      save("session", `${current}.${alive ? started : at}.${at}`);
    }
    return current;
  }

  return {
    visitorId() {
      if (cookieless) return undefined;
      let id = load("visitor") ?? "";
      if (!ID.test(id)) {
        id = newId();
        save("visitor", id);
      }
      return id;
    },
    sessionId,
    isSampled(share = 1) {
      // Ends in random hexadecimal digits. Should it be another's, it is among them.
      return share >= 1 || !(Number.parseInt(sessionId().slice(-8), 16) >= share * 2 ** 32);
    },
    userId: () => user,
    recall: load,
    keep: save,
    identify(userId) {
      user = userId;
    },
    reset: forget,
    isOptedOut() {
      const choice = load("consent");
      if (choice) return choice === "out";
      return !!(options.requireConsent || (options.honorPrivacySignals && asksForPrivacy()));
    },
    choose(out) {
      const before = load("consent");
      if (out) forget();
      save("consent", out ? "out" : "in");
      return before;
    },
  };
}

/** Global Privacy Control, or Do Not Track. */
function asksForPrivacy(): boolean {
  const signals: Navigator & { globalPrivacyControl?: boolean } = navigator;
  return signals.globalPrivacyControl || signals.doNotTrack === "1";
}
