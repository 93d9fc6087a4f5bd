package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens right before a page is gone. */
@WithChromium
final class LastMomentIT {
  private static final String BREAK =
      "() => [...document.querySelectorAll('button')]"
          + ".find((button) => button.textContent === 'Apply voucher').click()";

  @Test
  void error_rightBeforeThePageIsClosed_arrives(@TempDir Path data, Browser browser)
      throws Exception {
    try (Shop shop = Shops.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = openBroken(context, shop);
      page.evaluate(BREAK);
      page.close(new Page.CloseOptions().setRunBeforeUnload(true));
      assertArrived(shop);
    }
  }

  @Test
  void error_rightBeforeThePageIsLeft_arrives(@TempDir Path data, Browser browser)
      throws Exception {
    try (Shop shop = Shops.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = openBroken(context, shop);
      page.evaluate("() => { (" + BREAK + ")(); location.href = 'about:blank'; }");
      assertArrived(shop);
    }
  }

  private static Page openBroken(BrowserContext context, Shop shop) {
    Page page = context.newPage();
    page.navigate(shop.uri() + "broken");
    page.getByText("Apply voucher").waitFor();
    return page;
  }

  private static void assertArrived(Shop shop) throws Exception {
    Reading reading = Reading.of(shop.uri(), shop.observer());
    Eventually.get(
        "the error and its page view",
        reading::onlySession,
        session -> session.path("errors").asInt() >= 1 && session.path("page_views").asInt() >= 1);
    Eventually.get("delivery", reading::delivered, delivered -> delivered);
    List<JsonNode> errors = reading.records("error");
    assertEquals(1, errors.size(), () -> "once, though it may have been sent twice: " + errors);
    assertEquals("TypeError", errors.get(0).path("error_type").asText());
    assertEquals(1, reading.onlySession().path("page_views").asInt());
  }
}
