import { A, useNavigate, useParams } from "@solidjs/router";
import ChevronDown from "lucide-solid/icons/chevron-down";
import ChevronLeft from "lucide-solid/icons/chevron-left";
import ChevronUp from "lucide-solid/icons/chevron-up";
import { createEffect, createMemo, onCleanup, onMount } from "solid-js";
import { type Api, ApiError } from "../api/client";
import type { ErrorRecord } from "../api/records";
import { errorHref } from "../link";
import { useApi } from "../shell/context";
import { useListBehind } from "../ui/list-behind";
import { createLoaded } from "../ui/load";
import { WhenLoaded } from "../ui/states";
import { ErrorDetail } from "./error-detail";
import { useErrorListing } from "./listing";

/** The page of one error: from the list when it is there, else looked up by its id. */
export function ErrorPage() {
  const api = useApi();
  const navigate = useNavigate();
  const params = useParams<{ id: string }>();
  const listing = useErrorListing();
  const list = useListBehind();

  const index = createMemo(() => listing.items().findIndex((error) => error.eventId === params.id));
  const [loaded, reload] = createLoaded(
    () => params.id,
    async (id, signal) =>
      listing.items().find((error) => error.eventId === id) ?? (await findError(api, id, signal)),
  );
  const newer = () => (index() > 0 ? listing.items()[index() - 1] : undefined);
  const older = () => (index() >= 0 ? listing.items()[index() + 1] : undefined);
  const show = (error: ErrorRecord | undefined) => {
    if (error !== undefined) navigate(errorHref(error), { replace: true });
  };

  createEffect(() => {
    const state = loaded();
    if (state.state === "ready") document.title = `${state.value.errorType} · Observer`;
  });
  onMount(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.target instanceof HTMLInputElement
      )
        return;
      if (event.key === "j") show(older());
      if (event.key === "k") show(newer());
    };
    addEventListener("keydown", onKey);
    onCleanup(() => removeEventListener("keydown", onKey));
  });

  return (
    <>
      <nav class="crumbs" aria-label="Errors">
        <A href={list.href()} end>
          <ChevronLeft size={16} aria-hidden="true" />
          Errors
        </A>
        <span class="crumbs-steps">
          <button
            type="button"
            class="button button-quiet button-small"
            disabled={newer() === undefined}
            onClick={() => show(newer())}
            title="Newer error (k)"
          >
            <ChevronUp size={16} aria-hidden="true" />
            Newer
          </button>
          <button
            type="button"
            class="button button-quiet button-small"
            disabled={older() === undefined}
            onClick={() => show(older())}
            title="Older error (j)"
          >
            <ChevronDown size={16} aria-hidden="true" />
            Older
          </button>
        </span>
      </nav>
      <WhenLoaded
        of={loaded()}
        waiting="Loading the error"
        failed="The error could not be read"
        onRetry={reload}
      >
        {(error) => <ErrorDetail error={error()} />}
      </WhenLoaded>
    </>
  );
}

async function findError(api: Api, eventId: string, signal: AbortSignal): Promise<ErrorRecord> {
  const page = await api.records({ kind: "error", eventId, limit: 1 }, signal);
  const found = page.items.find(
    (record): record is ErrorRecord => record.kind === "error" && record.eventId === eventId,
  );
  if (found === undefined) throw new ApiError({ kind: "not_found" });
  return found;
}
