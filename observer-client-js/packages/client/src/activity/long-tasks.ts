import { withoutQuery } from "../capture/address";
import type { Properties } from "../event/types";

/** What this browser may tell of a frame that took long (https://w3c.github.io/long-animation-frames/). */
interface LongFrame extends PerformanceEntry {
  readonly scripts?: readonly {
    readonly duration: number;
    readonly sourceURL: string;
    readonly sourceFunctionName: string;
  }[];
}

export interface LongTasks {
  /** How many there were since it was last asked, and which script the longest ran; undefined: none. */
  take(): Properties | undefined;
  stop(): void;
}

const MOST_FRAMES = 20;

/** Counts tasks of more than 50 ms. */
export function watchLongTasks(): LongTasks {
  const frames: LongFrame[] = [];
  let count = 0;
  let total = 0;
  let longest: PerformanceEntry | undefined;

  const stops = [
    observe("long-animation-frame", (frame) => {
      frames.push(frame);
      if (frames.length > MOST_FRAMES) frames.shift();
    }),
    observe("longtask", (task) => {
      count++;
      total += task.duration;
      if (longest === undefined || task.duration > longest.duration) longest = task;
    }),
  ];
  return {
    take() {
      if (longest === undefined) return undefined;
      const { startTime, duration } = longest;
      const [script] = frames
        .filter((one) => one.startTime <= startTime && startTime < one.startTime + one.duration)
        .flatMap((frame) => frame.scripts ?? [])
        .sort((a, b) => b.duration - a.duration);
      const taken = {
        count,
        total_ms: Math.round(total),
        longest_ms: Math.round(duration),
        script: script && withoutQuery(script.sourceURL),
        script_function: script?.sourceFunctionName || undefined,
      };
      count = total = 0;
      longest = undefined;
      return taken;
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

function observe(type: string, onEntry: (entry: PerformanceEntry) => void): () => void {
  // Not even the class is everywhere: an app's own tests may run in jsdom.
  if (!globalThis.PerformanceObserver?.supportedEntryTypes?.includes(type)) return () => {};
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(onEntry));
  observer.observe({ type, buffered: true });
  return () => observer.disconnect();
}
