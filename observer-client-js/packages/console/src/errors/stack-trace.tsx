import { createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import { counted } from "../format";
import { CopyButton } from "../ui/copy";
import { groupStack, parseStack, type StackLine, withoutHead } from "./stack";

/** A stack trace with the reader's own frames in front and runs of others folded; or as it came, at a click. */
export function StackTrace(props: {
  readonly trace: string;
  readonly title: string;
  readonly message?: string;
  /** What the page says already: the trace's own first line is left out when it repeats it. */
  readonly said: { readonly errorType: string; readonly message: string };
}) {
  const [raw, setRaw] = createSignal(false);
  const groups = createMemo(() => groupStack(withoutHead(parseStack(props.trace), props.said)));
  return (
    <section class="panel stack">
      <div class="panel-head">
        <h2>{props.title}</h2>
        <button
          type="button"
          class="button button-quiet button-small"
          aria-pressed={raw()}
          onClick={() => setRaw(!raw())}
        >
          Raw
        </button>
        <CopyButton text={props.trace} what="stack trace" />
      </div>
      <Show when={props.message}>{(message) => <p class="cause-message">{message()}</p>}</Show>
      <Show when={!raw()} fallback={<pre class="raw">{props.trace}</pre>}>
        <ol class="frames">
          <For each={groups()}>
            {(group) => (
              <Show
                when={group.folded}
                fallback={<For each={group.lines}>{(line) => <Line line={line} />}</For>}
              >
                <li>
                  <details class="folded">
                    <summary>{counted(group.lines.length, "library frame")}</summary>
                    <ol class="frames">
                      <For each={group.lines}>{(line) => <Line line={line} />}</For>
                    </ol>
                  </details>
                </li>
              </Show>
            )}
          </For>
        </ol>
      </Show>
    </section>
  );
}

function Line(props: { readonly line: StackLine }) {
  const frame = () => (props.line.kind === "frame" ? props.line : undefined);
  return (
    <Switch fallback={<li class="stack-text">{props.line.text.trim()}</li>}>
      <Match when={frame()}>
        {(shown) => (
          <li class="frame" classList={{ "frame-other": !shown().inApp }}>
            <span class="frame-function">{shown().functionName ?? "(anonymous)"}</span>{" "}
            <span class="frame-place" title={shown().location}>
              {shown().file}
              <Show when={shown().line !== undefined}>
                :<b>{shown().line}</b>
                <Show when={shown().column !== undefined}>:{shown().column}</Show>
              </Show>
            </span>
          </li>
        )}
      </Match>
    </Switch>
  );
}
