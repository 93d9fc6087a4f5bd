import { A, useParams, useSearchParams } from "@solidjs/router";
import ChevronLeft from "lucide-solid/icons/chevron-left";
import RotateCw from "lucide-solid/icons/rotate-cw";
import { createEffect, createMemo, createSignal, Show } from "solid-js";
import type { Api } from "../api/client";
import { time } from "../api/decode";
import type { ObserverRecord } from "../api/records";
import type { SessionDetail } from "../api/sessions";
import { absolute, counted, shortTime } from "../format";
import { ReplayPanel, type SeekRequest } from "../replay/replay-panel";
import { useApi } from "../shell/context";
import { RecordedAddress } from "../ui/facts";
import { useListBehind } from "../ui/list-behind";
import { createLoaded } from "../ui/load";
import { Empty, WhenLoaded } from "../ui/states";
import { RecordingPicker } from "./recording-picker";
import { lasted, Who } from "./sessions-page";
import { recordingAt, timeline } from "./timeline";
import { Timeline } from "./timeline-list";

/** At most so many pages of a thousand records are read for one session. */
const MAX_PAGES = 10;
/** A link to a moment starts a little before it, so that one sees it happen. */
const LEAD_MS = 3_000;
/** A page is drawn in the task that reports it, a moment before or after: until then its predecessor is shown. */
const DRAWN_MS = 50;

interface Whole {
  readonly session: SessionDetail;
  readonly records: readonly ObserverRecord[];
  /** False when the session has more records than are shown. */
  readonly complete: boolean;
}

/** One session: what happened, on a line of time, beside what was seen. */
export function SessionPage() {
  const api = useApi();
  const params = useParams<{ id: string }>();
  const list = useListBehind();
  const [loaded, reload] = createLoaded(
    () => params.id,
    (id, signal) => loadWhole(api, id, signal),
  );
  return (
    <>
      <nav class="crumbs" aria-label="Sessions">
        <A href={list.href()} end>
          <ChevronLeft size={16} aria-hidden="true" />
          Sessions
        </A>
        <button type="button" class="button button-quiet button-small" onClick={reload}>
          <RotateCw size={14} aria-hidden="true" />
          Refresh
        </button>
      </nav>
      <WhenLoaded
        of={loaded()}
        waiting="Loading the session"
        failed="The session could not be read"
        onRetry={reload}
      >
        {(whole) => <SessionView whole={whole()} />}
      </WhenLoaded>
    </>
  );
}

async function loadWhole(api: Api, sessionId: string, signal: AbortSignal): Promise<Whole> {
  const [session, { records, complete }] = await Promise.all([
    api.session(sessionId, signal),
    loadRecords(api, sessionId, signal),
  ]);
  return { session, records: timeline(records), complete };
}

async function loadRecords(
  api: Api,
  sessionId: string,
  signal: AbortSignal,
): Promise<{ records: ObserverRecord[]; complete: boolean }> {
  const records: ObserverRecord[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, next } = await api.records({ sessionId, limit: 1000, cursor }, signal);
    records.push(...items);
    if (next === undefined) return { records, complete: true };
    cursor = next;
  }
  return { records, complete: false };
}

function SessionView(props: { readonly whole: Whole }) {
  const [search] = useSearchParams<{ at?: string }>();
  const session = () => props.whole.session;
  const asked = time(search.at);

  const first = () => {
    const { recordings } = session();
    const then = asked === undefined ? undefined : recordingAt(recordings, asked);
    return (then ?? recordings[0])?.recordingId;
  };
  const [chosenId, setChosenId] = createSignal(first());
  // It may be delivered only when the session is read again.
  createEffect(() => {
    if (chosenId() === undefined) setChosenId(first());
  });
  // By what it says: a refresh reads the same recording as another object, and must not start its replay over.
  const chosen = createMemo(
    () => session().recordings.find((recording) => recording.recordingId === chosenId()),
    undefined,
    { equals: (before, now) => JSON.stringify(before) === JSON.stringify(now) },
  );
  const [seek, setSeek] = createSignal<SeekRequest | undefined>(
    asked === undefined
      ? undefined
      : { time: asked - LEAD_MS, play: !matchMedia("(prefers-reduced-motion: reduce)").matches },
  );
  const [now, setNow] = createSignal<number | undefined>(asked);

  createEffect(() => {
    document.title = `Session of ${session().userId ?? "a visitor"} · Observer`;
  });

  function choose(recordingId: string): void {
    setSeek(undefined);
    setChosenId(recordingId);
  }

  function go(record: ObserverRecord): void {
    const recording = recordingAt(session().recordings, record.timestamp);
    setNow(record.timestamp);
    if (recording === undefined) return;
    const drawn = record.kind === "page_view" ? DRAWN_MS : 0;
    setSeek({ time: record.timestamp + drawn, play: undefined });
    setChosenId(recording.recordingId);
  }

  return (
    <article class="session">
      <header class="session-head">
        <h1>
          <Who session={session()} />
        </h1>
        <p class="session-facts">
          <span title={absolute(session().firstTime)}>{shortTime(session().firstTime)}</span>
          <span>{lasted(session())}</span>
          <span>{counted(session().pageViews, "page view")}</span>
          <span>{counted(session().customEvents, "event")}</span>
          <span classList={{ bad: session().errors > 0 }}>
            {counted(session().errors, "error")}
          </span>
          <Show when={session().entryUrl}>
            {(url) => (
              <span>
                entered at <RecordedAddress url={url()} />
              </span>
            )}
          </Show>
        </p>
      </header>
      <div class="session-columns">
        <div class="session-replay-column">
          <RecordingPicker
            recordings={session().recordings}
            chosenId={chosenId()}
            onChoose={choose}
          />
          <Show when={chosen()} keyed fallback={<NoReplay recorded={session().hasReplay} />}>
            {(recording) => (
              <ReplayPanel
                sessionId={session().sessionId}
                recording={recording}
                records={props.whole.records}
                seek={seek()}
                onTime={setNow}
              />
            )}
          </Show>
        </div>
        <Timeline
          records={props.whole.records}
          start={session().firstTime}
          now={now()}
          complete={props.whole.complete}
          recorded={(record) => recordingAt(session().recordings, record.timestamp) !== undefined}
          onGo={go}
        />
      </div>
    </article>
  );
}

function NoReplay(props: { readonly recorded: boolean }) {
  return (
    <div class="panel">
      <Empty title="No replay of this session">
        <p>
          {props.recorded
            ? "It was recorded, but this server has nothing of it: it is past its retention, not delivered yet, or on another instance."
            : "Replays are off unless the page turns them on, and a session can end before anything was recorded."}
        </p>
      </Empty>
    </div>
  );
}
