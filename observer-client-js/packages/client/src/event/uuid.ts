/**
 * A UUIDv7 (RFC 9562) in lower case: 48 bits of Unix milliseconds, then 72 random bits; the two that
 * are left of the digit with the variant are 0.
 * `crypto.getRandomValues` also exists on pages that are not a secure context; `randomUUID` does not.
 */
export function uuidv7(now: number): string {
  const time = Math.max(0, now).toString(16).padStart(12, "0");
  return `${time}7${randomHex(9)}`.replace(/(.{8})(.{4})(.{4})(.{3})/, "$1-$2-$3-8$4-");
}

/** So many random bytes as hexadecimal digits in lower case. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
