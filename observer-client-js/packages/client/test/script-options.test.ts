import { expect, test } from "vitest";
import { replayOptionsOf } from "../src/replay/replay";
import { optionsOf } from "../src/script-options";

function script(attributes: Record<string, string>): HTMLScriptElement {
  const element = document.createElement("script");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

test("with nothing set, data goes to the folder the script came from", () => {
  const src = "https://shop.example/api/observer/client.js?v=1";
  expect(optionsOf(script({ src }))).toEqual({
    endpoint: "https://shop.example/api/observer/",
  });
  expect(optionsOf(null)).toEqual({});
});

test("data attributes are the options in kebab case", () => {
  const element = script({
    src: "/x/client.js",
    "data-endpoint": "/elsewhere",
    "data-service": "shop-web",
    "data-key": "007",
    "data-environment": "production",
    "data-release": "1.4.0",
    "data-replay": "on-error",
    "data-page-views": "false",
    "data-errors": "false",
    "data-sampling": '{"events":0.1}',
    "data-require-consent": "true",
    "data-console-errors": "true",
    "data-vitals": "false",
    "data-autocapture": "true",
    "data-traces": "https://api.example https://b.example",
    "data-empty": "",
  });
  expect(optionsOf(element)).toEqual({
    endpoint: "/elsewhere",
    service: "shop-web",
    key: "007",
    environment: "production",
    release: "1.4.0",
    replay: "on-error",
    pageViews: false,
    errors: false,
    sampling: { events: 0.1 },
    requireConsent: true,
    consoleErrors: true,
    vitals: false,
    autocapture: true,
    traces: "https://api.example https://b.example",
  });
});

test.each([
  ["always", "always", false],
  ['{"mode":"on-error","maskAllText":true}', "on-error", true],
  ['{"mode":"sometimes"}', "off", false],
  ["sometimes", "off", false],
  ["{", "off", false],
  ["null", "off", false],
])("data-replay=%s is read, and what cannot be read records nothing", (text, mode, maskAllText) => {
  const { replay } = optionsOf(script({ src: "/x/client.js", "data-replay": text }));
  expect(replayOptionsOf(replay)).toMatchObject({ mode, maskAllText });
});

test.each([
  ["false", false],
  ["https://api.example https://b.example", "https://api.example https://b.example"],
  ['["https://api.example"]', ["https://api.example"]],
])("data-traces=%s is read", (text, traces) => {
  expect(optionsOf(script({ src: "/x/client.js", "data-traces": text })).traces).toEqual(traces);
});
