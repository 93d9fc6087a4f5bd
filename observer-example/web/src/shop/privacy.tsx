import { useObserver } from "@observer/client/solid";
import { createSignal } from "solid-js";

const KEY = "loam.unobserved";

/** Whether to be observed is the visitor's choice, at any time. */
export function Privacy() {
  const observer = useObserver();
  const [out, setOut] = createSignal(localStorage.getItem(KEY) !== null);

  function choose(unobserved: boolean) {
    if (unobserved) {
      localStorage.setItem(KEY, "yes");
      void observer.optOut();
    } else {
      localStorage.removeItem(KEY);
      observer.optIn();
    }
    setOut(unobserved);
  }

  return (
    <p>
      {out() ? "This visit is not observed." : "What you type is never recorded."}{" "}
      <button type="button" class="in-text" onClick={() => choose(!out())}>
        {out() ? "Observe it" : "Do not observe me at all"}
      </button>
    </p>
  );
}
