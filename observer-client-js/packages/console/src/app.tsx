import { HashRouter, Navigate, Route } from "@solidjs/router";
import { Match, onCleanup, onMount, Switch } from "solid-js";
import { createAuth, type Login, takeToken } from "./auth";
import { ErrorPage } from "./errors/error-page";
import { ErrorsPage } from "./errors/errors-page";
import { HealthPage } from "./health/health-page";
import { SessionPage } from "./sessions/session-page";
import { SessionsPage } from "./sessions/sessions-page";
import { ConsoleContext } from "./shell/context";
import { LoginPage } from "./shell/login-page";
import { NotFound } from "./shell/not-found";
import { Shell } from "./shell/shell";
import { Waiting } from "./ui/states";

/** The console. `token` is what the ready link brought, if any. */
export function App(props: { readonly base: string; readonly token: string | undefined }) {
  const auth = createAuth(props.base);

  onMount(() => {
    void (props.token === undefined ? auth.check() : auth.enter(props.token));
    // A ready link opened in a tab that shows the console already. Capture, so that the router never sees the token.
    const onHashChange = (event: HashChangeEvent) => {
      const token = takeToken(window);
      if (token === undefined) return;
      event.stopImmediatePropagation();
      void auth.enter(token);
    };
    window.addEventListener("hashchange", onHashChange, { capture: true });
    onCleanup(() => window.removeEventListener("hashchange", onHashChange, { capture: true }));
  });

  return (
    <ConsoleContext.Provider value={auth}>
      <Switch fallback={<Waiting what="Opening the console" page />}>
        <Match when={out(auth.login())}>
          {(login) => (
            <LoginPage
              login={login()}
              onToken={(token) => void auth.enter(token)}
              onRetry={() => void auth.check()}
            />
          )}
        </Match>
        <Match when={auth.login().state === "in"}>
          <HashRouter root={Shell} explicitLinks>
            <Route path="/" component={() => <Navigate href="/errors" />} />
            <Route path="/errors" component={ErrorsPage}>
              <Route path="/" />
              <Route path="/:id" component={ErrorPage} />
            </Route>
            <Route path="/sessions" component={SessionsPage}>
              <Route path="/" />
              <Route path="/:id" component={SessionPage} />
            </Route>
            <Route path="/health" component={HealthPage} />
            <Route path="*" component={NotFound} />
          </HashRouter>
        </Match>
      </Switch>
    </ConsoleContext.Provider>
  );
}

function out(login: Login): Extract<Login, { state: "out" }> | undefined {
  return login.state === "out" ? login : undefined;
}
