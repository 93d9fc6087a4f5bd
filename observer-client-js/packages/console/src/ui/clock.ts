import { type Accessor, createSignal, onCleanup, onMount } from "solid-js";

/** The time, moved on every `everyMs`, so that "3 min ago" stays true. */
export function createClock(everyMs = 15_000): Accessor<number> {
  const [now, setNow] = createSignal(Date.now());
  onMount(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    onCleanup(() => clearInterval(timer));
  });
  return now;
}
