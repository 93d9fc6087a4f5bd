import { For, Show } from "solid-js";
import { position } from "../format";
import type { Gap } from "./gaps";
import type { LoadedRecording } from "./load";

/** Says which parts of a recording are not there, and stands out while the replay is inside of one. */
export function GapNotice(props: {
  readonly gaps: readonly Gap[];
  readonly content: LoadedRecording;
  readonly time: number;
  readonly onSeek: (time: number) => void;
}) {
  const inside = (gap: Gap) =>
    props.time >= gap.start && (gap.end === undefined || props.time < gap.end);
  return (
    <Show when={props.gaps.length > 0}>
      <div class="gaps">
        <For each={props.gaps}>
          {(gap) => (
            <p class="notice notice-warning" classList={{ "notice-now": inside(gap) }}>
              {gap.from === gap.to
                ? `Part ${gap.from} of this recording is missing.`
                : `Parts ${gap.from} to ${gap.to} of this recording are missing.`}{" "}
              <Show
                when={gap.end}
                fallback={`From ${position(gap.start - props.content.start)} on, what is shown may be wrong.`}
              >
                {(end) => (
                  <>
                    {`From ${position(gap.start - props.content.start)} to ${position(end() - props.content.start)} what is shown may be wrong. `}
                    <button type="button" class="link" onClick={() => props.onSeek(end())}>
                      Go on after it
                    </button>
                  </>
                )}
              </Show>
            </p>
          )}
        </For>
      </div>
    </Show>
  );
}
