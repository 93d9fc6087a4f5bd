package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A click makes a procedure fail, and all that is known about it is found by one trace id. */
@WithChromium
final class OneTraceIT {
  private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

  @Test
  void clickErrorLogAndMetric_haveOneTrace(@TempDir Path data, Browser browser) throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger kiln = (Logger) LoggerFactory.getLogger(Kiln.class);
    lines.start();
    kiln.addAppender(lines);
    try (Shop shop = Shops.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.navigate(shop.uri() + "broken");
      page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Restock")).click();
      assertThat(page.getByText(Visit.LAST_SHOWN)).isVisible();
      page.navigate("about:blank");

      Reading reading = Reading.of(shop.uri(), shop.observer());
      List<JsonNode> errors =
          Eventually.get("both errors", () -> reading.records("error"), found -> found.size() == 2);
      Set<String> traces =
          errors.stream().map(error -> error.path("trace_id").asText()).collect(Collectors.toSet());
      assertEquals(1, traces.size(), errors::toString);
      String trace = traces.iterator().next();

      JsonNode client = bySource(errors, "client");
      assertTrue(
          client.path("breadcrumbs").toString().contains("POST /api/trpc/kiln.restock"),
          client::toPrettyString);
      JsonNode server = bySource(errors, "server");
      assertEquals("procedure", server.path("mechanism").asText());
      assertEquals("kiln.restock", server.path("trpc_path").asText());

      assertEquals(
          List.of(trace),
          lines.list.stream().map(line -> line.getMDCPropertyMap().get("trace_id")).toList());

      String metrics = reading.metrics(OPEN_METRICS);
      for (String meter :
          List.of("observer_procedure_seconds_bucket{", "observer_http_requests_seconds_bucket{")) {
        assertTrue(
            metrics
                .lines()
                .anyMatch(
                    line -> line.startsWith(meter) && line.contains("trace_id=\"" + trace + "\"")),
            metrics);
      }
    } finally {
      kiln.detachAppender(lines);
    }
  }

  private static JsonNode bySource(List<JsonNode> errors, String source) {
    return errors.stream()
        .filter(error -> error.path("source").asText().equals(source))
        .findFirst()
        .orElseThrow();
  }
}
