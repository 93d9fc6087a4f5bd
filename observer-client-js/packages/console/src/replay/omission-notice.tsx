import { createMemo, For, Show } from "solid-js";
import { position } from "../format";
import type { LoadedRecording } from "./load";
import type { Omission, OmissionKind } from "./omissions";

/** What is said below the player, before the times. */
const SAID: Record<OmissionKind, string> = {
  no_moves: "To spare a busy page the pointer was recorded at clicks only",
  coarse: "To spare a busy page it was recorded once a second",
  paused: "To spare a busy page nothing was recorded",
  idle: "Nobody touched the page for five minutes, and it was not recorded",
};
/** What is said on the page that is played. */
const NOTED: Record<OmissionKind, string> = {
  no_moves: "Pointer recorded at clicks only",
  coarse: "Recorded once a second",
  paused: "Recording paused",
  idle: "Nobody there",
};
/** A page that is busy all the time takes steps up and down for as long as it is open. */
const MOST_TIMES = 6;

/** What is left out at a moment, in few words; undefined: nothing. */
export function omissionAt(omissions: readonly Omission[], time: number): string | undefined {
  const inside = omissions.findLast((one) => time >= one.start && time < one.end);
  return inside && NOTED[inside.kind];
}

/** Says what the recorder left out by itself and when, so that nobody takes it for what the page did. */
export function OmissionNotice(props: {
  readonly content: LoadedRecording;
  readonly time: number;
  readonly onSeek: (time: number) => void;
}) {
  const kinds = createMemo(() => {
    const byKind = new Map<OmissionKind, Omission[]>();
    for (const one of props.content.omissions) {
      byKind.set(one.kind, [...(byKind.get(one.kind) ?? []), one]);
    }
    return [...byKind].map(([kind, all]) => ({ kind, all, shown: all.slice(0, MOST_TIMES) }));
  });
  const inside = (one: Omission) => props.time >= one.start && props.time < one.end;
  const at = (time: number) => position(time - props.content.start);
  return (
    <Show when={kinds().length > 0}>
      <div class="gaps">
        <For each={kinds()}>
          {({ kind, all, shown }) => (
            <p class="notice" classList={{ "notice-now": all.some(inside) }}>
              {`${SAID[kind]}: `}
              <For each={shown}>
                {(one, index) => (
                  <>
                    {index() > 0 && ", "}
                    <button type="button" class="link" onClick={() => props.onSeek(one.start)}>
                      {`${at(one.start)}–${at(one.end)}`}
                    </button>
                  </>
                )}
              </For>
              {all.length > shown.length ? ` and ${all.length - shown.length} times more.` : "."}
            </p>
          )}
        </For>
      </div>
    </Show>
  );
}
