/**
 * A UUIDv7 (RFC 9562) in lower case: 48 bits of Unix milliseconds, then random bits.
 * `crypto.getRandomValues` also exists on pages that are not a secure context; `randomUUID` does not.
 */
export function uuidv7(now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f);
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
  return `${time}7${digits.slice(1)}`.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
