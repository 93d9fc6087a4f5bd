import { A } from "@solidjs/router";
import MonitorPlay from "lucide-solid/icons/monitor-play";
import { For, Show } from "solid-js";
import type { JsonObject } from "../api/decode";
import type { ErrorRecord } from "../api/records";
import { absolute, shortId } from "../format";
import { sessionHref } from "../link";
import { DataFacts, Fact, inLine, RecordedAddress } from "../ui/facts";
import { Ago } from "../ui/time";
import { Breadcrumbs } from "./breadcrumbs";
import { StackTrace } from "./stack-trace";

export function ErrorDetail(props: { readonly error: ErrorRecord }) {
  const flags = () => Object.entries(props.error.featureFlags);
  return (
    <article class="error">
      <header class="error-head">
        <p class="error-kind">
          <span class={`dot level-${props.error.level}`} aria-hidden="true" />
          <span>{props.error.level}</span>
          <Show when={props.error.handled !== undefined}>
            <span class="tag" classList={{ "tag-danger": props.error.handled === false }}>
              {props.error.handled === true ? "handled" : "unhandled"}
            </span>
          </Show>
          <Show when={props.error.mechanism}>
            {(mechanism) => <span class="tag">{mechanism()}</span>}
          </Show>
          <span class="quiet">
            <Ago time={props.error.timestamp} />
          </span>
        </p>
        <h1>{props.error.errorType}</h1>
        <p class="error-text">{props.error.message}</p>
        <Show when={props.error.sessionId}>
          {(sessionId) => (
            <A class="button button-primary" href={sessionHref(sessionId(), props.error.timestamp)}>
              <MonitorPlay size={16} aria-hidden="true" />
              See the session at this moment
            </A>
          )}
        </Show>
      </header>

      <div class="error-columns">
        <div class="error-story">
          <Show
            when={props.error.stackTrace}
            fallback={
              <section class="panel">
                <h2>Stack trace</h2>
                <p class="quiet">This error came without a stack trace.</p>
              </section>
            }
          >
            {(trace) => <StackTrace trace={trace()} title="Stack trace" said={props.error} />}
          </Show>
          <For each={props.error.causes}>
            {(cause) => (
              <Show
                when={cause.stackTrace}
                fallback={
                  <section class="panel">
                    <h2>Caused by {cause.errorType}</h2>
                    <p class="cause-message">{cause.message}</p>
                  </section>
                }
              >
                {(trace) => (
                  <StackTrace
                    trace={trace()}
                    title={`Caused by ${cause.errorType}`}
                    said={cause}
                    message={cause.message}
                  />
                )}
              </Show>
            )}
          </For>
          <Breadcrumbs crumbs={props.error.breadcrumbs} until={props.error.timestamp} />
        </div>

        <aside class="error-facts" aria-label="Facts">
          <section class="panel">
            <h2>Where and when</h2>
            <dl class="facts">
              <Fact name="Time">{absolute(props.error.timestamp)}</Fact>
              <Fact name="Service">{props.error.serviceName}</Fact>
              <Fact name="Environment">{props.error.environment}</Fact>
              <Fact name="Release">{props.error.release}</Fact>
              <Fact name="Source">{props.error.source}</Fact>
              <Fact name="Route">
                {props.error.route === undefined ? undefined : <code>{props.error.route}</code>}
              </Fact>
              <Fact name="Address">
                {props.error.url === undefined ? undefined : (
                  <RecordedAddress url={props.error.url} />
                )}
              </Fact>
              <Fact name="Component">{props.error.componentPath}</Fact>
            </dl>
          </section>
          <section class="panel">
            <h2>Who</h2>
            <dl class="facts">
              <Fact name="User">{props.error.userId}</Fact>
              <Fact name="Visitor">
                {props.error.visitorId === undefined ? undefined : (
                  <code title={props.error.visitorId}>{shortId(props.error.visitorId)}</code>
                )}
              </Fact>
              <Fact name="Session">
                {props.error.sessionId === undefined ? undefined : (
                  <A
                    href={sessionHref(props.error.sessionId, props.error.timestamp)}
                    title={props.error.sessionId}
                  >
                    <code>{shortId(props.error.sessionId)}</code>
                  </A>
                )}
              </Fact>
            </dl>
            <Show
              when={[props.error.userId, props.error.visitorId, props.error.sessionId].every(
                (id) => id === undefined,
              )}
            >
              <p class="quiet">Nobody in particular: no session, visitor or user was known.</p>
            </Show>
          </section>
          <Show when={flags().length > 0}>
            <section class="panel">
              <h2>Feature flags</h2>
              <ul class="flags">
                <For each={flags()}>
                  {([name, value]) => (
                    <li>
                      <code>{name}</code>{" "}
                      <span class="tag" classList={{ "tag-good": value === true }}>
                        {inLine(value)}
                      </span>
                    </li>
                  )}
                </For>
              </ul>
            </section>
          </Show>
          <DataPanel title="Properties" data={props.error.properties} />
          <DataPanel
            title="Context"
            named
            data={{
              ...(props.error.traceId === undefined ? {} : { trace_id: props.error.traceId }),
              ...(props.error.spanId === undefined ? {} : { span_id: props.error.spanId }),
              ...props.error.rest,
              ...(props.error.fingerprint === undefined
                ? {}
                : { fingerprint: props.error.fingerprint }),
              event_id: props.error.eventId,
            }}
          />
        </aside>
      </div>
    </article>
  );
}

function DataPanel(props: {
  readonly title: string;
  readonly data: JsonObject;
  readonly named?: boolean;
}) {
  return (
    <Show when={Object.keys(props.data).length > 0}>
      <section class="panel">
        <h2>{props.title}</h2>
        <DataFacts data={props.data} named={props.named === true} />
      </section>
    </Show>
  );
}
