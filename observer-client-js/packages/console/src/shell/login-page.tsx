import { createSignal, onMount, Show } from "solid-js";
import { inWords } from "../api/words";
import type { Login } from "../auth";
import { Mark } from "./mark";

export function LoginPage(props: {
  readonly login: Extract<Login, { state: "out" }>;
  readonly onToken: (token: string) => void;
  /** Asks again whether a login of before holds. */
  readonly onRetry: () => void;
}) {
  const [token, setToken] = createSignal("");
  let field: HTMLInputElement | undefined;

  onMount(() => {
    document.title = "Log in · Observer";
    field?.focus();
  });

  const trouble = () => {
    const { reason, refusal } = props.login;
    if (refusal !== undefined) return inWords(refusal);
    if (reason === "wrong_token")
      return "This token is not the server's. Check that you copied all of it.";
    return reason === "expired" ? "Your login has expired. Log in again to go on." : undefined;
  };

  return (
    <main class="login">
      <form
        class="login-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token().trim() !== "" && props.login.asking !== true) props.onToken(token().trim());
        }}
      >
        <Mark size={40} />
        <h1>Observer</h1>
        <p class="login-lead">Errors, sessions and replays of your application.</p>
        <Show when={trouble()}>
          {(words) => (
            <p class="notice notice-danger" role="alert">
              {words()}
            </p>
          )}
        </Show>
        <Show when={props.login.refusal}>
          <button
            type="button"
            class="button"
            onClick={() => {
              field?.focus();
              props.onRetry();
            }}
          >
            Try again
          </button>
        </Show>
        {/* Password managers file the token under this name. */}
        <input
          type="text"
          name="username"
          autocomplete="username"
          value="observer"
          readonly
          hidden
        />
        <label for="token">Access token</label>
        <input
          ref={field}
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          aria-describedby="token-where"
          value={token()}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button class="button button-primary" type="submit">
          {props.login.asking === true ? "Asking the server …" : "Log in"}
        </button>
        <p class="login-where" id="token-where">
          The token is kept beside the server's data, in <code>keys/read-token</code>. A server with
          a port of its own also printed a link with it when it first started.
        </p>
      </form>
    </main>
  );
}
