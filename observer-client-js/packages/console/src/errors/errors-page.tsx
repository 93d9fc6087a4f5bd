import { type RouteSectionProps, useNavigate, useParams } from "@solidjs/router";
import RotateCw from "lucide-solid/icons/rotate-cw";
import { For, Show } from "solid-js";
import type { ErrorRecord } from "../api/records";
import { useApi } from "../shell/context";
import { createListBehind, ListBehindContext } from "../ui/list-behind";
import { createListing } from "../ui/load";
import { Older } from "../ui/older";
import { RangeFilter, sinceOf } from "../ui/range-filter";
import { ServiceFilter, serviceOf } from "../ui/service-filter";
import { Empty, NoneMatch, WhenLoaded } from "../ui/states";
import { Clock } from "../ui/time";
import { ErrorRow } from "./error-row";
import { ErrorListing } from "./listing";

const PAGE = 50;
/** An event id; a W3C trace id has no dashes. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Recent errors, newest first. While one is read the list stays behind it, so that going back loses nothing. */
export function ErrorsPage(props: RouteSectionProps) {
  const api = useApi();
  const navigate = useNavigate();
  const params = useParams<{ id?: string }>();
  const reading = () => params.id !== undefined;
  const list = createListBehind("/errors", reading, "Errors");

  const listing = createListing(
    () => ({
      range: list.narrowed("range"),
      traceId: list.narrowed("trace_id"),
      ...serviceOf(list),
    }),
    async ({ range, ...by }, { moment, cursor }, signal) => {
      const since = sinceOf(range, moment);
      const page = await api.records({ kind: "error", ...by, since, limit: PAGE, cursor }, signal);
      return {
        ...page,
        items: page.items.filter((record): record is ErrorRecord => record.kind === "error"),
      };
    },
    (error) => error.eventId,
  );

  function find(field: HTMLInputElement): void {
    const id = field.value.trim();
    if (UUID.test(id)) {
      field.value = list.narrowed("trace_id");
      navigate(`/errors/${id.toLowerCase()}`);
    } else list.narrow({ trace_id: id });
  }

  return (
    <ErrorListing.Provider value={listing}>
      <Clock>
        <section hidden={reading()} aria-labelledby="errors-title">
          <div class="page-head">
            <h1 id="errors-title">Errors</h1>
            <div class="page-tools">
              <input
                class="search"
                type="search"
                placeholder="Event or trace id"
                aria-label="The error of this event id, or the errors of this trace id"
                value={list.narrowed("trace_id")}
                onChange={(event) => find(event.currentTarget)}
              />
              <ServiceFilter list={list} />
              <RangeFilter
                range={list.narrowed("range")}
                onRange={(range) => list.narrow({ range })}
              />
              <button type="button" class="button" onClick={listing.reload}>
                <RotateCw size={14} aria-hidden="true" />
                Refresh
              </button>
            </div>
          </div>
          <WhenLoaded
            of={listing.first()}
            waiting="Looking for errors"
            failed="The errors could not be read"
            onRetry={listing.reload}
          >
            {() => (
              <Show
                when={listing.items().length > 0}
                fallback={
                  <Show
                    when={!list.isNarrowed()}
                    fallback={<NoneMatch noun="errors" onAll={list.widen} />}
                  >
                    <NoErrors />
                  </Show>
                }
              >
                <ul class="rows">
                  <For each={listing.items()}>{(error) => <ErrorRow error={error} />}</For>
                </ul>
                <Older listing={listing} noun="error" />
              </Show>
            )}
          </WhenLoaded>
        </section>
        <ListBehindContext.Provider value={list}>{props.children}</ListBehindContext.Provider>
      </Clock>
    </ErrorListing.Provider>
  );
}

function NoErrors() {
  return (
    <Empty title="No errors yet">
      <p>
        Errors of your pages and of your server appear here within seconds. To see one now, run this
        in the console of a page that carries the script:
      </p>
      <pre>
        <code>observer.captureException(new Error("Hello, Observer"))</code>
      </pre>
    </Empty>
  );
}
