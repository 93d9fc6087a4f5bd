import { MOST_OF_ONE } from "./cart";

/** How many: two buttons and the number between them. */
export function Stepper(props: {
  readonly of: string;
  readonly value: number;
  readonly least: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <fieldset class="stepper">
      <legend class="sr-only">How many of {props.of}</legend>
      <button
        type="button"
        aria-label="One less"
        disabled={props.value <= props.least}
        onClick={() => props.onChange(props.value - 1)}
      >
        −
      </button>
      <output aria-live="polite">{props.value}</output>
      <button
        type="button"
        aria-label="One more"
        disabled={props.value >= MOST_OF_ONE}
        onClick={() => props.onChange(props.value + 1)}
      >
        +
      </button>
    </fieldset>
  );
}
