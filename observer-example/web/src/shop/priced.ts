import type { OrderLine, Product } from "./api";

/** A line of the cart with what it is about. */
export interface PricedLine extends OrderLine {
  readonly product: Product;
  readonly cents: number;
}

/** Lines whose product the shop still has. */
export function priced(
  lines: readonly OrderLine[],
  products: readonly Product[],
): readonly PricedLine[] {
  return lines.flatMap((line) => {
    const product = products.find((one) => one.id === line.product_id);
    return product === undefined
      ? []
      : [{ ...line, product, cents: product.price_cents * line.quantity }];
  });
}

export function totalCents(lines: readonly PricedLine[]): number {
  return lines.reduce((sum, line) => sum + line.cents, 0);
}
