import { type Context, createContext, createRenderEffect, useContext } from "solid-js";
import type { Accounts } from "./account";
import type { Cart } from "./cart";
import type { Flags } from "./flags";

export const CartContext = createContext<Cart>();
export const AccountsContext = createContext<Accounts>();
export const FlagsContext = createContext<Flags>();

export const useCart = () => use(CartContext, "cart");
export const useAccounts = () => use(AccountsContext, "account");
export const useFlags = () => use(FlagsContext, "flag");

function use<T>(context: Context<T | undefined>, what: string): T {
  const found = useContext(context);
  if (found === undefined) throw new Error(`there is no ${what} here`);
  return found;
}

/**
 * Names the page in the tab, and in its page view: while it renders, since effects below a `Suspense`
 * wait for its data, and the page view does not.
 */
export function useTitle(title: () => string | undefined): void {
  createRenderEffect(() => {
    const named = title();
    if (named !== undefined) document.title = `${named} · Loam`;
  });
}
