import { expect, test } from "vitest";
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
    pageViews: true,
    errors: true,
  });
  expect(optionsOf(null).endpoint).toBe("/api/observer");
});

test("data attributes are the options in kebab case", () => {
  const element = script({
    src: "/x/client.js",
    "data-endpoint": "/elsewhere",
    "data-service": "shop-web",
    "data-key": "pk_1",
    "data-environment": "production",
    "data-release": "1.4.0",
    "data-replay": "on-error",
    "data-page-views": "false",
    "data-errors": "false",
  });
  expect(optionsOf(element)).toEqual({
    endpoint: "/elsewhere",
    service: "shop-web",
    key: "pk_1",
    environment: "production",
    release: "1.4.0",
    replay: "on-error",
    pageViews: false,
    errors: false,
  });
});

test.each([
  ["always", "always"],
  ['{"mode":"on-error","maskAllText":true}', { mode: "on-error", maskAllText: true }],
  ['{"mode":"sometimes"}', { mode: "off", maskAllText: false }],
  ["sometimes", "off"],
  ["{", "off"],
  ["null", "off"],
])("data-replay=%s is read, and what cannot be read records nothing", (text, replay) => {
  expect(optionsOf(script({ src: "/x/client.js", "data-replay": text })).replay).toEqual(replay);
});
