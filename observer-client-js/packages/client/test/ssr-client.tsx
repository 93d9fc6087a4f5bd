import { hydrate } from "solid-js/web";
import { createObserver } from "../src";
import { App } from "./ssr-app";

/** Bundled by hydration.test.ts, for a page that the server has rendered. */
const root = document.querySelector("#app");
const observer = createObserver({ vitals: false });
if (root) hydrate(() => <App observer={observer} />, root);
