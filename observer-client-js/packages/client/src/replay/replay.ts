import type { ReplayMode, ReplayOptions } from "../options";
import type { Recording, RecordingControl } from "./recording";

/** Loads the chunk with the recorder. */
export type LoadRecorder = () => Promise<{
  startRecording(control: RecordingControl, keeps: boolean): Recording;
}>;

/** Recording of the current document. What does it is loaded when it is wanted. */
export interface Replay {
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
}

export function createReplay(control: ReplayControl): Replay {
  let mode: ReplayMode = control.settings.mode;
  let loading = false;
  let recording: Recording | undefined;

  function begin(): void {
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

  begin();
  return {
    start() {
      send();
      begin();
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
