import { createUniqueId, Show } from "solid-js";

export interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: "text" | "email";
  readonly autocomplete?: "name" | "email" | "cc-number";
  readonly inputmode?: "numeric";
  readonly hint?: string;
  /** What it holds at first. */
  readonly value?: string;
  /** What the back end found wrong with it. */
  readonly wrong?: string | undefined;
  readonly required?: boolean;
  /** More than one line. */
  readonly rows?: number;
}

export function Field(props: FieldProps) {
  const id = createUniqueId();
  const shared = () => ({
    id,
    name: props.name,
    required: props.required === true,
    "aria-invalid": props.wrong !== undefined,
    "aria-describedby": `${id}-words`,
  });
  return (
    <div class="field" classList={{ "field-wrong": props.wrong !== undefined }}>
      <label for={id}>
        {props.label}
        <Show when={!props.required}>
          <span class="quiet"> (optional)</span>
        </Show>
      </label>
      <Show
        when={props.rows}
        fallback={
          <input
            {...shared()}
            type={props.type ?? "text"}
            value={props.value ?? ""}
            autocomplete={props.autocomplete ?? "off"}
            inputmode={props.inputmode ?? "text"}
          />
        }
      >
        {(rows) => <textarea {...shared()} rows={rows()} />}
      </Show>
      <p class="field-words" id={`${id}-words`}>
        {props.wrong ?? props.hint}
      </p>
    </div>
  );
}
