import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { ErrorRecord } from "../api/records";
import { shortType } from "../format";
import { errorHref, pathOf, sessionHref } from "../link";
import { Ago } from "../ui/time";

export function ErrorRow(props: { readonly error: ErrorRecord }) {
  const where = () =>
    props.error.route ?? (props.error.url === undefined ? undefined : pathOf(props.error.url));
  return (
    <li class="row">
      <span
        class={`dot level-${props.error.level}`}
        role="img"
        aria-label={`Level ${props.error.level}`}
        title={props.error.level}
      />
      <div class="row-main">
        <A class="row-link" href={errorHref(props.error)}>
          <span class="error-type" title={props.error.errorType}>
            {shortType(props.error.errorType)}
          </span>{" "}
          <span class="error-message">{props.error.message}</span>
        </A>
        <p class="row-facts">
          <Show when={where()}>{(place) => <code>{place()}</code>}</Show>
          <span>{props.error.serviceName}</span>
          <Show when={props.error.environment}>
            {(environment) => <span>{environment()}</span>}
          </Show>
          <Show when={props.error.release}>
            {(release) => <span title="Release">{release()}</span>}
          </Show>
          <Show when={props.error.handled === false}>
            <span class="unhandled">unhandled</span>
          </Show>
        </p>
      </div>
      <Show when={props.error.sessionId}>
        {(sessionId) => (
          <A class="row-aside" href={sessionHref(sessionId(), props.error.timestamp)}>
            Session
          </A>
        )}
      </Show>
      <span class="row-time">
        <Ago time={props.error.timestamp} />
      </span>
    </li>
  );
}
