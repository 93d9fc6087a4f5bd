import { type Accessor, type JSX, Match, Show, Switch } from "solid-js";
import type { Refusal } from "../api/client";
import { inWords } from "../api/words";
import type { Loaded } from "./load";

/** Something is on its way. Shows itself only after a moment, because most answers are there by then. */
export function Waiting(props: {
  readonly what: string;
  /** How far it is: seen, but not said, because it changes with each step. */
  readonly progress?: string | undefined;
  readonly page?: boolean;
}) {
  return (
    <p class="waiting" classList={{ "waiting-page": props.page === true }} role="status">
      <span class="waiting-bar" aria-hidden="true" />
      {props.what}
      <span aria-hidden="true">{props.progress}</span> …
    </p>
  );
}

/** Nothing to show, and what that means. */
export function Empty(props: {
  readonly title: string;
  readonly icon?: JSX.Element;
  readonly children?: JSX.Element;
}) {
  return (
    <div class="empty">
      {props.icon}
      <h2>{props.title}</h2>
      <div class="empty-words">{props.children}</div>
    </div>
  );
}

/** A request failed: why, and a way to try again. */
export function Failure(props: {
  readonly what: string;
  readonly refusal: Refusal;
  readonly onRetry?: () => void;
}) {
  return (
    <div class="failure" role="alert">
      <h2>{props.what}</h2>
      <p>{inWords(props.refusal)}</p>
      <Show when={props.onRetry}>
        {(retry) => (
          <button type="button" class="button" onClick={() => retry()()}>
            Try again
          </button>
        )}
      </Show>
    </div>
  );
}

/** Says that a list is empty because of what it is narrowed to. */
export function NoneMatch(props: { readonly noun: string; readonly onAll: () => void }) {
  return (
    <Empty title={`No ${props.noun} match`}>
      <button type="button" class="button" onClick={() => props.onAll()}>
        Show everything kept
      </button>
    </Empty>
  );
}

/** Shows what was loaded, or that it is loading, or why it is not there. */
export function WhenLoaded<T>(props: {
  readonly of: Loaded<T>;
  readonly waiting: string;
  readonly progress?: string;
  readonly failed: string;
  readonly onRetry: () => void;
  readonly children: (value: Accessor<T>) => JSX.Element;
}) {
  const ready = () => (props.of.state === "ready" ? { value: props.of.value } : undefined);
  const failed = () => (props.of.state === "failed" ? props.of : undefined);
  return (
    <Switch fallback={<Waiting what={props.waiting} progress={props.progress} />}>
      <Match when={ready()}>{(box) => props.children(() => box().value)}</Match>
      <Match when={failed()}>
        {(failure) => (
          <Failure what={props.failed} refusal={failure().refusal} onRetry={props.onRetry} />
        )}
      </Match>
    </Switch>
  );
}
