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
  const own = describe(thrown, LIMITS.stackBytes);
  return causes.length > 0 ? { ...own, causes } : own;
}

/** Breadth first, each object once: chains may be cyclic and aggregates may share members. */
function causesOf(thrown: unknown): unknown[] {
  const found: unknown[] = [thrown];
  for (let i = 0; i < found.length && found.length <= LIMITS.causes; i++) {
    const from = found[i];
    if (!isObject(from)) continue;
    const members = read(from, "errors");
    for (const next of [read(from, "cause"), ...(Array.isArray(members) ? members : [])]) {
      if (next !== undefined && next !== null && !found.includes(next)) found.push(next);
    }
  }
  return found.slice(1, LIMITS.causes + 1);
}

function describe(thrown: unknown, stackBytes: number): Cause {
  const error_type = clip(typeOf(thrown), LIMITS.nameBytes);
  const message = clip(messageOf(thrown), LIMITS.messageBytes) || error_type;
  const stack = isObject(thrown) ? read(thrown, "stack") : undefined;
  if (typeof stack !== "string" || stack === "") return { error_type, message };
  return { error_type, message, stack_trace: clip(stack, stackBytes) };
}

function typeOf(thrown: unknown): string {
  if (!isObject(thrown)) return thrown === null ? "null" : typeof thrown;
  const name = read(thrown, "name");
  const named = isError(thrown) || typeof read(thrown, "message") === "string";
  if (named && typeof name === "string" && name !== "") return name;
  const made = read(thrown, "constructor");
  const madeName = typeof made === "function" ? read(made, "name") : undefined;
  return typeof madeName === "string" && madeName !== "" ? madeName : "Object";
}

function messageOf(thrown: unknown): string {
  if (!isObject(thrown)) return String(thrown);
  const message = read(thrown, "message");
  if (typeof message === "string" && message !== "") return message;
  if (isError(thrown)) return "";
  return json(plain(thrown)) ?? "";
}

/** By shape as well, because errors of another frame are not instances of ours. */
function isError(thrown: object): boolean {
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
