import { Route, Router } from "@solidjs/router";
import { renderToString } from "solid-js/web";
import { createObserver } from "../src";
import {
  ObserverErrorBoundary,
  ObserverProvider,
  track,
  useObserver,
  useTrackEvent,
} from "../src/solid";
import { PageViews } from "../src/solid/router";

function Page() {
  useObserver().track("x");
  useTrackEvent()("y");
  return <p ref={track("z")}>page</p>;
}

function Broken(): never {
  throw new Error("on the server");
}

/** Rendered by ssr.test.ts in a Node of its own. */
export function renderPage(url: string): string {
  const observer = createObserver();
  return renderToString(() => (
    <ObserverProvider observer={observer}>
      <ObserverErrorBoundary fallback={(error) => `fallback: ${error}`}>
        <Router url={url} root={PageViews}>
          <Route path="/orders/:id" component={Page} />
          <Route path="/broken" component={Broken} />
        </Router>
      </ObserverErrorBoundary>
    </ObserverProvider>
  ));
}
