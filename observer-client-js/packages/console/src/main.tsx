import { render } from "solid-js/web";
import { apiBase } from "./api/base";
import { App } from "./app";
import { takeToken } from "./auth";
import "./style/base.css";
import "./style/shell.css";
import "./style/records.css";
import "./style/session.css";

// Before anything else runs, so that the token is out of the address bar and the history at once.
const token = takeToken(window);
const root = document.getElementById("console");
if (root !== null) render(() => <App base={apiBase(new URL(location.href))} token={token} />, root);
