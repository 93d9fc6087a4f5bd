package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.observer.example.traffic.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A visit of the crowd is played in the console, as one of a person is. */
@WithChromium
final class CrowdReplayIT {
  private static final String H1 =
      "() => document.querySelector('.stage iframe')?.contentDocument?.querySelector('h1')"
          + "?.innerText === 'Thank you!'";

  @Test
  void visitOfTheCrowd_isPlayedToItsEnd(@TempDir Path data, Browser browser) throws Exception {
    try (Shop shop = Shops.open(data)) {
      Reading reading = Reading.of(shop.uri(), shop.observer());
      String session;
      try (Traffic traffic =
          Traffic.start(
              Traffic.Options.DEFAULT
                  .withShop(shop.uri())
                  .withVisitors(6)
                  .withDays(1)
                  .withHaste(1_000))) {
        session =
            Eventually.get(
                    "a recorded visit that ends with an order",
                    () -> endingWithAnOrder(reading),
                    Optional::isPresent)
                .orElseThrow();
      }
      Eventually.get("delivery", reading::delivered, delivered -> delivered);
      try (BrowserContext context = browser.newContext()) {
        Page page = context.newPage();
        BrowserLog log = BrowserLog.of(page);
        page.navigate(reading.consoleLink());
        assertThat(page.locator(".row").first()).isVisible();
        page.navigate(reading.console() + "#/sessions/" + session);
        page.locator(".control-play").click();
        page.getByLabel("Speed").selectOption("8");
        page.waitForFunction(H1, null, new Page.WaitForFunctionOptions().setTimeout(60_000));
        assertEquals(List.of(), log.complaints());
        assertEquals(List.of(), log.uncaught());
      }
    }
  }

  /** A visit with a replay whose last page is that of an order. */
  private static Optional<String> endingWithAnOrder(Reading reading)
      throws IOException, InterruptedException {
    for (JsonNode session : reading.json("/sessions?limit=1000").path("sessions")) {
      String id = session.path("session_id").asText();
      if (session.path("has_replay").asBoolean()) {
        JsonNode last = MissingNode.getInstance();
        for (JsonNode event :
            reading.json("/records?kind=event&limit=1000&session_id=" + id).path("records")) {
          if (event.path("event_type").asText().equals("page_view")
              && event.path("timestamp").asText().compareTo(last.path("timestamp").asText()) > 0) {
            last = event;
          }
        }
        if (last.path("route").asText().equals("/orders/:id")) {
          return Optional.of(id);
        }
      }
    }
    return Optional.empty();
  }
}
