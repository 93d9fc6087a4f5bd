import { json } from "../event/json";
import { clip, LIMITS, plain, read } from "../event/limits";
import type { Cause } from "../event/types";

/** What can be said of something thrown. */
export interface Exception extends Cause {
  readonly causes?: readonly Cause[] | undefined;
}

/**
 * Describes anything that was thrown: errors with their `cause` chain and the members of an
 * `AggregateError`, and non-errors as they are. Never throws, whatever its getters do; bounded.
 */
export function describeException(thrown: unknown): Exception {
  const causes = causesOf(thrown).map((cause) => describe(cause, LIMITS.causeStackBytes));
  return {
    ...describe(thrown, LIMITS.stackBytes),
    causes: causes[0] && causes,
  };
}

/** Breadth first, each object once: chains may be cyclic and aggregates may share members. */
function causesOf(thrown: unknown): unknown[] {
  const found: unknown[] = [thrown];
  for (let i = 0; i < found.length && found.length <= LIMITS.causes; i++) {
    const from = found[i];
    const members = read(from, "errors");
    for (const next of [read(from, "cause"), ...(Array.isArray(members) ? members : [])]) {
      if (next !== undefined && next !== null && !found.includes(next)) found.push(next);
    }
  }
  return found.slice(1, LIMITS.causes + 1);
}

function describe(thrown: unknown, stackBytes: number): Cause {
  const error_type = clip(typeOf(thrown), LIMITS.nameBytes);
  const stack = textOf(thrown, "stack");
  return {
    error_type,
    message: clip(messageOf(thrown), LIMITS.messageBytes) || error_type,
    stack_trace: stack && clip(stack, stackBytes),
  };
}

function typeOf(thrown: unknown): string {
  if (!isObject(thrown)) return thrown === null ? "null" : typeof thrown;
  const named = isError(thrown) || typeof read(thrown, "message") === "string";
  return (
    (named && textOf(thrown, "name")) || textOf(read(thrown, "constructor"), "name") || "Object"
  );
}

function messageOf(thrown: unknown): string {
  if (!isObject(thrown)) return String(thrown);
  return textOf(thrown, "message") ?? (isError(thrown) ? "" : (json(plain(thrown)) ?? ""));
}

/** By its tag, because errors of another frame are not instances of ours. */
function isError(thrown: object): boolean {
  try {
    return Object.prototype.toString.call(thrown) === "[object Error]";
  } catch {
    return false;
  }
}

/** A property that is a text, and not an empty one. */
function textOf(holder: unknown, key: string): string | undefined {
  const text = read(holder, key);
  return (typeof text === "string" && text) || undefined;
}

/** Functions, too. */
export function isObject(value: unknown): value is object {
  return Object(value) === value;
}
