import { ObserverErrorBoundary, track } from "@observer/client/solid";
import { usePageViews } from "@observer/client/solid-router";
import { A, type RouteSectionProps } from "@solidjs/router";
import { createEffect, on, Show, Suspense } from "solid-js";
import { useAccounts, useCart } from "./shop/context";
import { Privacy } from "./shop/privacy";

/** What is around every page. */
export function Shell(props: RouteSectionProps) {
  usePageViews();
  const cart = useCart();
  const accounts = useAccounts();
  const whence = () => ({ from: props.location.pathname });
  let main: HTMLElement | undefined;

  // A new page is read from its beginning, by screen readers too.
  createEffect(
    on(
      () => props.location.pathname,
      () => main?.focus({ preventScroll: true }),
      { defer: true },
    ),
  );

  return (
    <>
      <header class="top">
        <A class="brand" href="/" end aria-label="Loam, the collection">
          <Mark />
          Loam
        </A>
        <nav aria-label="Shop">
          <A href="/" end>
            Collection
          </A>
          <A href="/broken">Things that break</A>
          <Show
            when={accounts.current()}
            fallback={
              <A href="/sign-up" ref={track("signup_clicked", { properties: whence })}>
                Sign up
              </A>
            }
          >
            <A href="/account">Account</A>
          </Show>
          <A class="cart-link" href="/cart">
            Cart
            <Show when={cart.pieces() > 0}>
              <span class="count">
                {cart.pieces()}
                <span class="sr-only"> {cart.pieces() === 1 ? "piece" : "pieces"}</span>
              </span>
            </Show>
          </A>
        </nav>
      </header>
      <main ref={main} tabindex="-1">
        <ObserverErrorBoundary
          name="Page"
          fallback={(_, reset) => (
            <div class="note page-note" role="alert">
              <h1>This page could not be shown</h1>
              <p>The error has been reported.</p>
              <button type="button" class="button" onClick={reset}>
                Try again
              </button>
            </div>
          )}
        >
          <Suspense fallback={<p class="waiting">Fetching from the shelf…</p>}>
            {props.children}
          </Suspense>
        </ObserverErrorBoundary>
      </main>
      <footer>
        <p>
          Loam is the example shop of Observer: nothing is sold, and what you do here can be watched
          in the{" "}
          <a href="/api/observer/console/" rel="external">
            console
          </a>
          . Orders and customers are <A href="/admin">behind the counter</A>.
        </p>
        <Privacy />
      </footer>
    </>
  );
}

function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="currentColor" />
      <path
        class="brand-vase"
        d="M11 8h10c-.4 2.6-1.2 3.6-1.2 5 0 2 4 3.6 4 7.4 0 3-2.4 4.6-4.6 4.6h-6.4c-2.2 0-4.6-1.6-4.6-4.6 0-3.8 4-5.4 4-7.4 0-1.4-.8-2.4-1.2-5z"
      />
    </svg>
  );
}
