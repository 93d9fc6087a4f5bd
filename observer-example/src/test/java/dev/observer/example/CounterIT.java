package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.observer.example.Named.button;
import static dev.observer.example.Named.link;
import static dev.observer.example.Reading.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page behind the counter: orders, customers, and the flag that it turns. */
@WithChromium
@WithShop
final class CounterIT {
  private static final String NAME = "Zqvxy Wkjhqf";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Shop shop;
  private final Reading reading;

  CounterIT(Shop shop, Reading reading) {
    this.shop = shop;
    this.reading = reading;
  }

  @Test
  void ordersAndCustomers_areShown_andNoNameIsRecorded(Browser browser) throws Exception {
    call(
        "orders.place",
        """
        {"name": "Ada", "email": "ada@example.org", "card_number": "4242 4242 4242 4242",
         "lines": [{"product_id": "ember-teapot", "quantity": 2}]}
        """);
    call(
        "users.signUp",
        """
        {"email": "ada@example.org", "name": "%s", "taste": "CUPS", "agreed": true}
        """
            .formatted(NAME));
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "broken");
      button(page, "Record this visit").click();
      link(page, "behind the counter").click();
      Locator rows = page.locator("tbody tr");
      assertThat(rows).hasCount(2);
      assertThat(rows.nth(0)).containsText("L-1001");
      assertThat(rows.nth(0)).containsText("€252");
      assertThat(rows.nth(1)).containsText(NAME);
      String customer = rows.nth(0).locator("code").textContent();
      assertEquals(customer, rows.nth(1).locator("code").textContent());
      page.navigate("about:blank");
    }
    JsonNode session = session();
    String recorded =
        Eventually.get(
            "a replay with the order",
            () -> reading.recorded(reading.json("/sessions/" + text(session, "session_id"))),
            found -> found.contains("L-1001"));
    for (String part : NAME.split(" ", -1)) {
      assertFalse(recorded.contains(part), part);
    }
  }

  @ParameterizedTest
  @CsvSource({"Everybody, true", "Nobody, false"})
  void flag_decidesWhatVisitorsSee_andIsOnTheirErrors(String seenBy, boolean on, Browser browser)
      throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "admin");
      page.waitForResponse("**/flags.set*", page.getByLabel(seenBy)::check);
      page.navigate("about:blank");
    }
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.waitForResponse(
          "**/flags.forVisitor*", () -> page.navigate(shop.uri() + "products/moss-mug"));
      assertThat(page.locator("h1")).hasText("Moss mug");
      assertThat(page.getByText("Pairs well with")).hasCount(on ? 1 : 0);
      if (on) {
        link(page, "Dune dish").click();
        assertThat(page.locator("h1")).hasText("Dune dish");
      }
      link(page, "Things that break").click();
      button(page, "Apply voucher").click();
      page.navigate("about:blank");
    }

    // Whoever left the counter may have cut off a request of its page, which is an error of that
    // page.
    JsonNode error =
        Eventually.get(
                "the error",
                () ->
                    reading.records("error").stream()
                        .filter(one -> text(one, "route").equals("/broken"))
                        .findFirst(),
                Optional::isPresent)
            .orElseThrow();
    assertEquals("{\"pairs-well-with\":" + on + "}", error.path("feature_flags").toString());
    // Errors travel before events.
    Eventually.get(
        "what was opened",
        () ->
            reading.records("event").stream()
                .filter(event -> text(event, "event_name").equals("pair_opened"))
                .map(event -> event.path("properties").toString())
                .toList(),
        (on ? List.of("{\"product_id\":\"dune-dish\",\"from\":\"moss-mug\"}") : List.of())::equals);
  }

  @Test
  void visitWithoutAnError_isNotRecorded_andOneWithIsFromBeforeIt(Browser browser)
      throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri().toString());
      assertThat(page.locator(".card")).hasCount(8);
      page.navigate("about:blank");
      JsonNode quiet = session();
      Eventually.get("delivery", reading::delivered, delivered -> delivered);
      assertFalse(reading.onlySession().path("has_replay").asBoolean(), quiet::toPrettyString);

      page.navigate(shop.uri().toString());
      assertThat(page.locator(".card")).hasCount(8);
      link(page, "Things that break").click();
      button(page, "Apply voucher").click();
      JsonNode session =
          Eventually.get(
              "a session with a replay",
              reading::onlySession,
              found -> found.path("has_replay").asBoolean());
      JsonNode recordings = session.path("recordings");
      assertEquals(1, recordings.size(), session::toPrettyString);
      assertEquals(shop.uri().toString(), text(recordings.get(0), "initial_url"));
    }
  }

  @Test
  void whoIsNotToBeObserved_isNot(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri().toString());
      Eventually.get("the visit", () -> reading.records("event"), found -> !found.isEmpty());
      button(page, "Do not observe me at all").click();
      assertThat(page.getByText("This visit is not observed.")).isVisible();
      link(page, "See the").click();
      page.navigate(shop.uri() + "broken");
      button(page, "Apply voucher").click();
      button(page, "Observe it").click();
      link(page, "Cart").click();
      assertThat(page.locator("h1")).hasText("Your cart");
      page.navigate("about:blank");
    }
    List<JsonNode> events =
        Eventually.get(
            "the page after it",
            () -> reading.records("event"),
            found -> found.stream().anyMatch(event -> text(event, "route").equals("/cart")));
    assertTrue(
        events.stream().noneMatch(event -> text(event, "event_name").equals("collection_opened")),
        events::toString);
    assertEquals(List.of(), reading.records("error"));
  }

  private JsonNode session() throws Exception {
    return Eventually.get(
        "a session", reading::onlySession, found -> found.path("page_views").asInt() > 0);
  }

  private void call(String procedure, String input) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(shop.uri().resolve("/api/trpc/" + procedure))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(input))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }
}
