/**
 * A UUIDv7 (RFC 9562) in lower case: 48 bits of Unix milliseconds, then random bits.
 * `crypto.getRandomValues` also exists on pages that are not a secure context; `randomUUID` does not.
 */
export function uuidv7(now: number): string {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
  const variant = "89ab"[Math.floor(Math.random() * 4)];
  return `${time}7${randomHex(9)}`.replace(/^(.{8})(.{4})(.{4})(.{3})/, `$1-$2-$3-${variant}$4-`);
}

/** So many random bytes as hexadecimal digits in lower case. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
