import Maximize from "lucide-solid/icons/maximize";
import Pause from "lucide-solid/icons/pause";
import Play from "lucide-solid/icons/play";
import { createMemo, createSignal, For, Show } from "solid-js";
import type { ObserverRecord } from "../api/records";
import { position } from "../format";
import { quietStretches } from "./inactivity";
import type { LoadedRecording } from "./load";

const SPEEDS = [0.5, 1, 2, 4, 8];

export interface ControlsProps {
  readonly content: LoadedRecording;
  readonly records: readonly ObserverRecord[];
  readonly time: number;
  readonly playing: boolean;
  readonly onToggle: () => void;
  readonly onSeek: (time: number) => void;
  readonly onSpeed: (speed: number) => void;
  readonly onSkipInactive: (skip: boolean) => void;
  readonly onFullscreen: () => void;
}

/** Play, scrub, speed: the track shows errors, page views, gaps, what the recorder left out and stretches in which nothing was done. */
export function Controls(props: ControlsProps) {
  const [skip, setSkip] = createSignal(true);
  const length = () => Math.max(1, props.content.end - props.content.start);
  const share = (time: number) =>
    `${Math.min(100, Math.max(0, ((time - props.content.start) / length()) * 100))}%`;
  const span = (start: number, end: number) => ({
    left: share(start),
    width: `calc(${share(end)} - ${share(start)})`,
  });
  const quiet = createMemo(() =>
    quietStretches(props.content.events, props.content.start, props.content.end),
  );
  const marks = createMemo(() =>
    props.records.filter(
      (record) =>
        (record.kind === "error" ||
          record.kind === "page_view" ||
          record.kind === "custom_event") &&
        record.timestamp >= props.content.start - 1_000 &&
        record.timestamp <= props.content.end + 1_000,
    ),
  );
  const spoken = () => `${position(props.time - props.content.start)} of ${position(length())}`;

  return (
    <div class="controls">
      <button
        type="button"
        class="control control-play"
        onClick={() => props.onToggle()}
        aria-label={props.playing ? "Pause" : "Play"}
      >
        <Show
          when={props.playing}
          fallback={<Play size={15} fill="currentColor" aria-hidden="true" />}
        >
          <Pause size={15} fill="currentColor" aria-hidden="true" />
        </Show>
      </button>
      <div class="track">
        <div class="track-line" aria-hidden="true">
          <For each={quiet()}>
            {(stretch) => <span class="track-quiet" style={span(stretch.start, stretch.end)} />}
          </For>
          <For each={props.content.gaps}>
            {(gap) => (
              <span class="track-gap" style={span(gap.start, gap.end ?? props.content.end)} />
            )}
          </For>
          <For each={props.content.omissions}>
            {(one) => <span class="track-omission" style={span(one.start, one.end)} />}
          </For>
          <span class="track-done" style={{ width: share(props.time) }} />
          <For each={marks()}>
            {(record) => (
              <span
                class={`track-mark mark-${record.kind}`}
                style={{ left: share(record.timestamp) }}
              />
            )}
          </For>
        </div>
        <input
          type="range"
          min={0}
          max={length()}
          step={100}
          value={props.time - props.content.start}
          aria-label="Position"
          aria-valuetext={spoken()}
          onInput={(event) => props.onSeek(props.content.start + event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            const step =
              event.key === "ArrowLeft" ? -5_000 : event.key === "ArrowRight" ? 5_000 : 0;
            if (step === 0) return;
            event.preventDefault();
            props.onSeek(props.time + step);
          }}
        />
      </div>
      <span class="control-time">
        {position(props.time - props.content.start)}
        <span class="quiet"> / {position(length())}</span>
      </span>
      <label class="control-choice">
        <span class="sr-only">Speed</span>
        <select onChange={(event) => props.onSpeed(Number(event.currentTarget.value))}>
          <For each={SPEEDS}>
            {(speed) => <option value={speed} selected={speed === 1}>{`${speed}×`}</option>}
          </For>
        </select>
      </label>
      <label
        class="control-choice control-skip"
        title="Hurry through stretches in which nothing was done"
      >
        <input
          type="checkbox"
          checked={skip()}
          onChange={(event) => {
            setSkip(event.currentTarget.checked);
            props.onSkipInactive(event.currentTarget.checked);
          }}
        />
        Skip idle
      </label>
      <button
        type="button"
        class="control"
        onClick={() => props.onFullscreen()}
        aria-label="Full screen"
        title="Full screen"
      >
        <Maximize size={15} aria-hidden="true" />
      </button>
    </div>
  );
}
