import { useObserver } from "@observer/client/solid";
import { A, Navigate } from "@solidjs/router";
import { Show } from "solid-js";
import { Piece } from "../pottery/piece";
import type { Account } from "../shop/account";
import { useAccounts, useTitle } from "../shop/context";

export function AccountPage() {
  const accounts = useAccounts();
  return (
    <Show when={accounts.current()} fallback={<Navigate href="/" />}>
      {(account) => <Welcome account={account()} />}
    </Show>
  );
}

function Welcome(props: { readonly account: Account }) {
  useTitle(() => "Your account");
  const accounts = useAccounts();
  const observer = useObserver();

  function signOut() {
    accounts.signOut();
    // Whoever comes next on this device is somebody else.
    observer.reset();
  }

  return (
    <section class="narrow thanks">
      <Piece form="mug" glaze="moss" />
      {/* It was typed on another page, maybe days ago: the recorder cannot know. */}
      <h1>
        Hello, <span data-observer-mask>{props.account.name}</span>
      </h1>
      <p class="lead">
        You will hear from us after the next firing. What you do here is yours now: in the console
        it is under <code>{props.account.userId}</code>.
      </p>
      <p class="step-buttons">
        <A class="button" href="/">
          See the collection
        </A>
        <button type="button" class="button" onClick={signOut}>
          Sign out
        </button>
      </p>
    </section>
  );
}
