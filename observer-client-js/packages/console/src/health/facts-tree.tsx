import { For, Match, Show, Switch } from "solid-js";
import { isObject, type JsonObject, list } from "../api/decode";
import { label } from "../format";
import { namedValue } from "./named-value";

/** Everything a server says about itself, whatever it is: plain values, objects, lists of objects. */
export function Facts(props: { readonly facts: JsonObject }) {
  const plain = () => Object.entries(props.facts).filter(([, value]) => !isNested(value));
  const nested = () => Object.entries(props.facts).filter(([, value]) => isNested(value));
  return (
    <div class="health-facts">
      <Show when={plain().length > 0}>
        <section class="panel">
          <h2>Server</h2>
          <Values entries={plain()} />
        </section>
      </Show>
      <For each={nested()}>
        {([name, value]) => (
          <section class="panel">
            <h2>{label(name)}</h2>
            <Nested value={value} bad={/loss|lost|drop|reject/.test(name)} />
          </section>
        )}
      </For>
    </div>
  );
}

function Nested(props: { readonly value: unknown; readonly bad: boolean }) {
  const table = () => asTable(props.value);
  return (
    <Switch
      fallback={
        <Values
          entries={Object.entries(isObject(props.value) ? props.value : {})}
          bad={props.bad}
        />
      }
    >
      <Match when={table()}>{(rows) => <Table rows={rows()} />}</Match>
      <Match when={isEmpty(props.value)}>
        <p class="quiet">None.</p>
      </Match>
    </Switch>
  );
}

function Values(props: {
  readonly entries: readonly (readonly [string, unknown])[];
  /** Whether a number above nothing is bad news. */
  readonly bad?: boolean;
}) {
  return (
    <dl class="facts">
      <For each={props.entries}>
        {([name, value]) => (
          <div class="fact">
            <dt>{label(name)}</dt>
            <dd classList={{ bad: props.bad === true && typeof value === "number" && value > 0 }}>
              {namedValue(name, value)}
            </dd>
          </div>
        )}
      </For>
    </dl>
  );
}

interface Row {
  readonly name: string | undefined;
  readonly values: JsonObject;
}

/** A list of objects, or an object of objects, is a table: a row each, a column for every name that occurs. */
function asTable(value: unknown): readonly Row[] | undefined {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every(isObject)
      ? value.map((values) => ({ name: undefined, values }))
      : undefined;
  }
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([, row]) => isObject(row))
    ? entries.flatMap(([name, row]) => (isObject(row) ? [{ name, values: row }] : []))
    : undefined;
}

function Table(props: { readonly rows: readonly Row[] }) {
  const columns = () => [...new Set(props.rows.flatMap((row) => Object.keys(row.values)))];
  const named = () => props.rows.some((row) => row.name !== undefined);
  return (
    <div class="table-scroll">
      <table class="facts-table">
        <thead>
          <tr>
            <Show when={named()}>
              <th scope="col">Name</th>
            </Show>
            <For each={columns()}>{(column) => <th scope="col">{label(column)}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr>
                <Show when={named()}>
                  <th scope="row">{row.name}</th>
                </Show>
                <For each={columns()}>
                  {(column) => (
                    <td>
                      <Cell name={column} value={row.values[column]} />
                    </td>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}

function Cell(props: { readonly name: string; readonly value: unknown }) {
  const state = () =>
    ["up", "degraded", "failing", "down"].includes(String(props.value))
      ? String(props.value)
      : undefined;
  return (
    <>
      <Show when={state()}>
        {(word) => <span class={`dot dot-${word()}`} aria-hidden="true" />}
      </Show>
      {namedValue(props.name, props.value)}
    </>
  );
}

function isNested(value: unknown): boolean {
  return (
    isObject(value) || (Array.isArray(value) && (value.length === 0 || list(value).some(isObject)))
  );
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : isObject(value) && Object.keys(value).length === 0;
}
