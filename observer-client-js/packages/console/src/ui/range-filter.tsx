import { For } from "solid-js";

const HOUR = 3_600_000;

/** The spans of time a listing can be narrowed to, by the name they have in its address. */
const RANGES = [
  { range: "1h", name: "1 h", title: "Last hour", span: HOUR },
  { range: "24h", name: "24 h", title: "Last 24 hours", span: 24 * HOUR },
  { range: "7d", name: "7 d", title: "Last 7 days", span: 7 * 24 * HOUR },
] as const;
const ALL = { range: "", name: "All", title: "Everything kept" } as const;

/** When a range that ends at `moment` begins; a name that is none has no beginning. */
export function sinceOf(range: string, moment: number): number | undefined {
  const span = RANGES.find((known) => known.range === range)?.span;
  return span === undefined ? undefined : moment - span;
}

export function RangeFilter(props: {
  readonly range: string;
  readonly onRange: (range: string) => void;
}) {
  const chosen = () => RANGES.find(({ range }) => range === props.range) ?? ALL;
  return (
    <fieldset class="segments">
      <legend class="sr-only">Time range</legend>
      <For each={[...RANGES, ALL]}>
        {({ range, name, title }) => (
          <label title={title}>
            <input
              type="radio"
              name="range"
              checked={chosen().range === range}
              onChange={() => props.onRange(range)}
            />
            <span>{name}</span>
          </label>
        )}
      </For>
    </fieldset>
  );
}
