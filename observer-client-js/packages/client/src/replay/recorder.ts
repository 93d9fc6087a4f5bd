import { record } from "@rrweb/record";
import type { eventWithTime } from "@rrweb/types";
import { AddedNodes } from "./added-nodes";
import { createEffortMeter, type Effort, PAUSE_MS } from "./effort";
import { createMask } from "./mask";
import { createMutationQueue } from "./mutation-queue";

/** A recorder at work. */
export interface Recorder {
  /** Takes a full snapshot: what follows can be played without what came before. */
  checkout(): void;
  /** Emits what was seen and not emitted yet. */
  flush(): void;
  /** Leaves out changes of the document until the next {@link checkout}; what the visitor does is still told. */
  sleep(): void;
  stop(): void;
}

export interface RecorderOptions {
  /** `begins`: a full snapshot starts with this event. Times do not go back. */
  readonly emit: (event: eventWithTime, begins: boolean) => void;
  /** The visitor did something, of which maybe nothing is recorded. Called often, as the pointer moves. */
  readonly acted: () => void;
  readonly onError: () => void;
  readonly maskAllText: boolean;
  readonly maskTyped: (text: string, rare?: boolean) => string;
  readonly typed: (value: string) => void;
}

/** By tag, so that every type of input is meant, also those the recorder's own list does not know. */
const MASKED_FIELDS = { input: true, textarea: true, select: true };
/** So late a change is recorded at most; and when the page is busy. */
const LATE_MS = 100;
const COARSE_MS = 1_000;

/** Recorded while changes of the document before it were not; kept back, so that the order stays. */
interface Held {
  readonly event: eventWithTime;
  /** What it happened to, when the recorder did not know that node yet. */
  readonly unknown: Node | undefined;
}

/**
 * Starts rrweb, as changed by `scripts/rrweb-patch.mjs`. Whatever the recorder throws is given to
 * `onError`, never to the page. One at a time.
 */
export function startRecorder(options: RecorderOptions): Recorder {
  const { emit, onError } = options;
  const { mirror } = record;
  const mask = createMask(options);
  const meter = createEffortMeter(() => performance.now());
  const queue = createMutationQueue({ limitMs: LATE_MS, around: handleMutations });
  let held: Held[] = [];
  let handling = false;
  let paused = false;
  let asleep = false;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  /** Fields whose value the page has set, with what rrweb does about it. */
  let set = new Map<unknown, (value: unknown) => void>();
  function afterSetting(field: unknown, act: (value: unknown) => void): void {
    if (set.size === 0) {
      setTimeout(() => {
        const fields = set;
        set = new Map();
        for (const [one, tell] of fields) tell.call(one, undefined);
      }, 0);
    }
    set.set(field, act);
  }

  function handleMutations(handle: () => void): void {
    const started = performance.now();
    if (paused || asleep) queue.discard();
    else {
      handling = true;
      try {
        mask.forget();
        handle();
        mask.forget();
      } catch {
        onError();
      }
      handling = false;
    }
    const late = held;
    held = [];
    for (const { event, unknown: node } of late) release(event, node);
    spend(started);
  }

  /** Emits what was kept back, now that its node has an id, if it ever was in the document. */
  function release(event: eventWithTime, node: Node | undefined): void {
    if (node !== undefined && event.type === 3 && "id" in event.data) {
      const id = mirror.getId(node);
      if (id === -1) return;
      Object.assign(event.data, { id });
    }
    out(event);
  }

  function out(event: eventWithTime): void {
    try {
      emit(event, event.type === 4);
    } catch {
      onError();
    }
  }

  function take(event: eventWithTime): void {
    if (stopped || (paused && event.type === 3)) return;
    try {
      if (!handling) mask.forget();
      // Not masked is not sent.
      mask.event(event);
    } catch {
      onError();
      return;
    }
    if (event.type !== 3) {
      out(event);
      return;
    }
    const { data } = event;
    if (data.source === 0) {
      if (asleep) return;
      // A frame or a style sheet that has loaded is told at once: then what was before it, first.
      if (!handling) queue.flush();
      else event.timestamp = Math.min(queue.lastAt, held[0]?.event.timestamp ?? queue.lastAt);
      out(event);
      return;
    }
    if (MOVES.has(data.source) && meter.effort !== "full") return;
    const lost = "id" in data && data.id === -1;
    // Asleep there is nothing it should come after.
    if (queue.pending && !asleep)
      held.push({ event, unknown: lost ? Reflect.get(mirror, "unknown") : undefined });
    else if (!lost) out(event);
  }

  /** Pages focus, scroll, click and fill in fields by themselves, too; trusted events of these kinds they cannot make. */
  function hear(page: Document): () => void {
    const listener = (event: Event) => {
      if (event.isTrusted) quietly(options.acted);
    };
    for (const type of ACTS) page.addEventListener(type, listener, LISTENS);
    return () => {
      for (const type of ACTS) page.removeEventListener(type, listener, LISTENS);
    };
  }

  function isBlocked(node: Node | null): boolean {
    // Outside of a batch the page may have changed since it was last asked.
    if (!handling) mask.forget();
    return mask.blocks(node);
  }

  /** What was spent since `started` counts; what the recorder leaves out from now on is said in the recording. */
  function spend(started: number): void {
    if (!meter.spend(performance.now() - started)) return;
    const { effort } = meter;
    tell(effort);
    queue.setLimit(effort === "coarse" ? COARSE_MS : LATE_MS);
    if (effort !== "paused") return;
    paused = true;
    pause = setTimeout(() => {
      paused = false;
      meter.resume();
      queue.setLimit(COARSE_MS);
      tell(meter.effort);
      checkout();
    }, PAUSE_MS);
  }

  function tell(effort: Effort): void {
    out({
      type: 5,
      data: { tag: "observer_effort", payload: { effort } },
      timestamp: Date.now(),
    });
  }

  function quietly(act: () => void): void {
    try {
      act();
    } catch {
      onError();
    }
  }

  function checkout(): void {
    if (stopped || paused) return;
    quietly(() => {
      // What was not recorded yet is part of the snapshot; recorded after it, it would be there twice.
      queue.flush();
      asleep = false;
      mask.forget();
      record.takeFullSnapshot(true);
      mask.forget();
    });
  }

  Object.assign(record, {
    observe: queue.observe,
    afterSetting,
    hear,
    isBlocked,
    mask,
    AddedNodes,
  });
  const stop = record({
    emit: take,
    blockSelector: "[data-observer-block]",
    maskInputOptions: MASKED_FIELDS,
    maskInputFn: mask.field,
    maskTextFn: mask.text,
    // Scripts, comments and link previews of the page say nothing about what it looked like.
    slimDOMOptions: true,
    errorHandler() {
      onError();
      return true;
    },
  });
  return {
    checkout,
    flush: () => quietly(queue.flush),
    sleep() {
      asleep = true;
    },
    stop() {
      quietly(queue.flush);
      stopped = true;
      clearTimeout(pause);
      quietly(() => stop?.());
    },
  };
}

const ACTS = ["pointerdown", "pointermove", "wheel", "keydown", "click", "beforeinput"];
const LISTENS = { capture: true, passive: true };
/** Of rrweb: mouse, touch, drag. */
const MOVES: ReadonlySet<number> = new Set([1, 6, 12]);
