import { Show } from "solid-js";
import { inWords } from "../api/words";
import { counted } from "../format";
import type { Listing } from "./load";

/** The foot of a listing: the way to older items, or that there are none. */
export function Older<T>(props: { readonly listing: Listing<T>; readonly noun: string }) {
  const older = () => props.listing.older();
  const trouble = () => {
    const state = older();
    return typeof state === "object" ? state.refusal : undefined;
  };
  return (
    <div class="older">
      <Show when={trouble()}>
        {(refusal) => (
          <p class="notice notice-danger" role="alert">
            {inWords(refusal())}
          </p>
        )}
      </Show>
      <Show
        when={older() !== undefined}
        fallback={
          <p class="quiet">{`${counted(props.listing.items().length, props.noun)} in all`}</p>
        }
      >
        <button
          type="button"
          class="button"
          aria-disabled={older() === "loading"}
          onClick={() => props.listing.loadOlder()}
        >
          {older() === "loading" ? "Loading …" : "Load older"}
        </button>
      </Show>
      <Show when={props.listing.unread() > 0}>
        <p class="quiet">{`${counted(props.listing.unread(), "more is", "more are")} of a kind this console does not know.`}</p>
      </Show>
    </div>
  );
}
