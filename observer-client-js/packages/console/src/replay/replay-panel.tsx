import { createEffect, createMemo, createSignal, on, onCleanup, onMount, Show } from "solid-js";
import type { ObserverRecord } from "../api/records";
import type { Recording } from "../api/sessions";
import { useApi } from "../shell/context";
import { createLoaded } from "../ui/load";
import { Empty, WhenLoaded } from "../ui/states";
import { Controls } from "./controls";
import { GapNotice } from "./gap-notice";
import { type LoadedRecording, loadRecording, type Unplayable } from "./load";
import { OmissionNotice, omissionAt } from "./omission-notice";
import type { Player } from "./player";

/** A wish to see a moment (server clock). `play`: start, or stay as it is when `undefined`. Each wish is an object of its own. */
export interface SeekRequest {
  readonly time: number;
  readonly play: boolean | undefined;
}

export interface ReplayPanelProps {
  readonly sessionId: string;
  readonly recording: Recording;
  readonly records: readonly ObserverRecord[];
  readonly seek: SeekRequest | undefined;
  readonly onTime: (time: number) => void;
}

/** Fetches one recording and the player, then shows the one in the other. */
export function ReplayPanel(props: ReplayPanelProps) {
  const api = useApi();
  const [done, setDone] = createSignal(0);
  const [loaded, reload] = createLoaded(
    () => props.recording,
    async (recording, signal) => {
      setDone(0);
      const [content, { startPlayer }] = await Promise.all([
        loadRecording(api, props.sessionId, recording, signal, setDone),
        import("./player"),
      ]);
      return { content, startPlayer };
    },
  );
  const progress = () => {
    const all = props.recording.batches.length;
    return all > 1 ? `, ${Math.min(done(), all)} of ${all}` : "";
  };

  return (
    <section class="panel replay" aria-label="Replay">
      <WhenLoaded
        of={loaded()}
        waiting="Loading the replay"
        progress={progress()}
        failed="The replay could not be read"
        onRetry={reload}
      >
        {(ready) => {
          const content = ready().content;
          return "reason" in content ? (
            <CannotPlay why={content} />
          ) : (
            <Stage {...props} content={content} startPlayer={ready().startPlayer} />
          );
        }}
      </WhenLoaded>
    </section>
  );
}

function CannotPlay(props: { readonly why: Unplayable }) {
  const words = () => {
    const { why } = props;
    switch (why.reason) {
      case "empty":
        return "Nothing was recorded, or nothing of it is left.";
      case "no_snapshot":
        return "The part that holds the page itself was lost, so the changes after it have nothing to apply to.";
      case "encoding":
        return `It is stored in the form “${why.encoding}”, which this console cannot play.`;
      default:
        return why satisfies never;
    }
  };
  return <Empty title="This recording cannot be played">{words()}</Empty>;
}

interface StageProps extends ReplayPanelProps {
  readonly content: LoadedRecording;
  readonly startPlayer: typeof import("./player").startPlayer;
}

