import { Replayer } from "@rrweb/replay";
import "@rrweb/replay/dist/style.css";
import type { eventWithTime } from "@rrweb/types";
import { IDLE_MS } from "./inactivity";
import type { LoadedRecording } from "./load";

/** What the player tells: where it is (server clock), and whether it runs. */
export interface PlayerListener {
  onTime(time: number): void;
  onPlaying(playing: boolean): void;
  /** Whether it hurries through a stretch in which nothing happened. */
  onSkipping(skipping: boolean): void;
  /** The recorded viewport changed. */
  onResize(width: number, height: number): void;
}

export interface Player {
  play(): void;
  pause(): void;
  /** Goes to a time and keeps playing, or stays paused, as it was. */
  seek(time: number): void;
  setSpeed(speed: number): void;
  setSkipInactive(skip: boolean): void;
  /** Takes the player out of the page; it cannot be used afterwards. */
  stop(): void;
}

const STUCK_MS = 1_000;

/**
 * Plays a recording inside `root`, which must be in the document. This module brings rrweb and is loaded lazily.
 *
 * rrweb rebuilds the page in an iframe with `sandbox="allow-same-origin"`: no script, form, popup or navigation of the
 * top page. Canvas replay would need `allow-scripts` (`UNSAFE_replayCanvas`) and stays off; there are no plugins.
 * `inert` keeps keyboard and assistive technology out of the stranger's page, as `pointer-events: none` does the mouse.
 *
 * @throws Error when the recorded page cannot be rebuilt, or when the frame is not sandboxed as expected
 */
export function startPlayer(
  root: HTMLElement,
  recording: LoadedRecording,
  listener: PlayerListener,
): Player {
  const replayer = new Replayer(recording.events as unknown as eventWithTime[], {
    root,
    mouseTail: false,
    triggerFocus: false,
    showWarning: false,
    skipInactive: true,
    inactivePeriodThreshold: IDLE_MS,
    UNSAFE_replayCanvas: false,
  });
  const { iframe } = replayer;
  if (iframe.getAttribute("sandbox") !== "allow-same-origin") {
    root.replaceChildren();
    throw new Error("the replay's frame is not sandboxed");
  }
  iframe.inert = true;
  iframe.tabIndex = -1;
  iframe.title = "Recorded page";

  let playing = false;
  let stopped = false;
  let frame = 0;
  let moved = { at: 0, since: performance.now() };

  function setPlaying(next: boolean): void {
    if (playing === next) return;
    playing = next;
    listener.onPlaying(next);
    cancelAnimationFrame(frame);
    if (!next) return;
    moved = { at: elapsed(), since: performance.now() };
    frame = requestAnimationFrame(tick);
  }

  /** Milliseconds into the recording. Before the first play rrweb answers with a time long before it. */
  function elapsed(): number {
    return Math.min(recording.end - recording.start, Math.max(0, replayer.getCurrentTime()));
  }

  /** An event that rrweb cannot apply ends its timer; after a second without motion it is taken up past that event. */
  function unstick(at: number): void {
    if (at !== moved.at) moved = { at, since: performance.now() };
    else if (performance.now() - moved.since > STUCK_MS) {
      moved = { at, since: performance.now() };
      replayer.play(at + 1);
    }
  }

  function tick(): void {
    const at = elapsed();
    listener.onTime(recording.start + at);
    unstick(at);
    frame = requestAnimationFrame(tick);
  }

  function offset(time: number): number {
    return Math.max(0, Math.min(time, recording.end) - recording.start);
  }

  replayer.on("resize", (dimension) => {
    const { width, height } = dimension as { width: number; height: number };
    listener.onResize(width, height);
  });
  replayer.on("skip-start", () => listener.onSkipping(true));
  replayer.on("skip-end", () => listener.onSkipping(false));
  replayer.on("finish", () => {
    if (stopped) return;
    setPlaying(false);
    listener.onTime(recording.end);
  });

  return {
    play() {
      // From the end, play starts over.
      const from = elapsed();
      replayer.play(from >= recording.end - recording.start ? 0 : from);
      setPlaying(true);
    },
    pause() {
      replayer.pause();
      setPlaying(false);
    },
    seek(time) {
      if (playing) replayer.play(offset(time));
      else replayer.pause(offset(time));
      listener.onTime(Math.min(recording.end, Math.max(recording.start, time)));
    },
    setSpeed: (speed) => replayer.setConfig({ speed }),
    setSkipInactive: (skipInactive) => replayer.setConfig({ skipInactive }),
    stop() {
      stopped = true;
      cancelAnimationFrame(frame);
      replayer.destroy();
    },
  };
}
