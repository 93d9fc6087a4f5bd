import { Route, Router } from "@solidjs/router";
import { generateHydrationScript, renderToString } from "solid-js/web";
import { createObserver, type Observer } from "../src";
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

/** On the server by `url`, in a browser by its address. */
export function App(props: { readonly observer: Observer; readonly url?: string }) {
  return (
    <ObserverProvider observer={props.observer}>
      <ObserverErrorBoundary fallback={(error) => <p class="fallback">{`fallback: ${error}`}</p>}>
        <Router url={props.url ?? ""} root={PageViews}>
          <Route path="/orders/:id" component={Page} />
          <Route path="/broken" component={Broken} />
        </Router>
      </ObserverErrorBoundary>
    </ObserverProvider>
  );
}

/** Rendered by ssr.test.ts in a Node of its own. */
export function renderPage(url: string): string {
  const observer = createObserver();
  return renderToString(() => <App observer={observer} url={url} />);
}

/** The document that a browser takes over. */
export function documentOf(url: string): string {
  return `<!doctype html><title>Server</title>${generateHydrationScript()}<div id="app">${renderPage(url)}</div>`;
}
