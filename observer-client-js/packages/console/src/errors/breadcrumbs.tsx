import CornerDownRight from "lucide-solid/icons/corner-down-right";
import MousePointerClick from "lucide-solid/icons/mouse-pointer-click";
import Network from "lucide-solid/icons/network";
import Tag from "lucide-solid/icons/tag";
import Terminal from "lucide-solid/icons/terminal";
import { For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Breadcrumb } from "../api/records";
import { absolute, duration } from "../format";
import { inLine } from "../ui/facts";

const ICONS = new Map([
  ["click", MousePointerClick],
  ["navigation", CornerDownRight],
  ["console", Terminal],
  ["http", Network],
]);

/** What happened before the error, the last first, each with how long before. */
export function Breadcrumbs(props: {
  readonly crumbs: readonly Breadcrumb[];
  readonly until: number;
}) {
  return (
    <section class="panel">
      <h2>What happened before</h2>
      <Show
        when={props.crumbs.length > 0}
        fallback={<p class="quiet">Nothing was noted before this error.</p>}
      >
        <ol class="crumb-list">
          <For each={[...props.crumbs].reverse()}>
            {(crumb) => (
              <li class={`crumb crumb-${crumb.category}`}>
                <span class="crumb-icon" title={crumb.category}>
                  <Dynamic
                    component={ICONS.get(crumb.category) ?? Tag}
                    size={14}
                    aria-label={crumb.category}
                  />
                </span>
                <div>
                  <p>{crumb.message}</p>
                  <Show when={Object.keys(crumb.properties).length > 0}>
                    <p class="crumb-data">
                      <For each={Object.entries(crumb.properties)}>
                        {([name, value]) => (
                          <span>
                            {name} <b>{inLine(value)}</b>
                          </span>
                        )}
                      </For>
                    </p>
                  </Show>
                </div>
                <Show when={crumb.timestamp}>
                  {(time) => (
                    <time
                      title={absolute(time())}
                    >{`−${duration(Math.max(0, props.until - time()))}`}</time>
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
