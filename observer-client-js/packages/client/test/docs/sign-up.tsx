// #region events
interface SignupEvents {
  signup_started: undefined;
  signup_details_completed: { plan: "free" | "team" };
  signup_completed: { plan: "free" | "team"; days_to_decide: number };
}

// #endregion events

// #region funnel
import { track, useObserver, useTrackEvent } from "@observer/client/solid";

export function SignUp(props: { create: (plan: "free" | "team") => Promise<{ id: string }> }) {
  const observer = useObserver<SignupEvents>();
  const trackEvent = useTrackEvent<SignupEvents>();

  async function finish() {
    trackEvent("signup_details_completed", { plan: "team" });
    const user = await props.create("team");
    observer.identify(user.id);
    observer.track("signup_completed", { plan: "team", days_to_decide: 0 });
  }

  return (
    <>
      <a href="#details" ref={track("signup_started")}>
        Create an account
      </a>
      <button type="button" onClick={() => void finish()}>
        Finish
      </button>
    </>
  );
}
// #endregion funnel
