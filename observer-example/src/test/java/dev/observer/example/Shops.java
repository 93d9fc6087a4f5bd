package dev.observer.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import dev.observer.config.ObserverConfig;
import java.nio.file.Path;
import java.util.Map;

/** Opens shops on free ports, each with data of its own. */
final class Shops {
  private Shops() {}

  static Shop open(Path data) {
    return Shop.start(config(data));
  }

  /** Nothing of the environment of whoever runs the tests. */
  static ObserverConfig config(Path data) {
    return ObserverConfig.builder()
        .environmentVariables(Map.of())
        .serviceName("shop")
        .dataDir(data)
        .http(http -> http.port(0))
        .build();
  }

  /** Until the recorder is loaded: a page that is left before has no replay. */
  static void awaitRecorder(Page page) {
    awaitChunk(page, "replay");
  }

  /** Waits until the page has a chunk of the script, such as {@code activity}. */
  static void awaitChunk(Page page, String chunk) {
    page.waitForFunction(
        """
        (chunk) => performance.getEntriesByType("resource").some(
          ({ name, responseEnd }) => name.includes(`/${chunk}-`) && responseEnd > 0)
        """,
        chunk);
  }

  /**
   * The only session, once it has that many records, its replay shows the last thing that was on
   * the page, and all that was accepted is delivered.
   */
  static JsonNode sessionOf(
      Reading reading, int pageViews, int customEvents, int errors, String lastShown)
      throws Exception {
    JsonNode session =
        Eventually.get(
            "a session of %d page views, %d events and %d errors"
                .formatted(pageViews, customEvents, errors),
            reading::onlySession,
            found ->
                found.path("page_views").asInt() >= pageViews
                    && found.path("custom_events").asInt() >= customEvents
                    && found.path("errors").asInt() >= errors);
    Eventually.get(
        "a replay that shows '" + lastShown + "'",
        () -> reading.recorded(reading.json("/sessions/" + session.path("session_id").asText())),
        recorded -> recorded.contains(lastShown));
    Eventually.get("delivery", reading::delivered, delivered -> delivered);
    return reading.onlySession();
  }
}