function Stage(props: StageProps) {
  const [time, setTime] = createSignal(props.content.start);
  const [playing, setPlaying] = createSignal(false);
  const [skipping, setSkipping] = createSignal(false);
  const [broken, setBroken] = createSignal(false);
  const [page, setPage] = createSignal({ width: 1280, height: 720 });
  const [room, setRoom] = createSignal({ width: 0, height: 0 });
  let panel: HTMLDivElement | undefined;
  let stage: HTMLDivElement | undefined;
  let root: HTMLDivElement | undefined;
  let player: Player | undefined;

  const scale = createMemo(() =>
    Math.min(1, room().width / page().width, room().height / page().height),
  );
  const places = createMemo(() => placesOf(props));
  const address = createMemo(() => places().findLast((place) => place.time <= time())?.url);

  const note = () =>
    skipping() ? "Skipping inactivity" : omissionAt(props.content.omissions, time());

  onMount(() => {
    if (stage === undefined || root === undefined) return;
    const measure = () => {
      if (stage === undefined) return;
      const full = document.fullscreenElement === panel;
      setRoom({
        width: stage.clientWidth,
        height: full ? stage.clientHeight : Math.max(280, innerHeight * 0.62),
      });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(stage);
    addEventListener("resize", measure);
    // On the player alone: elsewhere the space bar scrolls.
    panel?.addEventListener("keydown", onKeyDown);
    onCleanup(() => {
      observer.disconnect();
      removeEventListener("resize", measure);
    });
    try {
      player = props.startPlayer(root, props.content, {
        onTime(now) {
          setTime(now);
          props.onTime(now);
        },
        onPlaying: setPlaying,
        onSkipping: setSkipping,
        onResize: (width, height) => setPage({ width: sensible(width), height: sensible(height) }),
      });
    } catch (caught) {
      // The recorded page cannot be rebuilt: its content is a stranger's, and may be broken or hostile.
      console.error(caught);
      setBroken(true);
    }
  });
  onCleanup(() => player?.stop());

  createEffect(
    on(
      () => props.seek,
      (wish) => {
        if (wish === undefined || player === undefined) return;
        attempt(() => {
          player?.seek(wish.time);
          if (wish.play === true && wish.time < props.content.end) player?.play();
        });
      },
    ),
  );

  function attempt(act: () => void): void {
    try {
      act();
    } catch (caught) {
      console.error(caught);
      setBroken(true);
    }
  }

  /** The button goes as soon as it plays; the focus stays with the player, where the space bar pauses. */
  function begin(): void {
    panel?.focus({ preventScroll: true });
    toggle();
  }

  function toggle(): void {
    attempt(() => (playing() ? player?.pause() : player?.play()));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (
      event.key !== " " ||
      (event.target instanceof Element && event.target.closest("button, select, input") !== null)
    )
      return;
    event.preventDefault();
    toggle();
  }

  return (
    <div class="player" ref={panel} tabindex="-1">
      <div class="player-bar">
        <span class="player-address" title={address()}>
          {address() ?? "Recorded page"}
        </span>
        <span class="player-size">{`${page().width} × ${page().height}`}</span>
      </div>
      <Show when={broken()}>
        <Empty title="This recording cannot be played">
          The recorded page could not be rebuilt.
        </Empty>
      </Show>
      <div class="stage" ref={stage} hidden={broken()}>
        <div
          class="stage-fit"
          style={{ width: `${page().width * scale()}px`, height: `${page().height * scale()}px` }}
        >
          <div
            ref={root}
            class="stage-page"
            style={{
              width: `${page().width}px`,
              height: `${page().height}px`,
              transform: `scale(${scale()})`,
            }}
          />
        </div>
        <Show when={note()}>
          <p class="stage-note" role="status">
            {note()}
          </p>
        </Show>
        <Show when={!playing() && time() === props.content.start}>
          <button type="button" class="stage-play" onClick={begin} aria-label="Play" />
        </Show>
      </div>
      <Controls
        content={props.content}
        records={props.records}
        time={time()}
        playing={playing()}
        onToggle={toggle}
        onSeek={(to) => attempt(() => player?.seek(to))}
        onSpeed={(speed) => player?.setSpeed(speed)}
        onSkipInactive={(skip) => player?.setSkipInactive(skip)}
        onFullscreen={() =>
          void (document.fullscreenElement === null
            ? panel?.requestFullscreen()
            : document.exitFullscreen())
        }
      />
      <GapNotice
        gaps={props.content.gaps}
        content={props.content}
        time={time()}
        onSeek={(to) => attempt(() => player?.seek(to))}
      />
      <OmissionNotice
        content={props.content}
        time={time()}
        onSeek={(to) => attempt(() => player?.seek(to))}
      />
    </div>
  );
}

/** Recorded sizes are numbers of a stranger; outside of these no screen exists, and layout suffers. */
function sensible(size: number): number {
  return Number.isFinite(size) ? Math.min(8192, Math.max(64, size)) : 720;
}

/** Where the page was, by time: the recorder names an address only with each full capture, page views the ones between. */
function placesOf({
  content,
  records,
  recording,
}: StageProps): readonly { readonly time: number; readonly url: string | undefined }[] {
  const views = records.flatMap((record) =>
    record.kind === "page_view" && record.timestamp >= content.start
      ? [{ time: record.timestamp, url: record.url }]
      : [],
  );
  return [
    { time: Number.NEGATIVE_INFINITY, url: recording.initialUrl },
    ...[...content.addresses, ...views].sort((a, b) => a.time - b.time),
  ];
}
