import { type Accessor, createContext, type JSX, useContext } from "solid-js";
import { absolute, ago } from "../format";
import { createClock } from "./clock";

const ClockContext = createContext<Accessor<number>>(() => Date.now());

/** One clock for all relative times inside. */
export function Clock(props: { readonly children: JSX.Element }) {
  return <ClockContext.Provider value={createClock()}>{props.children}</ClockContext.Provider>;
}

/** "3 min ago", the exact time on hover. */
export function Ago(props: { readonly time: number }) {
  const now = useContext(ClockContext);
  return (
    <time datetime={new Date(props.time).toISOString()} title={absolute(props.time)}>
      {ago(props.time, now())}
    </time>
  );
}
