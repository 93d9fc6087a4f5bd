import { createEffect, createMemo } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { OrderLine } from "./api";

const KEY = "loam.cart";
export const MOST_OF_ONE = 9;

/** What is to be bought; kept in the browser until it is. */
export interface Cart {
  lines(): readonly OrderLine[];
  /** Pieces, not lines. */
  pieces(): number;
  add(productId: string, quantity: number): void;
  /** At most {@link MOST_OF_ONE}; 0 takes the line out. */
  set(productId: string, quantity: number): void;
  clear(): void;
}

export function createCart(storage: Storage): Cart {
  const [quantities, setQuantities] = createStore<Record<string, number>>(read(storage));
  const lines = createMemo(() =>
    Object.entries(quantities).map(([product_id, quantity]) => ({ product_id, quantity })),
  );
  const set = (productId: string, quantity: number) => {
    const next = { ...quantities, [productId]: Math.min(MOST_OF_ONE, Math.trunc(quantity)) };
    if (quantity < 1) delete next[productId];
    setQuantities(reconcile(next));
  };
  createEffect(() => storage.setItem(KEY, JSON.stringify(lines())));
  return {
    lines,
    pieces: () => lines().reduce((sum, line) => sum + line.quantity, 0),
    add: (productId, quantity) => set(productId, (quantities[productId] ?? 0) + quantity),
    set,
    clear: () => setQuantities(reconcile({})),
  };
}

function read(storage: Storage): Record<string, number> {
  try {
    const lines: readonly OrderLine[] = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Object.fromEntries(lines.map((line) => [line.product_id, line.quantity]));
  } catch {
    return {};
  }
}
