import RotateCw from "lucide-solid/icons/rotate-cw";
import { onMount } from "solid-js";
import { type JsonObject, text } from "../api/decode";
import { useApi } from "../shell/context";
import { createLoaded } from "../ui/load";
import { WhenLoaded } from "../ui/states";
import { Facts } from "./facts-tree";

const MEANING: Readonly<Record<string, string>> = {
  up: "Everything is accepted, kept and delivered.",
  degraded: "Data is accepted and kept, but not all of it gets where it belongs yet.",
  down: "New events cannot be accepted.",
};

/** The state of the server, with everything it tells about itself. */
export function HealthPage() {
  const api = useApi();
  const [loaded, reload] = createLoaded(
    () => true,
    (_, signal) => api.health(signal),
  );
  onMount(() => {
    document.title = "Health · Observer";
  });
  return (
    <section aria-labelledby="health-title">
      <div class="page-head">
        <h1 id="health-title">Health</h1>
        <div class="page-tools">
          <button type="button" class="button" onClick={reload}>
            <RotateCw size={14} aria-hidden="true" />
            Refresh
          </button>
        </div>
      </div>
      <WhenLoaded
        of={loaded()}
        waiting="Asking the server"
        failed="The server's health could not be read"
        onRetry={reload}
      >
        {(health) => <HealthView health={health()} />}
      </WhenLoaded>
    </section>
  );
}

function HealthView(props: { readonly health: JsonObject }) {
  const status = () => text(props.health.status) ?? "unknown";
  const rest = () =>
    Object.fromEntries(
      Object.entries(props.health).filter(([name]) => name !== "status" && name !== "version"),
    );
  return (
    <>
      <div class={`health-status health-${status()}`}>
        <span class={`dot dot-${status()}`} aria-hidden="true" />
        <div>
          <p class="health-word">{status()}</p>
          <p>{MEANING[status()] ?? "The server reports a state this console does not know."}</p>
        </div>
        <p class="health-version">{text(props.health.version)}</p>
      </div>
      <Facts facts={rest()} />
    </>
  );
}
