import { createContext, createEffect, useContext } from "solid-js";
import type { Cart } from "./cart";

export const CartContext = createContext<Cart>();

export function useCart(): Cart {
  const cart = useContext(CartContext);
  if (cart === undefined) throw new Error("there is no cart here");
  return cart;
}

/** Names the page in the tab, and in its page view. */
export function useTitle(title: () => string | undefined): void {
  createEffect(() => {
    const named = title();
    document.title = named === undefined ? "Loam" : `${named} · Loam`;
  });
}
