import { A, type RouteSectionProps, useParams } from "@solidjs/router";
import CirclePlay from "lucide-solid/icons/circle-play";
import RotateCw from "lucide-solid/icons/rotate-cw";
import { For, Show } from "solid-js";
import type { Session } from "../api/sessions";
import { absolute, duration, shortId, whole } from "../format";
import { pathOf, sessionHref } from "../link";
import { useApi, useAuth } from "../shell/context";
import { createListBehind, ListBehindContext } from "../ui/list-behind";
import { createListing } from "../ui/load";
import { Older } from "../ui/older";
import { RangeFilter, sinceOf } from "../ui/range-filter";
import { ServiceFilter, serviceOf } from "../ui/service-filter";
import { Empty, NoneMatch, WhenLoaded } from "../ui/states";
import { Ago, Clock } from "../ui/time";

const PAGE = 50;

/** Sessions, newest first; the list stays while one is looked at. */
export function SessionsPage(props: RouteSectionProps) {
  const api = useApi();
  const params = useParams<{ id?: string }>();
  const reading = () => params.id !== undefined;
  const list = createListBehind("/sessions", reading, "Sessions");

  const listing = createListing(
    () => ({
      range: list.narrowed("range"),
      userId: list.narrowed("user_id"),
      ...serviceOf(list),
    }),
    ({ range, ...by }, { moment, cursor }, signal) =>
      api.sessions({ ...by, since: sinceOf(range, moment), limit: PAGE, cursor }, signal),
    (session) => session.sessionId,
  );

  return (
    <Clock>
      <section hidden={reading()} aria-labelledby="sessions-title">
        <div class="page-head">
          <h1 id="sessions-title">Sessions</h1>
          <div class="page-tools">
            <input
              class="search"
              type="search"
              placeholder="User id"
              aria-label="Only sessions of this user id"
              value={list.narrowed("user_id")}
              onChange={(event) => list.narrow({ user_id: event.currentTarget.value.trim() })}
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
          waiting="Looking for sessions"
          failed="The sessions could not be read"
          onRetry={listing.reload}
        >
          {() => (
            <Show
              when={listing.items().length > 0}
              fallback={
                <Show
                  when={!list.isNarrowed()}
                  fallback={<NoneMatch noun="sessions" onAll={list.widen} />}
                >
                  <NoSessions />
                </Show>
              }
            >
              <table class="sessions">
                <thead>
                  <tr>
                    <th scope="col">Visitor</th>
                    <th scope="col">Entered at</th>
                    <th scope="col" class="numeric">
                      Pages
                    </th>
                    <th scope="col" class="numeric">
                      Events
                    </th>
                    <th scope="col" class="numeric">
                      Errors
                    </th>
                    <th scope="col">Replay</th>
                    <th scope="col" class="numeric">
                      Lasted
                    </th>
                    <th scope="col" class="numeric">
                      Started
                    </th>
                  </tr>
                </thead>
                <tbody>
                  <For each={listing.items()}>{(session) => <SessionRow session={session} />}</For>
                </tbody>
              </table>
              <Older listing={listing} noun="session" />
            </Show>
          )}
        </WhenLoaded>
      </section>
      <ListBehindContext.Provider value={list}>{props.children}</ListBehindContext.Provider>
    </Clock>
  );
}

function SessionRow(props: { readonly session: Session }) {
  return (
    <tr>
      <th scope="row">
        <A class="row-link" href={sessionHref(props.session.sessionId)}>
          <Who session={props.session} />
        </A>
      </th>
      <td class="session-entry">
        <Show when={props.session.entryUrl} fallback={<span class="quiet">–</span>}>
          {(url) => <code title={url()}>{pathOf(url())}</code>}
        </Show>
      </td>
      <td class="numeric" data-label="Pages">
        {whole(props.session.pageViews)}
      </td>
      <td class="numeric" data-label="Events">
        {whole(props.session.customEvents)}
      </td>
      <td
        class="numeric"
        data-label="Errors"
        classList={{ bad: props.session.errors > 0, zero: props.session.errors === 0 }}
      >
        {whole(props.session.errors)}
      </td>
      <td class="session-replay" classList={{ "session-no-replay": !props.session.hasReplay }}>
        <Show when={props.session.hasReplay} fallback={<span class="quiet">–</span>}>
          <span class="tag tag-replay">
            <CirclePlay size={13} aria-hidden="true" />
            Replay
          </span>
        </Show>
      </td>
      <td class="numeric" data-label="Lasted">
        {lasted(props.session)}
      </td>
      <td class="numeric session-start" title={absolute(props.session.firstTime)}>
        <Ago time={props.session.firstTime} />
      </td>
    </tr>
  );
}

/** How long a session lasted; one of a single moment has no length to speak of. */
export function lasted(session: Session): string {
  const length = session.lastTime - session.firstTime;
  return length < 1_000 ? "a moment" : duration(length);
}

/** The person as far as known: the app's user id, else the visitor, else the session alone. */
export function Who(props: { readonly session: Session }) {
  return (
    <Show
      when={props.session.userId}
      fallback={
        <span class="anonymous" title={props.session.visitorId ?? props.session.sessionId}>
          Visitor <code>{shortId(props.session.visitorId ?? props.session.sessionId)}</code>
        </span>
      }
    >
      {(userId) => <span class="user">{userId()}</span>}
    </Show>
  );
}

function NoSessions() {
  const auth = useAuth();
  return (
    <Empty title="No sessions yet">
      <p>A session begins with the first page someone opens. Put this into your pages:</p>
      <pre>
        <code>{`<script src="${auth.base}/client.js" data-service="shop" async></script>`}</code>
      </pre>
    </Empty>
  );
}
