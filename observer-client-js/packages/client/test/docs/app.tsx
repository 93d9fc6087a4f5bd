// #region imports
import { createObserver } from "@observer/client";
import { ObserverErrorBoundary, ObserverProvider } from "@observer/client/solid";
import { usePageViews } from "@observer/client/solid-router";
// #endregion imports
import { A, Route, Router, type RouteSectionProps, useParams } from "@solidjs/router";
import { render } from "solid-js/web";

export { observer };

function Home() {
  return <A href="/orders/7">Order 7</A>;
}

function Order() {
  const params = useParams();
  return <h1>Order {params.id}</h1>;
}

// #region observer
const observer = createObserver({
  service: "shop-web",
  release: "1.4.0",
  replay: "on-error",
});
// #endregion observer

// #region shell
function Shell(props: RouteSectionProps) {
  usePageViews(); // each page, by the pattern of its route
  return (
    <ObserverErrorBoundary
      name="Shop"
      fallback={(_, reset) => (
        <button type="button" onClick={reset}>
          Again
        </button>
      )}
    >
      {props.children}
    </ObserverErrorBoundary>
  );
}
// #endregion shell

const root = document.createElement("div");
document.body.append(root);

// #region render
render(
  () => (
    <ObserverProvider observer={observer}>
      <Router root={Shell}>
        <Route path="/" component={Home} />
        <Route path="/orders/:id" component={Order} />
      </Router>
    </ObserverProvider>
  ),
  root,
);
// #endregion render
