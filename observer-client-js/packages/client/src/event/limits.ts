import * as LIMITS from "./bounds";

export { LIMITS };

const UNREADABLE = "[unreadable]";
const encoder = /* @__PURE__ */ new TextEncoder();

/** The length in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** At most `maxBytes` of UTF-8, cut between characters and marked with `…` when anything was cut. */
export function clip(text: string, maxBytes: number): string {
  // A UTF-16 unit is at least one byte: long texts need no counting.
  if (text.length <= maxBytes && byteLength(text) <= maxBytes) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes - 3));
  return `${text.slice(0, read)}…`;
}

/**
 * A copy that JSON can say, bounded in depth, number of values and bytes. Never throws, whatever the
 * value does: cycles, hostile getters, proxies and `toJSON` become words in square brackets.
 * Returns undefined when there is nothing to say.
 */
export function plain(
  value: unknown,
  bounds: Bounds = LIMITS.properties,
): Readonly<Record<string, unknown>> | undefined {
  const copied = copy(value, { ...bounds }, [], bounds.depth);
  if (!(copied instanceof Object) || Array.isArray(copied)) return undefined;
  return Object.keys(copied).length > 0 ? { ...copied } : undefined;
}

interface Bounds {
  readonly depth: number;
  readonly values: number;
  readonly bytes: number;
}

/** What is left of the bounds. */
interface Budget {
  values: number;
  bytes: number;
}

function copy(value: unknown, budget: Budget, parents: object[], depth: number): unknown {
  if (budget.values-- <= 0 || budget.bytes <= 0) return "[more]";
  switch (typeof value) {
    case "string":
      return spend(value, budget);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
    case "function":
    case "symbol":
      return `[${typeof value}]`;
    case "object":
      if (value === null) break;
      if (parents.includes(value)) return "[circular]";
      if (depth === 0) return "[deeper]";
      try {
        return copyObject(value, budget, [...parents, value], depth - 1);
      } catch {
        return UNREADABLE;
      }
  }
  return value;
}

function copyObject(value: object, budget: Budget, parents: object[], depth: number): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return spend(`${value.name}: ${value.message}`, budget);
  if (value instanceof Node) return `[${value.nodeName}]`;
  if (value instanceof Map) return copyObject(Object.fromEntries(value), budget, parents, depth);
  if (value instanceof Set) return copyObject([...value], budget, parents, depth);
  const isList = Array.isArray(value);
  const entries: [string, unknown][] = [];
  // Of a list one by one: it may have gaps, and any length.
  for (const key of isList ? value.keys() : Object.keys(value)) {
    if (budget.values <= 0) break;
    const name = spend(String(key), budget);
    entries.push([name, copy(read(value, key, UNREADABLE), budget, parents, depth)]);
  }
  return isList ? entries.map(([, item]) => item ?? null) : Object.fromEntries(entries);
}

/** Reads a property, whatever its getter does: one that throws must not cost the others. */
export function read(holder: unknown, key: string | number, unreadable?: string): unknown {
  try {
    return Reflect.get(Object(holder), key);
  } catch {
    return unreadable;
  }
}

function spend(text: string, budget: Budget): string {
  const kept = clip(text, Math.max(8, budget.bytes));
  budget.bytes -= byteLength(kept);
  return kept;
}
