import { beforeEach, expect, test } from "vitest";
import { arrivalOf } from "../src/capture/arrival";

let kept: string | undefined;
const storage = {
  recall: () => kept,
  keep(_: string, word: string) {
    kept = word;
  },
};
const arrival = {
  of: (session: string, referrer: string) => arrivalOf(storage, session, referrer),
};

beforeEach(() => {
  kept = undefined;
  at("/");
});
const at = (address: string) => history.replaceState(null, "", address);

test("a page view says its campaign and its click id, and nothing else of its query", () => {
  at("/?utm_source=news&UTM_Medium=mail&gclid=abc&msclkid=m&token=secret&q=lamp&utm_=x");
  const { initial_utm_source, ...said } = arrival.of("s-1", "") ?? {};
  expect(said).toEqual({
    utm_source: "news",
    utm_medium: "mail",
    gclid: "abc",
    msclkid: "m",
    initial_utm_medium: "mail",
    initial_gclid: "abc",
    initial_msclkid: "m",
  });
  expect(initial_utm_source).toBe("news");
});

test("every page view of a session says what began it, in every tab", () => {
  at("/?utm_campaign=spring");
  arrival.of("s-1", "https://search.example/?q=lamp");
  at("/cart");
  const began = {
    initial_referrer: "https://search.example/?q=lamp",
    initial_utm_campaign: "spring",
  };
  expect(arrival.of("s-1", `${location.origin}/`)).toEqual(began);
  const tab = { ...storage, keep() {} };
  expect(arrivalOf(tab, "s-1", "https://elsewhere.example/")).toEqual(began);
});

test("a session that begins in the middle of the site came from nowhere", () => {
  arrival.of("s-1", "https://search.example/");
  expect(arrival.of("s-2", `${location.origin}/cart`)).toBeUndefined();
  expect(arrival.of("s-2", "https://search.example/")).toBeUndefined();
});

test("a direct visit says nothing", () => {
  expect(arrival.of("s-1", "")).toBeUndefined();
});

test.each(["{", "null", "7", '["s-1"]', '["s-1",7]', '["s-1",null]'])(
  "a damaged beginning (%s) harms nothing",
  (word) => {
    kept = word;
    expect(arrival.of("s-1", "https://search.example/")).toBeOneOf([
      undefined,
      { initial_referrer: "https://search.example/" },
    ]);
  },
);

test("a megabyte in a campaign is cut", () => {
  at(`/?utm_source=${"x".repeat(10_000)}`);
  const { utm_source } = arrival.of("s-1", "") ?? {};
  expect(String(utm_source).length).toBeLessThanOrEqual(256);
});
