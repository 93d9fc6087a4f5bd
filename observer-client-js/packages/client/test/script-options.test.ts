import { expect, test } from "vitest";
import { settingsOf } from "../src/options";
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
  expect(optionsOf(null).endpoint).toBe("/api/observer");
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
    "data-before-send": "alert(1)",
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
  const options = optionsOf(script({ src: "/x/client.js", "data-replay": text }));
  expect(settingsOf(options).replay).toMatchObject({ mode, maskAllText });
});

test("traces go to this origin, to listed ones besides, or nowhere", () => {
  const traces = (text?: string) =>
    settingsOf(optionsOf(script({ src: "/x/client.js", ...(text && { "data-traces": text }) })))
      .traces;
  expect(traces()).toBe(true);
  expect(traces("false")).toBe(false);
  expect(traces("https://api.example https://b.example")).toEqual([
    "https://api.example",
    "https://b.example",
  ]);
  expect(traces('["https://api.example"]')).toEqual(["https://api.example"]);
});
