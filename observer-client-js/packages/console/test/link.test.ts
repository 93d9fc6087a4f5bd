import { describe, expect, test } from "vitest";
import { pathOf, placeOf, sessionHref, webAddress } from "../src/link";

describe("a link is made from a recorded address only when it is a web address", () => {
  test.each([
    ["https://shop.example/a?b=c#d", "https://shop.example/a?b=c#d"],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080/"],
    ["HTTPS://SHOP.EXAMPLE", "https://shop.example/"],
  ])("%s", (recorded, address) => {
    expect(webAddress(recorded)).toBe(address);
  });

  test.each([
    "javascript:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "JavaScript://shop.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://shop.example/1",
    "file:///etc/passwd",
    "vbscript:x",
    "//shop.example/a",
    "/orders/7",
    "",
  ])("not %j", (recorded) => {
    expect(webAddress(recorded)).toBeUndefined();
  });

  test("nothing recorded, no link", () => {
    expect(webAddress(undefined)).toBeUndefined();
  });
});

test("an address is shortened to its path and query; what is no web address is shown as it is", () => {
  expect(pathOf("https://shop.example/a?b=c")).toBe("/a?b=c");
  expect(pathOf("javascript:alert(1)")).toBe("javascript:alert(1)");
});

test("an address that one is led to is shown with its host", () => {
  expect(placeOf("https://evil.example:8443/login?next=/a#b")).toBe(
    "evil.example:8443/login?next=/a#b",
  );
  expect(placeOf("https://shop.example@evil.example/")).toBe("evil.example/");
  expect(placeOf("javascript:alert(1)")).toBe("javascript:alert(1)");
});

test("ids become one segment of a route, whatever is in them", () => {
  expect(sessionHref("../../x?y#z", 0)).toBe(
    "/sessions/..%2F..%2Fx%3Fy%23z?at=1970-01-01T00%3A00%3A00.000Z",
  );
});
