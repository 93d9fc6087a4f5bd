import { For, type JSX, Show } from "solid-js";
import type { JsonObject } from "../api/decode";
import { label } from "../format";
import { placeOf, webAddress } from "../link";

/** One named value; nothing is shown for a value that is not there. */
export function Fact(props: {
  readonly name: string;
  readonly children: JSX.Element;
  readonly title?: string;
}) {
  return (
    <Show when={props.children !== undefined && props.children !== "" && props.children !== null}>
      <div class="fact">
        <dt>{props.name}</dt>
        <dd title={props.title}>{props.children}</dd>
      </div>
    </Show>
  );
}

/** Data of a record: free data by the names the app gave it, our own (`named`) in words. */
export function DataFacts(props: { readonly data: JsonObject; readonly named?: boolean }) {
  return (
    <dl class="facts">
      <For each={Object.entries(props.data)}>
        {([name, value]) => (
          <div class="fact">
            <dt>
              <Show when={props.named} fallback={<code>{name}</code>}>
                {label(name)}
              </Show>
            </dt>
            <dd class="data-value">{inLine(value)}</dd>
          </div>
        )}
      </For>
    </dl>
  );
}

/** A recorded address with its host, because it leads there: a link when it is a web address, else plain text. */
export function RecordedAddress(props: { readonly url: string }) {
  return (
    <Show when={webAddress(props.url)} fallback={<span>{props.url}</span>}>
      {(href) => (
        <a href={href()} target="_blank" rel="noopener noreferrer external" title={props.url}>
          {placeOf(props.url)}
        </a>
      )}
    </Show>
  );
}

/** Any JSON value as text in one line, strings without quotes. */
export function inLine(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
