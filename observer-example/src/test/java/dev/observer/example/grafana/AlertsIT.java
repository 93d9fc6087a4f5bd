package dev.observer.example.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When the alerts that Grafana evaluates come, and when they do not. */
@Timeout(300)
class AlertsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ALERTS =
      Compose.ROOT.resolve("docs/backends/grafana/provisioning/alerting/observer.yaml");

  /** As it always was: an error every five minutes, quick pages. */
  private static final String STEADY = "steady";

  /** Too few visitors for anything to mean much. */
  private static final String SMALL = "small";

  private static final String BROKEN = "broken";

  @TempDir Path directory;
  private final Instant now = Instant.now();

  private static List<JsonNode> queries(String source) throws Exception {
    List<JsonNode> queries = new ArrayList<>();
    for (JsonNode group : Compose.yaml(ALERTS).path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        JsonNode query = rule.at("/data/0");
        if (query.path("datasourceUid").asText().equals(source)) {
          queries.add(((ObjectNode) query).put("title", rule.path("title").asText()));
        }
        assertEquals("threshold", rule.at("/data/1/model/type").asText(), rule::toString);
      }
    }
    return queries;
  }

  @Test
  void thoseOfLoki_comeForWhatIsBroken_andForNothingElse() throws Exception {
    List<String> loki = List.of(Compose.program("loki").toString());
    try (Compose compose = new Compose(directory)) {
      compose.start("loki", loki, List.of(), compose.lokiHere());
      Sources sources = new Sources(compose.uri("loki"), compose.uri("prometheus"));
      errors(compose);
      vitals(compose);
      pageViews(compose);
      List<JsonNode> queries = queries("loki");
      assertTrue(queries.size() > 4, queries::toString);
      for (JsonNode query : queries) {
        JsonNode found =
            sources.ask(
                Query.Source.LOKI,
                Query.Shape.INSTANT,
                query.at("/model/expr").asText(),
                now.plusSeconds(1));
        Set<String> services = new TreeSet<>();
        found
            .path("result")
            .forEach(each -> services.add(each.at("/metric/service_name").asText()));
        assertEquals(Set.of(BROKEN), services, query.path("title").asText() + " " + found);
      }
    }
  }

  private void errors(Compose compose) throws Exception {
    for (String service : List.of(STEADY, SMALL, BROKEN)) {
      Lines lines = new Lines(service, "error", "error");
      lines.add(Duration.ofDays(3), Map.of("error_type", "Old"));
      if (service.equals(STEADY)) {
        for (int i = 287; i > 0; i--) {
          lines.add(Duration.ofMinutes(5L * i), Map.of("error_type", "Old"));
        }
      }
      int recent = service.equals(BROKEN) ? 12 : service.equals(SMALL) ? 8 : 2;
      for (int i = recent; i > 0; i--) {
        String type = service.equals(BROKEN) ? "Fresh" : "Old";
        lines.add(Duration.ofSeconds(10L * i), Map.of("error_type", type));
      }
      lines.push(compose);
    }
    new Lines(BROKEN, "error", "fatal")
        .add(Duration.ofMinutes(1), Map.of("error_type", "Fresh"))
        .push(compose);
  }

  private void vitals(Compose compose) throws Exception {
    for (String service : List.of(STEADY, SMALL, BROKEN)) {
      Lines lines = new Lines(service, "event", "");
      int all = service.equals(SMALL) ? 10 : 40;
      int poor = service.equals(STEADY) ? 4 : service.equals(SMALL) ? 10 : 20;
      for (int i = all; i > 0; i--) {
        Map<String, String> vital = Map.of("metric", "LCP", "rating", i <= poor ? "poor" : "good");
        lines.add(
            Duration.ofMinutes(i), Map.of("event_name", "observer.web_vital", "properties", vital));
      }
      lines.push(compose);
    }
  }

  private void pageViews(Compose compose) throws Exception {
    for (String service : List.of(STEADY, SMALL, BROKEN)) {
      Lines lines = new Lines(service, "event", "pages");
      int before = service.equals(SMALL) ? 20 : 150;
      for (int i = before; i > 0; i--) {
        lines.add(Duration.ofSeconds(1000 + 10L * i), Map.of("event_type", "page_view"));
      }
      if (service.equals(STEADY)) {
        lines.add(Duration.ofMinutes(14), Map.of("event_type", "page_view"));
      }
      lines.push(compose);
    }
  }

  /** A stream of Loki, as Observer writes it; the oldest line first. */
  private final class Lines {
    private final ObjectNode push = JSON.createObjectNode();
    private final ArrayNode values;

    private Lines(String service, String kind, String level) {
      ObjectNode stream = push.putArray("streams").addObject();
      ObjectNode labels = stream.putObject("stream");
      labels.put("service_name", service).put("environment", "production").put("kind", kind);
      labels.put("source", "client").put("instance", "a");
      if (!level.isEmpty()) {
        labels.put("level", level);
      }
      values = stream.putArray("values");
    }

    private Lines add(Duration ago, Map<String, Object> record) {
      String nanos = now.minus(ago).toEpochMilli() + String.format("%06d", values.size());
      values.addArray().add(nanos).add(JSON.valueToTree(record).toString());
      return this;
    }

    private void push(Compose compose) throws Exception {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(compose.uri("loki").resolve("/loki/api/v1/push"))
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofString(push.toString()))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertEquals(204, answer.statusCode(), answer.body());
    }
  }

  @Test
  void thatOfPrometheus_tellsWhatItsRulesSay() throws Exception {
    Files.copy(
        Compose.ROOT.resolve("docs/backends/observer-rules.yml"),
        directory.resolve("observer-rules.yml"));
    List<JsonNode> queries = queries("prometheus");
    assertEquals(1, queries.size());
    String expression = queries.get(0).at("/model/expr").asText();
    Path test =
        Files.writeString(
            directory.resolve("test.yml"),
            """
            rule_files: [observer-rules.yml]
            evaluation_interval: 15s
            tests:
              - interval: 15s
                input_series:
                  - { series: 'up{job="observer", instance="a"}', values: "1x20 0x40" }
                promql_expr_test:
                  - { expr: %1$s, eval_time: 5m, exp_samples: [] }
                  - expr: %1$s
                    eval_time: 14m
                    exp_samples:
                      - { labels: '{alert="ObserverAway", instance="a", job="observer", severity="critical"}', value: 1 }
            """
                .formatted(JSON.writeValueAsString(expression)));
    Path said = directory.resolve("said");
    Process promtool =
        new ProcessBuilder(Compose.program("promtool").toString(), "test", "rules", test.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertTrue(promtool.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, promtool.exitValue(), Files.readString(said));
  }
}
