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

test("an apostrophe is hidden as browsers write it in a query", () => {
  type("men's shoes");
  const { href } = new URL(`https://shop.example/?q=${encodeURIComponent("men's shoes")}`);
  expect(hidden({ url: href }).url).toMatch(/^https:\/\/shop\.example\/\?q=\*+$/);
});

test("a long text does not make what was typed before it be forgotten", () => {
  type("ada@example.com");
  document.querySelector("input")?.dispatchEvent(new Event("change", { bubbles: true }));
  document.body.innerHTML = "<textarea></textarea>";
  const area = document.querySelector("textarea") as HTMLTextAreaElement;
  for (let length = 4; length < 250; length++) {
    area.value = "x".repeat(length);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  expect(typed.mask("to ada@example.com")).toBe("to ***************");
});

test("what was typed is hidden in a title", () => {
  type("blue vase");
  expect(hidden({ title: "blue vase – Shop" }).title).toBe("********* – Shop");
});

test("before anything is typed an item is as it was", () => {
  const url = "https://shop.example/find?q=blue";
  expect(hidden({ url, title: "Shop" })).toMatchObject({ url, title: "Shop" });
});
