import { createContext, createRenderEffect, useContext } from "solid-js";
import type { Cart } from "./cart";

export const CartContext = createContext<Cart>();

export function useCart(): Cart {
  const cart = useContext(CartContext);
  if (cart === undefined) throw new Error("there is no cart here");
  return cart;
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
