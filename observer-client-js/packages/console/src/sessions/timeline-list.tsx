import { A } from "@solidjs/router";
import CircleAlert from "lucide-solid/icons/circle-alert";
import CircleDot from "lucide-solid/icons/circle-dot";
import FileText from "lucide-solid/icons/file-text";
import Zap from "lucide-solid/icons/zap";
import { createEffect, createMemo, createSignal, For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { ObserverRecord } from "../api/records";
import { absolute, position, shortType } from "../format";
import { errorHref, pathOf } from "../link";
import { inLine } from "../ui/facts";
import { currentIndex, isMeasurement } from "./timeline";

/** The records of a session, oldest first; a click takes the replay there, and the replay's moment is marked. */
export function Timeline(props: {
  readonly records: readonly ObserverRecord[];
  readonly start: number;
  /** The moment of the replay, if one is shown. */
  readonly now: number | undefined;
  readonly complete: boolean;
  readonly recorded: (record: ObserverRecord) => boolean;
  readonly onGo: (record: ObserverRecord) => void;
}) {
  let scroller: HTMLOListElement | undefined;
  // What was measured is several records a page, and would hide what the visitor did.
  const [measured, setMeasured] = createSignal(false);
  const done = createMemo(() => props.records.filter((record) => !isMeasurement(record)));
  const shown = createMemo(() => (measured() ? props.records : done()));
  const current = createMemo(() =>
    props.now === undefined ? -1 : currentIndex(shown(), props.now),
  );

  createEffect(() => {
    const item = scroller?.children[current()];
    if (scroller === undefined || !(item instanceof HTMLElement)) return;
    // Only the list is scrolled, never the page: the reader may be looking elsewhere.
    const above = item.offsetTop - scroller.offsetTop - scroller.scrollTop;
    if (above < 0 || above + item.offsetHeight > scroller.clientHeight) {
      scroller.scrollTop = item.offsetTop - scroller.offsetTop - scroller.clientHeight / 3;
    }
  });

  return (
    <section class="panel timeline" aria-labelledby="timeline-title">
      <header class="timeline-head">
        <h2 id="timeline-title">What happened</h2>
        <Show when={props.records.length > done().length}>
          <label class="timeline-measured">
            <input
              type="checkbox"
              checked={measured()}
              onChange={(event) => setMeasured(event.currentTarget.checked)}
            />
            Measurements
          </label>
        </Show>
      </header>
      <Show when={!props.complete}>
        <p class="notice">This session has more records than are shown; these are the newest.</p>
      </Show>
      <Show
        when={props.records.length > 0}
        fallback={<p class="quiet">No records were kept of this session.</p>}
      >
        <ol ref={scroller} class="moments">
          <For each={shown()}>
            {(record, index) => (
              <li
                class={`moment moment-${record.kind}`}
                aria-current={index() === current() ? "true" : undefined}
              >
                <button
                  type="button"
                  class="moment-go"
                  disabled={!props.recorded(record)}
                  onClick={() => props.onGo(record)}
                  title={absolute(record.timestamp)}
                >
                  <span class="moment-time">{position(record.timestamp - props.start)}</span>
                  <span class="moment-icon">
                    <Dynamic component={ICONS[record.kind]} size={14} aria-hidden="true" />
                  </span>
                  <span class="moment-words">
                    <Words record={record} />
                  </span>
                </button>
                <Show when={record.kind === "error" ? record : undefined}>
                  {(error) => (
                    <A
                      class="moment-more"
                      href={errorHref(error())}
                      aria-label={`Details of ${error().errorType}`}
                    >
                      Details
                    </A>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ol>
      </Show>
    </section>
  );
}

const ICONS = {
  error: CircleAlert,
  page_view: FileText,
  custom_event: Zap,
  replay_started: CircleDot,
  replay_ended: CircleDot,
} as const;

function Words(props: { readonly record: ObserverRecord }) {
  const record = props.record;
  switch (record.kind) {
    case "error":
      return (
        <>
          <b title={record.errorType}>{shortType(record.errorType)}</b>{" "}
          <span>{record.message}</span>
        </>
      );
    case "page_view":
      return (
        <>
          <b>{record.title ?? "Page"}</b>{" "}
          <code title={record.url}>{record.route ?? pathOf(record.url ?? "")}</code>
        </>
      );
    case "custom_event":
      return (
        <>
          <b>{record.eventName}</b>
          <span class="moment-data">
            <For each={Object.entries(record.properties)}>
              {([name, value]) => <span>{`${name} ${inLine(value)}`}</span>}
            </For>
          </span>
        </>
      );
    case "replay_started":
      return <span class="quiet">Recording started</span>;
    case "replay_ended":
      return <span class="quiet">Recording ended</span>;
    default:
      return record satisfies never;
  }
}
