import { For, Show } from "solid-js";
import type { Recording } from "../api/sessions";
import { absolute, clockTime } from "../format";
import { pathOf } from "../link";

/** Which recording is played; shown when there is a choice. A recording is one load of a page. */
export function RecordingPicker(props: {
  readonly recordings: readonly Recording[];
  readonly chosenId: string | undefined;
  readonly onChoose: (recordingId: string) => void;
}) {
  return (
    <Show when={props.recordings.length > 1}>
      <fieldset class="segments recordings">
        <legend class="sr-only">Recording</legend>
        <For each={props.recordings}>
          {(recording) => (
            <label
              title={recording.startTime === undefined ? undefined : absolute(recording.startTime)}
            >
              <input
                type="radio"
                name="recording"
                checked={recording.recordingId === props.chosenId}
                onChange={() => props.onChoose(recording.recordingId)}
              />
              <span>
                {recording.startTime === undefined ? "Just now" : clockTime(recording.startTime)}
                <Show when={recording.initialUrl}>{(url) => <small>{pathOf(url())}</small>}</Show>
              </span>
            </label>
          )}
        </For>
      </fieldset>
    </Show>
  );
}
