import type { ObserverOptions, ReplayMode, ReplayOptions } from "../options";
import type { Recording, RecordingControl } from "./recording";

/** Loads the chunk with the recorder. */
export type LoadRecorder = () => Promise<{
  startRecording(control: RecordingControl, keeps: boolean): Recording;
}>;

/** Recording of the current document. What does it is loaded when it is wanted. */
export interface Replay {
  /** As the options say, if this session is to be recorded at all: at the start, and when a visitor has agreed. */
  begin(): void;
  /** Records from now on; what `on-error` has kept is sent. */
  start(): void;
  stop(): void;
  /** An error was captured: `on-error` sends what it has kept and goes on. */
  errorHappened(): void;
  /** Hands on what was recorded so far, as one batch of at most `maxBytes` and one of the rest. */
  cut(maxBytes?: number): void;
}

export interface ReplayControl extends RecordingControl {
  readonly settings: Required<ReplayOptions>;
  readonly load: LoadRecorder;
  /** Whether the visitor may be recorded, and the session is among those that are. */
  readonly wanted: () => boolean;
}

const MODES: readonly unknown[] = ["always", "on-error"] satisfies ReplayMode[];

/** The option may come from an attribute: what cannot be understood records nothing. */
export function replayOptionsOf(replay: ObserverOptions["replay"]): Required<ReplayOptions> {
  const { mode, maskAllText, minDurationMs }: ReplayOptions =
    typeof replay === "object" && replay !== null ? replay : { mode: replay ?? "off" };
  return {
    mode: MODES.includes(mode) ? mode : "off",
    maskAllText: maskAllText === true,
    minDurationMs: Number(minDurationMs) || 0,
  };
}

export function createReplay(control: ReplayControl): Replay {
  let mode: ReplayMode = "off";
  let loading = false;
  let recording: Recording | undefined;

  function load(): void {
    if (mode === "off" || loading || recording !== undefined) return;
    loading = true;
    control
      .load()
      .then(({ startRecording }) => {
        if (mode !== "off") recording = startRecording(control, mode === "on-error");
      })
      .catch(() => control.drops.count("recorder_unavailable", "replay"))
      .then(() => {
        loading = false;
      });
  }

  function send(): void {
    mode = "always";
    recording?.send();
  }

  return {
    begin() {
      const { settings, wanted } = control;
      // Who is here is looked up in the browser's storage, which takes its time.
      if (settings.mode !== "off" && wanted()) mode = settings.mode;
      load();
    },
    start() {
      send();
      load();
    },
    stop() {
      mode = "off";
      recording?.stop();
      recording = undefined;
    },
    errorHappened() {
      if (mode === "on-error") send();
    },
    cut: (maxBytes) => recording?.cut(maxBytes),
  };
}
