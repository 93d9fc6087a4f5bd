package dev.observer.example.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoublePredicate;

/** The two data sources, asked as Grafana asks them. */
record Sources(URI loki, URI prometheus) {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How much of the past is shown. */
  static final Duration SHOWN = Duration.ofMinutes(15);

  private static final int STEP_SECONDS = 30;

  /** What the source says of an expression, as of now. */
  JsonNode ask(Query.Source source, Query.Shape shape, String expression) throws Exception {
    return ask(source, shape, expression, Instant.now());
  }

  JsonNode ask(Query.Source source, Query.Shape shape, String expression, Instant now)
      throws Exception {
    String path =
        switch (source) {
          case LOKI -> "/loki/api/v1/";
          case PROMETHEUS -> "/api/v1/";
        };
    String query = "?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
    String time =
        switch (shape) {
          case INSTANT -> "query" + query + "&time=" + now.getEpochSecond();
          case RANGE, LINES ->
              "query_range"
                  + query
                  + "&start="
                  + now.minus(SHOWN).getEpochSecond()
                  + "&end="
                  + now.getEpochSecond()
                  + "&step="
                  + STEP_SECONDS;
        };
    return get(uri(source).resolve(path + time)).path("data");
  }

  private URI uri(Query.Source source) {
    return switch (source) {
      case LOKI -> loki;
      case PROMETHEUS -> prometheus;
    };
  }

  static JsonNode get(URI address) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(60)).build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new AssertionError(address + ": " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /** Whether an answer has a line, or a number; one that says nothing, NaN or infinity, is none. */
  static boolean hasData(JsonNode data) {
    return anyMatch(data, Double::isFinite);
  }

  /** Whether an answer has a line, or a number other than zero. */
  static boolean showsSomething(JsonNode data) {
    return anyMatch(data, number -> Double.isFinite(number) && number != 0);
  }

  private static boolean anyMatch(JsonNode data, DoublePredicate right) {
    boolean lines = data.path("resultType").asText().equals("streams");
    for (JsonNode series : data.path("result")) {
      if (lines || isSample(series.path("value"), right)) {
        return true;
      }
      for (JsonNode sample : series.path("values")) {
        if (isSample(sample, right)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isSample(JsonNode sample, DoublePredicate right) {
    return sample.has(1) && right.test(Double.parseDouble(sample.get(1).asText()));
  }
}
