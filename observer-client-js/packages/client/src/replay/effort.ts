/** How much of the page a recording still takes in, from all to nothing. */
export type Effort =
  | "full"
  /** Without the ways of the pointer between clicks. */
  | "no_moves"
  /** And changes of a second at once. */
  | "coarse"
  /** Nothing, for {@link PAUSE_MS}; then a new snapshot. */
  | "paused";

const STEPS: readonly Effort[] = ["full", "no_moves", "coarse", "paused"];
const WINDOW_MS = 5_000;
/** Of the main thread's time in a window: above the first a step down, below the last a step up. */
const TOO_MUCH = 0.1;
/** Only this is worth not recording at all. */
const FAR_TOO_MUCH = 0.25;
const LITTLE = 0.04;
export const PAUSE_MS = 30_000;

/**
 * Holds a recorder to a share of the main thread's time. It is told what the recorder spent and says
 * what to leave out; `now` is monotonic, in milliseconds.
 */
export interface EffortMeter {
  readonly effort: Effort;
  /** Adds time spent. True: the effort has changed. */
  spend(ms: number): boolean;
  /** After a pause: coarse, to begin with. */
  resume(): void;
}

export function createEffortMeter(now: () => number): EffortMeter {
  let step = 0;
  let since = now();
  let spent = 0;

  function effort(): Effort {
    return STEPS[step] ?? "full";
  }

  return {
    get effort() {
      return effort();
    },
    spend(ms) {
      spent += ms;
      const length = now() - since;
      if (length < WINDOW_MS || effort() === "paused") return false;
      const share = spent / length;
      since += length;
      spent = 0;
      const before = step;
      if (share > (effort() === "coarse" ? FAR_TOO_MUCH : TOO_MUCH)) step++;
      else if (share < LITTLE && step > 0) step--;
      return step !== before;
    },
    resume() {
      step = STEPS.indexOf("coarse");
      since = now();
      spent = 0;
    },
  };
}
