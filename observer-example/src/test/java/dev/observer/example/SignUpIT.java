package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.observer.example.Named.button;
import static dev.observer.example.Named.link;
import static dev.observer.example.Reading.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signing up, in a browser, and what is known of it afterwards. */
@WithChromium
@WithShop
final class SignUpIT {
  private static final String EMAIL = "qzxjv.kwyqh@xvqzj.zz";
  private static final String NAME = "Zqvxy Wkjhqf";

  private final Shop shop;
  private final Reading reading;

  SignUpIT(Shop shop, Reading reading) {
    this.shop = shop;
    this.reading = reading;
  }

  @Test
  void threeSteps_areAFunnel_andItsEndIsOfAKnownUser(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri().toString());
      signUp(page);
      page.navigate("about:blank");
    }

    List<JsonNode> events = events(10);
    assertEquals(
        List.of(
            "page_view /",
            "signup_clicked /",
            "page_view /sign-up",
            "signup_started /sign-up",
            "page_view /sign-up/details",
            "signup_details_completed /sign-up/details",
            "page_view /sign-up/confirm",
            "signup_completed /sign-up/confirm",
            "page_view /account"),
        ofBrowser(events));

    JsonNode created = named(events, "account_created");
    String user = text(created, "user_id");
    assertTrue(user.matches("customer-[0-9a-f]{10}"), created::toPrettyString);
    assertEquals("VASES", created.at("/properties/taste").asText());
    assertEquals("", text(named(events, "signup_started"), "user_id"));
    assertEquals(user, text(named(events, "signup_completed"), "user_id"));
    JsonNode session = reading.onlySession();
    assertEquals(user, text(session, "user_id"));
    assertEquals(text(session, "session_id"), text(created, "session_id"));

    for (JsonNode event : events) {
      assertFalse(event.toString().contains(NAME), event::toPrettyString);
      assertFalse(event.toString().contains(EMAIL), event::toPrettyString);
    }
    assertTrue(reading.metrics("text/plain").contains("shop_signups_total 1.0"));
  }

  @Test
  void whoSignsOut_isSomebodyElseFromThenOn(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "sign-up");
      signUp(page);
      button(page, "Sign out").click();
      assertThat(page.locator("h1")).hasText("Clay, glaze and patience.");
      link(page, "See the").click();
      page.navigate("about:blank");
    }

    List<JsonNode> events = events(11);
    JsonNode before = named(events, "signup_completed");
    JsonNode after = named(events, "collection_opened");
    assertEquals("", text(after, "user_id"), after::toPrettyString);
    assertNotEquals(text(before, "visitor_id"), text(after, "visitor_id"));
    assertNotEquals(text(before, "session_id"), text(after, "session_id"));
  }

  @Test
  void whoSignedUp_isKnownFromTheFirstPageOfTheNextVisit(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "sign-up");
      signUp(page);
      page.navigate(shop.uri() + "cart");
      assertThat(page.locator("h1")).hasText("Your cart");
      page.navigate("about:blank");
    }
    JsonNode cart =
        events(10).stream()
            .filter(event -> text(event, "route").equals("/cart"))
            .findFirst()
            .orElseThrow();
    assertTrue(text(cart, "user_id").startsWith("customer-"), cart::toPrettyString);
  }

  @Test
  void takenAddress_isRefusedAtItsField_andIsNoStep(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "sign-up");
      signUp(page);
      button(page, "Sign out").click();
      assertThat(page.locator("h1")).hasText("Clay, glaze and patience.");
      link(page, "Sign up").click();
      page.getByLabel("E-mail").fill(EMAIL);
      button(page, "Continue").click();
      assertThat(page.getByText("Somebody has signed up with this address.")).isVisible();
      assertThat(page.locator("h1")).hasText("Come in");
      page.navigate("about:blank");
    }
    List<JsonNode> events = events(12);
    assertEquals(1, events.stream().filter(event -> isNamed(event, "signup_started")).count());
    assertTrue(
        reading.metrics("text/plain").contains("outcome=\"conflict\",procedure=\"users.begin\""));
    assertEquals(List.of(), reading.records("error"));
  }

  @Test
  void whoDoesNotAgree_isTold(Browser browser) {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "sign-up");
      fillIn(page);
      button(page, "Create account").click();
      assertThat(page.getByText("We can only write to you if you agree.")).isVisible();
    }
  }

  @Test
  void laterStep_withoutTheFirst_isTheFirst(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "sign-up/confirm");
      assertThat(page.locator("h1")).hasText("Come in");
      page.navigate("about:blank");
    }
    assertEquals(List.of("page_view /sign-up"), ofBrowser(events(1)));
  }

  private static void signUp(Page page) {
    link(page, "Sign up").click();
    fillIn(page);
    page.getByLabel("You may write to me.").check();
    button(page, "Create account").click();
    assertThat(page.locator("h1")).hasText("Hello, " + NAME);
  }

  private static void fillIn(Page page) {
    page.getByLabel("E-mail").fill(EMAIL);
    button(page, "Continue").click();
    page.getByLabel("Name").fill(NAME);
    page.getByLabel("Vases").check();
    button(page, "Continue").click();
    assertThat(page.locator("h1")).hasText("Almost there");
  }

  /** All events, once there are as many. */
  private List<JsonNode> events(int number) throws Exception {
    return Eventually.get(
        number + " events", () -> reading.records("event"), found -> found.size() >= number);
  }

  private static List<String> ofBrowser(List<JsonNode> events) {
    return events.stream()
        .filter(event -> text(event, "source").equals("client"))
        .map(
            event ->
                (text(event, "event_type").equals("page_view")
                        ? "page_view"
                        : text(event, "event_name"))
                    + " "
                    + text(event, "route"))
        .toList();
  }

  private static JsonNode named(List<JsonNode> events, String name) {
    return events.stream().filter(event -> isNamed(event, name)).findFirst().orElseThrow();
  }

  private static boolean isNamed(JsonNode event, String name) {
    return text(event, "event_name").equals(name);
  }
}
