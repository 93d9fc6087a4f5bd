package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.observer.example.Named.button;
import static dev.observer.example.Named.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A customer's visit: looks around, buys a teapot, breaks what can be broken, leaves.
 *
 * @param complaintsOfSelling what the browser's log said until the customer went to break things
 * @param complaintsOfBreaking and from then on
 */
record Visit(
    List<String> complaintsOfSelling, List<String> complaintsOfBreaking, List<String> uncaught) {
  /** Letters that make no words, so that a trace of them cannot be anything else. */
  static final String NAME = "Zqvxy Wkjhqf";

  static final String EMAIL = "qzxjv.kwyqh@xvqzj.zz";
  static final String CARD = "4000 0566 5566 5556";
  static final String NOTE = "wyzzq jvxkq\nbqqzj vwkzx";

  static final String LAST_SHOWN = "The back end answered 500";

  private static final int LETTERS = 4;
  private static final int DIGITS = 10;
  private static final int DIGITS_AND_SPACES = 7;

  static Visit to(Shop shop, Browser browser) {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      BrowserLog log = BrowserLog.of(page);
      page.navigate(shop.uri().toString());
      link(page, "See the collection").click();
      link(page, "Ember teapot").click();
      assertThat(page.locator("h1")).hasText("Ember teapot");
      button(page, "Add to cart").click();
      link(page, "Go to the cart").click();
      link(page, "Check out").click();
      page.getByLabel("Name").pressSequentially(NAME);
      page.getByLabel("E-mail").pressSequentially(EMAIL);
      page.getByLabel("Card number").pressSequentially(CARD);
      page.getByLabel("A note to the potter").pressSequentially(NOTE);
      button(page, "Pay").click();
      assertThat(page.locator("h1")).hasText("Thank you!");
      List<String> selling = log.complaints();

      link(page, "Things that break").click();
      button(page, "Apply voucher").click();
      button(page, "Reserve").click();
      button(page, "Show reviews").click();
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("A review has no author");
      button(page, "Restock").click();
      assertThat(page.getByText(LAST_SHOWN)).isVisible();
      List<String> breaking = new ArrayList<>(log.complaints());
      breaking.subList(0, selling.size()).clear();

      page.navigate("about:blank");
      return new Visit(selling, breaking, log.uncaught());
    }
  }

  /** What Observer knows of the visit when all of it has arrived. */
  static JsonNode session(Reading reading) throws Exception {
    return Shops.sessionOf(reading, 6, 3, 4, LAST_SHOWN);
  }

  /**
   * Parts of what was typed, down to a few characters, in lower case: none of them may be found
   * anywhere. Of digits more are taken together, since few are found in every number.
   */
  static Set<String> tracesOfTyping() {
    Set<String> traces = new TreeSet<>();
    for (String text : List.of(NAME, EMAIL, NOTE)) {
      addParts(traces, text.toLowerCase(Locale.ROOT).replace("\n", "\\n"), LETTERS);
    }
    addParts(traces, CARD, DIGITS_AND_SPACES);
    addParts(traces, CARD.replace(" ", ""), DIGITS);
    return traces;
  }

  private static void addParts(Set<String> parts, String text, int length) {
    for (int from = 0; from + length <= text.length(); from++) {
      parts.add(text.substring(from, from + length));
    }
  }
}
