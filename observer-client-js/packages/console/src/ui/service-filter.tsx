import { createMemo, For, Show } from "solid-js";
import type { Service } from "../api/services";
import { useServices } from "../shell/context";
import type { ListBehind } from "./list-behind";

/** Narrows a list to one service in one environment. Nothing is shown while there is but one to choose. */
export function ServiceFilter(props: { readonly list: ListBehind }) {
  const known = useServices();
  const chosen = () => serviceOf(props.list);
  // One that an address names may have been forgotten since, or be half of a pair.
  const names = createMemo(() => [
    ...new Set([...known(), chosen()].map(nameOf).filter((name) => name !== "")),
  ]);

  function choose(name: string): void {
    const [serviceName = "", environment = ""] = name.split(BETWEEN);
    props.list.narrow({ service_name: serviceName, environment });
  }

  return (
    <Show when={names().length > 1 || nameOf(chosen()) !== ""}>
      <select
        class="select"
        aria-label="Only this service"
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="" selected={nameOf(chosen()) === ""}>
          All services
        </option>
        <For each={names()}>
          {(name) => (
            <option value={name} selected={name === nameOf(chosen())}>
              {name}
            </option>
          )}
        </For>
      </select>
    </Show>
  );
}

/** The service that a list is narrowed to; a part of it is empty where it is not narrowed to it. */
export function serviceOf(list: ListBehind): Service {
  return {
    serviceName: list.narrowed("service_name"),
    environment: list.narrowed("environment"),
  };
}

/** No part of a name has it. */
const BETWEEN = " · ";

function nameOf({ serviceName, environment }: Service): string {
  return serviceName === "" && environment === "" ? "" : `${serviceName}${BETWEEN}${environment}`;
}
