import type { ErrorItem } from "../event/types";

/**
 * Keeps a storm of errors small: of errors of one kind the first of a minute pass, and the others
 * become one more error in ten seconds, whose `properties.occurrences` says how many it stands for
 * and whose `properties.last_time` when the last of them happened. None is left uncounted.
 *
 * Of one kind are errors of the same type and stack, whatever their messages say. Of kinds, too,
 * there are at most so many in a minute; what comes beyond is one kind.
 */
export interface Folding {
  /** Undefined: pass it on. Else it is counted, by the error of this id. */
  fold(error: ErrorItem): string | undefined;
  /** Hands on what is counted so far. */
  settle(): void;
}

const WHOLE = 5;
const MOST_KINDS = 20;
const WINDOW_MS = 60_000;
const SETTLE_MS = 10_000;

interface ErrorKind {
  passed: number;
  /** The first that did not pass. */
  stands: ErrorItem | undefined;
  occurrences: number;
  lastTime: string;
}

export function createFolding(now: () => number, handOn: (error: ErrorItem) => void): Folding {
  const kinds = new Map<string, ErrorKind>();
  let since = now();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const kind of kinds.values()) {
      const { stands, occurrences, lastTime } = kind;
      if (stands === undefined) continue;
      kind.stands = undefined;
      kind.occurrences = 0;
      const properties = { ...stands.properties, occurrences, last_time: lastTime };
      handOn({ ...stands, properties });
    }
  }

  return {
    fold(error) {
      // Also when the clock was set back.
      if (Math.abs(now() - since) > WINDOW_MS) {
        settle();
        kinds.clear();
        since = now();
      }
      const name = nameOf(error);
      const key = kinds.has(name) || kinds.size < MOST_KINDS ? name : "";
      const kind = kinds.get(key) ?? { passed: 0, stands: undefined, occurrences: 0, lastTime: "" };
      kinds.set(key, kind);
      if (kind.passed < WHOLE) {
        kind.passed++;
        return undefined;
      }
      kind.stands ??= error;
      kind.occurrences++;
      kind.lastTime = error.timestamp;
      timer ??= setTimeout(settle, SETTLE_MS);
      return kind.stands.event_id;
    },
    settle,
  };
}

/** Without the message, in which ids and counters differ; without the stack, the message but for its digits. */
function nameOf({ error_type, message, stack_trace }: ErrorItem): string {
  return error_type + (stack_trace?.split(message).pop() ?? message.replace(/\d+/g, ""));
}
