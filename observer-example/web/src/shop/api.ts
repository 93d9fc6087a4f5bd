import { query } from "@solidjs/router";
import type { Form } from "../pottery/forms";
import type { Glaze } from "../pottery/glazes";

/** What the shop's back end answers. Money is in cents. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly tagline: string;
  readonly description: string;
  readonly details: readonly string[];
  readonly price_cents: number;
  readonly form: Form;
  readonly glaze: Glaze;
}

export interface OrderLine {
  readonly product_id: string;
  readonly quantity: number;
}

export interface OrderRequest {
  readonly name: string;
  readonly email: string;
  readonly card_number: string;
  readonly note: string;
  readonly lines: readonly OrderLine[];
}

export interface OrderPlaced {
  readonly order_id: string;
  /** Stands for the customer without saying who it is: what analytics may know. */
  readonly customer_id: string;
  readonly total_cents: number;
}

/** The back end said no; `fields` says which inputs it means. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    message: string,
    readonly status: number,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const getProducts = query(() => ask<readonly Product[]>("/api/products"), "products");

export const getProduct = query(
  (id: string) => ask<Product>(`/api/products/${encodeURIComponent(id)}`),
  "product",
);

export function placeOrder(order: OrderRequest): Promise<OrderPlaced> {
  return ask("/api/orders", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(order),
  });
}

/** Asks for what the back end cannot give. */
export function askForTrouble(): Promise<never> {
  return ask("/api/fail");
}

interface Problem {
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly reason: string }[];
}

async function ask<T>(address: string, init?: RequestInit): Promise<T> {
  const response = await fetch(address, init);
  if (response.ok) return response.json();
  const problem: Problem = await response.json().catch(() => ({}));
  throw new ApiError(
    problem.detail ?? `The shop answered ${response.status}`,
    response.status,
    Object.fromEntries((problem.errors ?? []).map(({ field, reason }) => [field, reason])),
  );
}
