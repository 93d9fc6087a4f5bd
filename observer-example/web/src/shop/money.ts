const IN_EUROS = { style: "currency", currency: "EUR" } as const;
const EXACT = new Intl.NumberFormat("en-IE", IN_EUROS);
const WHOLE = new Intl.NumberFormat("en-IE", { ...IN_EUROS, maximumFractionDigits: 0 });

/** `€48`, `€12.50`. */
export function money(cents: number): string {
  return (cents % 100 === 0 ? WHOLE : EXACT).format(cents / 100);
}
