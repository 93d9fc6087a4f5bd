import { afterEach, beforeEach, expect, test } from "vitest";
import { type Typed, watchTyped } from "../src/activity/typed";

let typed: Typed;
beforeEach(() => {
  typed = watchTyped();
});
afterEach(() => typed.stop());

function type(value: string): void {
  document.body.innerHTML = "<input>";
  const field = document.querySelector("input") as HTMLInputElement;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
}

function hidden(shown: { url?: string; referrer?: string; title?: string }) {
  const item = {
    event_id: "1",
    timestamp: "",
    event_type: "page_view",
    referrer: "",
    title: "",
    url: "",
    ...shown,
  } as const;
  typed.hide(item);
  return item;
}

test.each([
  [
    "https://shop.example/find?q=blue%20vase&page=2",
    "https://shop.example/find?q=***********&page=2",
  ],
  ["https://shop.example/find?q=blue+vase#top", "https://shop.example/find?q=*********#top"],
  ["https://shop.example/#blue%20vase", "https://shop.example/#***********"],
  ["https://shop.example/#/find?q=blue+vase", "https://shop.example/#/find?q=*********"],
  ["https://shop.example/blue%20vase", "https://shop.example/blue%20vase"],
  ["https://shop.example/#!/blue%20vase", "https://shop.example/#!/blue%20vase"],
])(
  "what was typed is hidden in the query and the fragment of an address, not in its path: %s",
  (url, shown) => {
    type("blue vase");
    expect(hidden({ url, referrer: url })).toMatchObject({ url: shown, referrer: shown });
  },
);

test("what was typed is hidden in a title", () => {
  type("blue vase");
  expect(hidden({ title: "blue vase – Shop" }).title).toBe("********* – Shop");
});

test("before anything is typed an item is as it was", () => {
  const url = "https://shop.example/find?q=blue";
  expect(hidden({ url, title: "Shop" })).toMatchObject({ url, title: "Shop" });
});
