import { For } from "solid-js";

const HOUR = 3_600_000;

/** The spans of time a listing can be narrowed to; the value is in milliseconds back from now. */
const SPANS = [
  { name: "1 h", title: "Last hour", span: HOUR },
  { name: "24 h", title: "Last 24 hours", span: 24 * HOUR },
  { name: "7 d", title: "Last 7 days", span: 7 * 24 * HOUR },
  { name: "All", title: "Everything kept", span: undefined },
] as const;

export function RangeFilter(props: {
  readonly span: number | undefined;
  readonly onSpan: (span: number | undefined) => void;
}) {
  return (
    <fieldset class="segments">
      <legend class="sr-only">Time range</legend>
      <For each={SPANS}>
        {({ name, title, span }) => (
          <label title={title}>
            <input
              type="radio"
              name="range"
              checked={props.span === span}
              onChange={() => props.onSpan(span)}
            />
            <span>{name}</span>
          </label>
        )}
      </For>
    </fieldset>
  );
}
