// @vitest-environment node
import { expect, test } from "vitest";
import { scrubAddress } from "../src/replay/addresses";

test.each([
  ["/search", "/search"],
  ["/search?q=lamp&page=2", "/search?q=*&page=*"],
  ["https://a.example/?q=a%20b#top", "https://a.example/?q=*#top"],
  ["?lamp", "?*"],
  ["/?lamp&b=c", "/?*&b=*"],
  ["/#token=abc&state=x", "/#token=*&state=*"],
  ["/#/orders/7?tab=secret", "/#/orders/7?tab=*"],
  ["/a?q=", "/a?q=*"],
  ["/a?q=x?y=z", "/a?q=*"],
  ["#icon", "#icon"],
  ["mailto:?subject=hello", "mailto:?subject=*"],
  ["data:image/svg+xml,<svg id='a?b=c'/>", "data:image/svg+xml,<svg id='a?b=c'/>"],
])("%s is recorded as %s", (address, scrubbed) => {
  expect(scrubAddress(address)).toBe(scrubbed);
});
