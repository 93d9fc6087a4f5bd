package dev.observer.example;

import com.fasterxml.jackson.databind.JsonNode;
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

  /** The only session, once it has that many errors and all that was accepted is delivered. */
  static JsonNode sessionOf(Reading reading, int errors) throws Exception {
    Eventually.get(
        "a session with " + errors + " errors",
        reading::onlySession,
        session ->
            session.path("errors").asInt() >= errors && session.path("has_replay").asBoolean());
    Eventually.get("delivery", reading::delivered, delivered -> delivered);
    return reading.onlySession();
  }
}
