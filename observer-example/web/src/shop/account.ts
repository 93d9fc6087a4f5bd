import { createSignal } from "solid-js";

const KEY = "loam.account";

/** Who is signed in here. */
export interface Account {
  readonly userId: string;
  readonly name: string;
}

export interface Accounts {
  /** Undefined: nobody. */
  current(): Account | undefined;
  signIn(account: Account): void;
  signOut(): void;
}

/** Kept in the browser, and for want of a password nowhere else. */
export function createAccounts(storage: Storage): Accounts {
  const [current, setCurrent] = createSignal(read(storage));
  return {
    current,
    signIn(account) {
      storage.setItem(KEY, JSON.stringify(account));
      setCurrent(account);
    },
    signOut() {
      storage.removeItem(KEY);
      setCurrent(undefined);
    },
  };
}

function read(storage: Storage): Account | undefined {
  try {
    const account: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    return isAccount(account) ? account : undefined;
  } catch {
    return undefined;
  }
}

function isAccount(said: unknown): said is Account {
  return (
    typeof said === "object" &&
    said !== null &&
    "userId" in said &&
    typeof said.userId === "string" &&
    "name" in said &&
    typeof said.name === "string"
  );
}
