import { type Accessor, createSignal } from "solid-js";
import { type Api, createApi, type Refusal } from "./api/client";
import { refusalOfCaught } from "./api/words";

/** Where the login stands. `out` says why, when there is something to say; `asking` while the server is asked again. */
export type Login =
  | { readonly state: "checking" }
  | { readonly state: "in" }
  | {
      readonly state: "out";
      readonly reason?: "expired" | "wrong_token" | undefined;
      readonly refusal?: Refusal | undefined;
      readonly asking?: boolean;
    };

export interface Auth {
  readonly login: Accessor<Login>;
  readonly api: Api;
  /** Where the API lives, without a slash at its end. */
  readonly base: string;
  /** Exchanges a token for the cookie; the outcome is in {@link login}. */
  enter(token: string): Promise<void>;
  /** Forgets the cookie; where the server refuses that, stays logged in and says why. */
  leave(): Promise<Refusal | undefined>;
  /** Asks whether the cookie of an earlier visit still holds. */
  check(): Promise<void>;
}

export function createAuth(base: string): Auth {
  const [login, setLogin] = createSignal<Login>({ state: "checking" });
  const api = createApi(base, () => {
    // The first question of a visit is answered with 401 to everyone who is new: no reason to speak of expiry then.
    // Several requests may come back with it: the first one says why.
    setLogin((before) => ({
      state: "out",
      reason:
        before.state === "in" ? "expired" : before.state === "out" ? before.reason : undefined,
    }));
  });
  // Whoever is out stays at the form, with the token as typed.
  const ask = () =>
    setLogin((before) =>
      before.state === "out" ? { state: "out", asking: true } : { state: "checking" },
    );

  return {
    login,
    api,
    base,
    async enter(token) {
      ask();
      try {
        await api.login(token);
        setLogin({ state: "in" });
      } catch (caught) {
        const refusal = refusalOfCaught(caught);
        setLogin(
          refusal.kind === "unauthorised"
            ? { state: "out", reason: "wrong_token" }
            : { state: "out", refusal },
        );
      }
    },
    async leave() {
      try {
        await api.logout();
      } catch (caught) {
        const refusal = refusalOfCaught(caught);
        if (refusal.kind !== "unauthorised") return refusal;
      }
      setLogin({ state: "out" });
      return undefined;
    },
    async check() {
      ask();
      try {
        await api.sessions({ limit: 1 });
        setLogin({ state: "in" });
      } catch (caught) {
        const refusal = refusalOfCaught(caught);
        if (refusal.kind !== "unauthorised") setLogin({ state: "out", refusal });
      }
    },
  };
}

/** What of `window` the fragment's handling needs. */
export type AddressBar = Pick<Window, "location" | "history">;

/**
 * Takes a token out of the address (`…/console/#TOKEN`, the ready link of the first start) and out of the history.
 * Routes start with a slash, so whatever else stands in the fragment is a token. Returns it, or `undefined`.
 */
export function takeToken({ location, history }: AddressBar): string | undefined {
  const fragment = location.hash.slice(1);
  if (fragment === "" || fragment.startsWith("/")) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
