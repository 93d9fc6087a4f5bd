import { A, type RouteSectionProps, useLocation } from "@solidjs/router";
import Bug from "lucide-solid/icons/bug";
import HeartPulse from "lucide-solid/icons/heart-pulse";
import LogOut from "lucide-solid/icons/log-out";
import Users from "lucide-solid/icons/users";
import { createEffect, createResource, createSignal, on, Show } from "solid-js";
import { type JsonObject, text } from "../api/decode";
import { readServices } from "../api/services";
import { inWords } from "../api/words";
import { createClock } from "../ui/clock";
import { ServicesContext, useAuth } from "./context";
import { Mark } from "./mark";

/** The frame of every page: navigation, what server this is, the way out. */
export function Shell(props: RouteSectionProps) {
  const auth = useAuth();
  const [trouble, setTrouble] = createSignal<string>();
  const location = useLocation();
  const minute = createClock(60_000);
  const [health] = createResource(
    () => [location.pathname, minute()],
    () => auth.api.health().catch((): JsonObject => ({})),
  );

  let main: HTMLElement | undefined;
  // Whoever reads with the keyboard or a screen reader starts at the new page, not at the link that is gone.
  createEffect(
    on(
      () => location.pathname,
      () => main?.focus({ preventScroll: true }),
      { defer: true },
    ),
  );

  async function leave(): Promise<void> {
    const refusal = await auth.leave();
    setTrouble(refusal === undefined ? undefined : `You are still logged in. ${inWords(refusal)}`);
  }

  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main?.focus()}>
        Skip to content
      </button>
      <header class="side">
        <A href="/" class="brand" end>
          <Mark />
          <span>Observer</span>
        </A>
        <nav aria-label="Main">
          <A href="/errors">
            <Bug size={16} aria-hidden="true" />
            Errors
          </A>
          <A href="/sessions">
            <Users size={16} aria-hidden="true" />
            Sessions
          </A>
          <A href="/health">
            <HeartPulse size={16} aria-hidden="true" />
            Health
          </A>
        </nav>
        <div class="side-foot">
          <Show when={health.latest}>
            {(facts) => (
              <p class="side-server">
                <span class={`dot dot-${text(facts().status) ?? "down"}`} aria-hidden="true" />
                <span>
                  Server {text(facts().status) ?? "does not answer"}
                  <Show when={text(facts().version)}>
                    {(version) => <small>{version()}</small>}
                  </Show>
                </span>
              </p>
            )}
          </Show>
          <button type="button" class="button button-quiet" onClick={() => void leave()}>
            <LogOut size={16} aria-hidden="true" />
            Log out
          </button>
          <Show when={trouble()}>
            {(words) => (
              <p class="notice notice-danger" role="alert">
                {words()}
              </p>
            )}
          </Show>
        </div>
      </header>
      <main ref={main} id="main" class="page" tabindex="-1">
        <ServicesContext.Provider value={() => readServices(health.latest ?? {})}>
          {props.children}
        </ServicesContext.Provider>
      </main>
    </div>
  );
}
