import Check from "lucide-solid/icons/check";
import Copy from "lucide-solid/icons/copy";
import { createSignal, onCleanup, Show } from "solid-js";

/** Copies `text`, says so for a moment, and says when the browser forbids it. */
export function CopyButton(props: { readonly text: string; readonly what: string }) {
  const [outcome, setOutcome] = createSignal<"copied" | "refused">();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function copy(): Promise<void> {
    try {
      // Missing where the console is served over plain http from another machine.
      await navigator.clipboard.writeText(props.text);
      setOutcome("copied");
    } catch {
      setOutcome("refused");
    }
    clearTimeout(timer);
    timer = setTimeout(() => setOutcome(undefined), 2_000);
  }

  const said = () =>
    outcome() === "copied" ? "Copied" : outcome() === "refused" ? "Not allowed here" : undefined;

  return (
    <>
      <button
        type="button"
        class="button button-quiet button-small"
        onClick={() => void copy()}
        aria-label={`Copy ${props.what}`}
      >
        <Show when={outcome() === "copied"} fallback={<Copy size={14} aria-hidden="true" />}>
          <Check size={14} aria-hidden="true" />
        </Show>
        {said() ?? "Copy"}
      </button>
      {/* Beside it: what is in a button that has a label of its own is not announced. */}
      <span role="status" class="sr-only">
        {said()}
      </span>
    </>
  );
}
