import { createObserver } from "@observer/client";
import { ObserverProvider } from "@observer/client/solid";
import { render } from "solid-js/web";
import { App } from "./app";
import "./style/base.css";
import "./style/shop.css";

// Everything that has to be said: who this is, what is recorded, and that clicks count which nothing answers. Where to send it is known, the shop being
// served by the same server.
const observer = createObserver({
  service: "shop-web",
  release: "1.0.0",
  replay: "on-error",
  autocapture: true,
});

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");
render(
  () => (
    <ObserverProvider observer={observer}>
      <App />
    </ObserverProvider>
  ),
  root,
);
