package dev.observer.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.server.TestServer;
import dev.observer.testserver.Program;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What we show, as Prometheus itself sees it. */
class PrometheusIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final Path DOCUMENTED = Path.of("..", "docs", "backends");
  private static final String OPEN_METRICS = "application/openmetrics-text;version=1.0.0";

  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(directory.resolve("data"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void sendSampled() throws Exception {
    send("00-" + TRACE + "-" + SPAN + "-01");
    server.readUntil("/records", page -> page.get("records").size() == 1);
  }

  private void send(String traceParent) throws Exception {
    String body = TestServer.events(TestServer.event(TestServer.id(), "a"));
    assertEquals(202, server.post("/events", body, "traceparent", traceParent).statusCode());
  }

  @Test
  @Timeout(60)
  void textFormat_isCleanForPromtool() throws Exception {
    sendSampled();
    String metrics = server.metrics();
    while (!metrics.contains("jvm_gc_pause_seconds_count")) {
      System.gc(); // some meters come with the first collection
      metrics = server.metrics();
    }
    assertEquals("", promtool(metrics, "check", "metrics"));
  }

  /** What promtool says; it must be content. */
  private String promtool(String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Program.find("promtool", "prometheus").toString());
    command.addAll(List.of(arguments));
    Path given = Files.writeString(directory.resolve("given"), input);
    Path said = directory.resolve("said");
    Process promtool =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(given.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertTrue(promtool.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, promtool.exitValue(), Files.readString(said));
    return Files.readString(said);
  }

  /** Copies what the documentation has for Prometheus, with a token beside it. */
  private static void copyDocumented(Path directory) throws IOException {
    for (String name : List.of("observer-rules.yml", "observer-rules-test.yml")) {
      Files.copy(DOCUMENTED.resolve(name), directory.resolve(name));
    }
    Files.writeString(
        directory.resolve("prometheus.yml"),
        Files.readString(DOCUMENTED.resolve("prometheus.yml"))
            .replace("/secrets/prometheus/read-token", "observer-token"));
    Files.writeString(directory.resolve("observer-token"), TestServer.TOKEN + "\n");
  }

  @Test
  void documentedConfiguration_andRules_areRight() throws Exception {
    copyDocumented(directory);
    promtool("", "check", "config", "prometheus.yml");
    promtool("", "test", "rules", "observer-rules-test.yml");
  }

  @Test
  void documentedRules_nameMetersAndLabelsThatAreThere() throws Exception {
    sendSampled();
    String metrics = server.metrics();
    String rules = Files.readString(DOCUMENTED.resolve("observer-rules.yml"));
    Set<String> named = matches("\\bobserver_[a-z_]+", rules);
    assertTrue(named.size() > 5, named::toString);
    for (String meter : named) {
      assertTrue(
          metrics.contains("\n" + meter + "{") || metrics.contains("\n" + meter + " "), meter);
    }
    for (String pattern : matches("(?<=reason=~\")[^\"]+", rules)) {
      for (String reason : pattern.split("\\|", -1)) {
        assertTrue(metrics.contains("reason=\"" + reason + "\""), reason);
      }
    }
  }

  private static Set<String> matches(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  @Test
  void openMetrics_hasTheTrace_andTheTextFormatHasNot() throws Exception {
    sendSampled();
    HttpResponse<String> answer = server.metrics(OPEN_METRICS);
    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        answer.headers().firstValue("Content-Type").orElse(""));
    assertTrue(answer.body().endsWith("# EOF\n"));
    String bucket =
        answer.body().lines().filter(line -> line.contains(TRACE)).findFirst().orElse("");
    assertTrue(
        bucket.startsWith("observer_http_requests_seconds_bucket{method=\"POST\""), answer.body());
    assertTrue(bucket.contains("span_id=\"" + SPAN + "\""), bucket);
    assertTrue(!server.metrics().contains(TRACE));
  }

  @Test
  void traceThatIsNotSampled_orNoTrace_leavesNothing() throws Exception {
    send("00-" + TRACE + "-" + SPAN + "-00");
    send("00-" + TRACE + "-" + SPAN + "-01\"} 1 # {evil=\"1");
    server.readUntil("/records", page -> page.get("records").size() == 2);
    String metrics = server.metrics(OPEN_METRICS).body();
    assertTrue(metrics.contains("observer_http_requests_seconds_bucket{method=\"POST\""));
    assertTrue(!metrics.contains(TRACE));
  }

  @Test
  void prometheus_scrapesUs_andFindsTheTrace() throws Exception {
    sendSampled();
    try (Prometheus prometheus = Prometheus.start(directory, server.observer().uri())) {
      JsonNode target =
          prometheus
              .askUntil(
                  "/api/v1/targets",
                  data -> data.at("/activeTargets/0/health").asText().equals("up"))
              .at("/activeTargets/0");
      assertEquals("", target.get("lastError").asText());
      Instant now = Instant.now();
      JsonNode exemplars =
          prometheus.askUntil(
              "/api/v1/query_exemplars?query=observer_http_requests_seconds_bucket&start="
                  + now.minusSeconds(600)
                  + "&end="
                  + now.plusSeconds(600),
              data -> data.size() > 0);
      assertEquals(TRACE, exemplars.at("/0/exemplars/0/labels/trace_id").asText());
      assertEquals(SPAN, exemplars.at("/0/exemplars/0/labels/span_id").asText());
      prometheus.askUntil(
          "/api/v1/query?query="
              + URLEncoder.encode(
                  "sum(observer_records_accepted_total{type=\"custom_event\"})",
                  StandardCharsets.UTF_8),
          data -> data.at("/result/0/value/1").asText().equals("1"));
      prometheus.askUntil("/api/v1/rules", PrometheusIT::allEvaluated);
    }
  }

  private static boolean allEvaluated(JsonNode rules) {
    List<String> health = rules.findValuesAsText("health");
    return health.size() > 10 && health.stream().allMatch("ok"::equals);
  }

  /** A Prometheus of our own, configured as the documentation says, but faster. */
  private record Prometheus(Process process, URI uri, Path log, HttpClient client)
      implements AutoCloseable {
    static Prometheus start(Path directory, URI target) throws IOException {
      copyDocumented(directory);
      Path config = directory.resolve("prometheus.yml");
      String documented = Files.readString(config);
      Files.writeString(
          config,
          documented
              .replace("15s", "500ms")
              .replace("shop:8080", String.valueOf(target.getAuthority())));
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Path log = directory.resolve("prometheus.log");
      Process process =
          new ProcessBuilder(
                  Program.find("prometheus", "prometheus").toString(),
                  "--config.file=" + config,
                  "--storage.tsdb.path=" + directory.resolve("tsdb"),
                  "--web.listen-address=127.0.0.1:" + port,
                  "--enable-feature=exemplar-storage")
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      return new Prometheus(
          process, URI.create("http://127.0.0.1:" + port), log, HttpClient.newHttpClient());
    }

    /** Asks until the {@code data} of the answer is right; fails with the last one. */
    JsonNode askUntil(String path, Predicate<JsonNode> right) throws Exception {
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      String last = "";
      while (System.nanoTime() < deadline && process.isAlive()) {
        try {
          HttpResponse<String> answer =
              client.send(
                  HttpRequest.newBuilder(uri.resolve(path)).build(),
                  HttpResponse.BodyHandlers.ofString());
          last = answer.body();
          JsonNode data =
              answer.statusCode() == 200
                  ? new ObjectMapper().readTree(last).path("data")
                  : new ObjectMapper().nullNode();
          if (right.test(data)) {
            return data;
          }
        } catch (ConnectException e) {
          last = "it does not listen yet";
        }
        process.waitFor(20, TimeUnit.MILLISECONDS); // asked too often it has no time to scrape
      }
      throw new AssertionError(path + ": " + last + "\n" + Files.readString(log));
    }

    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
