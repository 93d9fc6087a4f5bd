import { useObserver, useTrackEvent } from "@observer/client/solid";
import { A, Navigate, type RouteSectionProps, useNavigate } from "@solidjs/router";
import {
  createContext,
  createSignal,
  For,
  type JSX,
  type ParentProps,
  Show,
  useContext,
} from "solid-js";
import { createStore } from "solid-js/store";
import { ApiError, beginSignUp, signUp, type Taste } from "../shop/api";
import { useAccounts, useTitle } from "../shop/context";
import { Field } from "../shop/field";

const TASTES: readonly { readonly taste: Taste; readonly words: string }[] = [
  { taste: "CUPS", words: "Cups and mugs" },
  { taste: "BOWLS", words: "Bowls and dishes" },
  { taste: "VASES", words: "Vases and planters" },
];
const STEPS = ["Your address", "About you", "Agree"] as const;

/** What was said so far. In memory alone: who leaves half-way leaves nothing behind. */
interface Said {
  email: string;
  name: string;
  taste: Taste;
}

const SaidContext = createContext<ReturnType<typeof createStore<Said>>>();

function useSaid() {
  const said = useContext(SaidContext);
  if (said === undefined) throw new Error("nobody is signing up here");
  return said;
}

/** Around the three steps, which are pages of their own. */
export function SignUp(props: RouteSectionProps) {
  const accounts = useAccounts();
  return (
    // Who has an account has nothing to sign up for.
    <Show when={accounts.current() === undefined} fallback={<Navigate href="/account" />}>
      <SaidContext.Provider value={createStore<Said>({ email: "", name: "", taste: "CUPS" })}>
        {props.children}
      </SaidContext.Provider>
    </Show>
  );
}

export function AddressStep() {
  useTitle(() => "Sign up");
  const [said, setSaid] = useSaid();
  const trackEvent = useTrackEvent();
  const navigate = useNavigate();
  return (
    <Step
      number={1}
      title="Come in"
      lead="First news of each firing, and the seconds before anybody else."
      button="Continue"
      onSubmit={async (form) => {
        const email = text(form, "email");
        await beginSignUp(email);
        setSaid("email", email);
        trackEvent("signup_started");
        navigate("/sign-up/details");
      }}
    >
      {(wrong) => (
        <Field
          label="E-mail"
          name="email"
          type="email"
          autocomplete="email"
          value={said.email}
          wrong={wrong("email")}
          required
        />
      )}
    </Step>
  );
}

export function DetailsStep() {
  useTitle(() => "About you");
  const [said, setSaid] = useSaid();
  const trackEvent = useTrackEvent();
  const navigate = useNavigate();
  return (
    <Begun>
      <Step
        number={2}
        title="About you"
        lead="So that we know whom we write to, and what about."
        button="Continue"
        back="/sign-up"
        onSubmit={async (form) => {
          const taste = TASTES.find((one) => one.taste === text(form, "taste"))?.taste ?? "CUPS";
          setSaid({ name: text(form, "name"), taste });
          trackEvent("signup_details_completed", { taste });
          navigate("/sign-up/confirm");
        }}
      >
        {() => (
          <>
            <Field label="Name" name="name" autocomplete="name" value={said.name} required />
            <fieldset class="choices">
              <legend>What do you like best?</legend>
              <For each={TASTES}>
                {({ taste, words }) => (
                  <label>
                    <input type="radio" name="taste" value={taste} checked={said.taste === taste} />
                    {words}
                  </label>
                )}
              </For>
            </fieldset>
          </>
        )}
      </Step>
    </Begun>
  );
}

export function ConfirmStep() {
  useTitle(() => "Agree");
  const [said] = useSaid();
  const accounts = useAccounts();
  const observer = useObserver();
  const trackEvent = useTrackEvent();
  return (
    <Begun>
      <Step
        number={3}
        title="Almost there"
        lead={`We write to ${said.email} four times a year, after each firing.`}
        button="Create account"
        back="/sign-up/details"
        onSubmit={async (form) => {
          const agreed = new FormData(form).has("agreed");
          const user = await signUp({ ...said, agreed });
          observer.identify(user.user_id);
          trackEvent("signup_completed", { taste: user.taste });
          accounts.signIn({ userId: user.user_id, name: user.name });
        }}
      >
        {(wrong) => (
          <div class="choices" classList={{ "field-wrong": wrong("agreed") !== undefined }}>
            <label>
              <input type="checkbox" name="agreed" />
              You may write to me.
            </label>
            <p class="field-words">{wrong("agreed") ?? wrong("name") ?? wrong("email")}</p>
          </div>
        )}
      </Step>
    </Begun>
  );
}

/** A step that makes no sense without the first. */
function Begun(props: ParentProps) {
  const [said] = useSaid();
  return (
    <Show when={said.email !== ""} fallback={<Navigate href="/sign-up" />}>
      {props.children}
    </Show>
  );
}

function Step(props: {
  readonly number: number;
  readonly title: string;
  readonly lead: string;
  readonly button: string;
  readonly back?: string;
  readonly onSubmit: (form: HTMLFormElement) => Promise<void>;
  readonly children: (wrong: (field: string) => string | undefined) => JSX.Element;
}) {
  const observer = useObserver();
  const [sending, setSending] = createSignal(false);
  const [refusal, setRefusal] = createSignal<ApiError>();

  async function submit(form: HTMLFormElement) {
    setSending(true);
    setRefusal(undefined);
    try {
      await props.onSubmit(form);
    } catch (error) {
      // What was typed wrongly is the visitor's to mend, and no error of ours.
      if (error instanceof ApiError && error.status < 500 && error.status > 0) setRefusal(error);
      else {
        observer.captureException(error);
        setRefusal(new ApiError("That did not work. Please try again.", 0));
      }
    } finally {
      setSending(false);
    }
  }

  return (
    <section class="steps-page" aria-labelledby="step-title">
      <ol class="steps" aria-label="Steps">
        <For each={STEPS}>
          {(step, index) => (
            <li
              aria-current={index() + 1 === props.number ? "step" : undefined}
              classList={{ done: index() + 1 < props.number }}
            >
              {step}
            </li>
          )}
        </For>
      </ol>
      <h1 id="step-title">{props.title}</h1>
      <p class="lead">{props.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <Show when={refusal()}>
          {(error) => (
            <p class="refusal" role="alert">
              {error().message}
            </p>
          )}
        </Show>
        {props.children((field) => refusal()?.fields[field])}
        <div class="step-buttons">
          <Show when={props.back}>
            {(back) => (
              <A class="button" href={back()}>
                Back
              </A>
            )}
          </Show>
          <button type="submit" class="button button-strong" disabled={sending()}>
            {sending() ? "One moment…" : props.button}
          </button>
        </div>
      </form>
    </section>
  );
}

function text(form: HTMLFormElement, name: string): string {
  return String(new FormData(form).get(name) ?? "");
}
