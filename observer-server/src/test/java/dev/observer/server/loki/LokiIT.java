package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.config.ConfigException;
import dev.observer.event.Rfc3339;
import dev.observer.server.TestServer;
import dev.observer.server.loki.LokiReader.Entry;
import dev.observer.testserver.CuttingProxy;
import dev.observer.testserver.LokiServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everything that is acknowledged comes to a real Loki, once, whatever happens to it. */
@Timeout(180)
class LokiIT {
  private static final String TENANT = "observer";
  private static final String ALL = "{service_name=~\".+\"}";
  private static final String EVENTS = "{kind=\"event\"}";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private LokiServer loki;
  private LokiReader reader;

  @BeforeEach
  void startLoki() throws Exception {
    startLoki(new String[0]);
  }

  private void startLoki(String... options) throws Exception {
    loki = LokiServer.start(directory.resolve("of-loki-" + options.length), options);
    reader = new LokiReader(loki.uri(), TENANT);
  }

  @AfterEach
  void stopLoki() {
    loki.close();
  }

  private TestServer start() {
    return start(loki.uri());
  }

  private TestServer start(URI uri) {
    return TestServer.start(
        directory.resolve("data"),
        settings ->
            settings
                .instance("node-1")
                .loki(to -> to.url(uri.toString()).tenant(TENANT))
                .limits(limits -> limits.requestsPerSecond(0)));
  }

  /** Sends custom events, ten a request, and gives back their ids. */
  private static Set<String> send(TestServer server, int count) throws Exception {
    Set<String> ids = new HashSet<>();
    for (int from = 0; from < count; from += 10) {
      List<String> events = new ArrayList<>();
      for (int i = from; i < Math.min(count, from + 10); i++) {
        String id = TestServer.id();
        ids.add(id);
        events.add(TestServer.event(id, "e" + i));
      }
      String body = TestServer.events(events.toArray(String[]::new));
      assertEquals(202, server.post("/events", body).statusCode());
    }
    return ids;
  }

  private static Set<String> ids(List<Entry> entries) {
    return entries.stream().map(Entry::id).collect(Collectors.toSet());
  }

  /** Waits until all of these are in Loki, and nothing else or twice. */
  private List<Entry> assertDelivered(Set<String> expected) throws Exception {
    List<Entry> entries = reader.entriesUntil(ALL, found -> ids(found).containsAll(expected));
    assertEquals(expected, ids(entries));
    assertEquals(expected.size(), entries.size(), "something is there twice");
    return entries;
  }

  private static long metric(TestServer server, String sample) throws Exception {
    return server
        .metrics()
        .lines()
        .filter(line -> line.startsWith(sample))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void records_areLinesAsTheyAreRead_withTheAllowedLabels_andIdsAsMetadata() throws Exception {
    String error = TestServer.id();
    String page = TestServer.id();
    String nasty = "é😀\\u0000\\\"\\\\\\n\u2028 'x' {=~}";
    try (TestServer server = start()) {
      String context =
          """
          "context":{"service_name":"web","environment":"live","session_id":"session-1",\
          "visitor_id":"visitor-1","user_id":"%s","release":"1.4"}"""
              .formatted(nasty);
      assertEquals(
          202,
          server
              .post(
                  "/errors",
                  """
                  {%s,"errors":[{"event_id":"%s","timestamp":"%s","level":"fatal","message":"%s",\
                  "trace_id":"trace-1","span_id":"span-1","route":"/cart"}]}"""
                      .formatted(context, error, Rfc3339.format(now()), nasty))
              .statusCode());
      // It happened long ago; Loki would refuse it by that time, even in a stream of its own.
      long old = now() - Duration.ofDays(8).toMillis();
      long older = now() - Duration.ofHours(3).toMillis();
      String late = TestServer.id();
      assertEquals(
          202,
          server
              .post(
                  "/events",
                  """
                  {%s,"events":[
                  {"event_id":"%s","timestamp":"%s","event_type":"page_view","url":"https://s/"},
                  {"event_id":"%s","timestamp":"%s","event_type":"page_view","url":"https://s/"}]}"""
                      .formatted(context, page, Rfc3339.format(old), late, Rfc3339.format(older)))
              .statusCode());
      String replay = TestServer.replay("session-1", "recording-1", 0, "[{\"type\":4}]");
      assertEquals(202, server.post("/replay-events", replay).statusCode());

      List<Entry> entries = reader.entriesUntil(ALL, found -> found.size() >= 4);
      assertEquals(4, entries.size());
      assertEquals(
          Map.of(
              "service_name", "web",
              "environment", "live",
              "kind", "error",
              "source", "client",
              "level", "fatal",
              "instance", "node-1"),
          of(entries, error).labels());
      assertEquals(
          Map.of(
              "service_name", "web",
              "environment", "live",
              "kind", "event",
              "source", "client",
              "instance", "node-1"),
          of(entries, page).labels());
      assertEquals(
          Map.of(
              "event_id", error,
              "session_id", "session-1",
              "visitor_id", "visitor-1",
              "user_id", JSON.readValue('"' + nasty + '"', String.class),
              "release", "1.4",
              "trace_id", "trace-1",
              "span_id", "span-1",
              "route", "/cart"),
          of(entries, error).metadata());
      Entry started =
          entries.stream()
              .filter(entry -> "replay".equals(entry.labels().get("kind")))
              .findFirst()
              .orElseThrow();
      assertEquals("recording-1", started.metadata().get("recording_id"));
      JsonNode records =
          server.readUntil("/records", answer -> answer.get("records").size() == 4).get("records");
      for (JsonNode record : records) {
        Entry entry = of(entries, record.get("event_id").asText());
        assertEquals(record, entry.json());
        assertEquals(Rfc3339.parse(record.get("received_at").asText()), entry.nanos() / 1_000_000);
      }
    }
  }

  private static Entry of(List<Entry> entries, String id) {
    return entries.stream().filter(entry -> entry.id().equals(id)).findFirst().orElseThrow();
  }

  private static long now() {
    return System.currentTimeMillis();
  }

  @Test
  void sameEventAgain_laterAndAfterARestart_isThereOnce() throws Exception {
    String body = TestServer.events(TestServer.event(TestServer.id(), "first"));
    Set<String> all = new HashSet<>();
    try (TestServer server = start()) {
      assertEquals(202, server.post("/events", body).statusCode());
      reader.entriesUntil(ALL, found -> found.size() == 1);
      assertEquals(202, server.post("/events", body).statusCode());
      all.addAll(send(server, 1));
    }
    try (TestServer server = start()) {
      assertEquals(202, server.post("/events", body).statusCode());
      all.addAll(send(server, 1));
      List<Entry> entries = reader.entriesUntil(ALL, found -> ids(found).containsAll(all));
      assertEquals(3, entries.size());
    }
  }

  @Test
  void lokiDown_isNotThereForReading_andGetsEverythingOnce_whenItIsBack() throws Exception {
    try (TestServer server = start()) {
      Set<String> ids = send(server, 50);
      assertDelivered(ids);
      loki.backend().kill();
      ids.addAll(send(server, 500));
      server.readUntil("/records?limit=1000", answer -> answer.get("records").size() == 550);
      server.readUntil(
          "/health", health -> health.at("/sinks/loki/status").asText().equals("failing"));
      assertTrue(server.read("/health").at("/lanes/events/bytes").asLong() > 0);
      assertTrue(
          metric(server, "observer_delivery_seconds_count{outcome=\"failure\",sink=\"loki\"}") > 0);
      assertTrue(metric(server, "observer_spool_bytes{lane=\"events\"}") > 0);
      loki.backend().restart();
      assertDelivered(ids);
      server.readUntil(
          "/health",
          health ->
              health.at("/sinks/loki/status").asText().equals("up")
                  && health.at("/lanes/events/bytes").asLong() == 0);
      assertEquals(550, metric(server, "observer_delivered_records_total{sink=\"loki\"}"));
      assertEquals(550, metric(server, "observer_delivered_records_total{sink=\"embedded\"}"));
    }
  }

  @Test
  void lokiFrozen_getsEverythingOnce_whenItGoesOn() throws Exception {
    try (TestServer server = start()) {
      Set<String> ids = send(server, 50);
      assertDelivered(ids);
      loki.backend().freeze();
      try {
        ids.addAll(send(server, 300));
        server.readUntil("/records?limit=1000", answer -> answer.get("records").size() == 350);
      } finally {
        loki.backend().thaw();
      }
      assertDelivered(ids);
    }
  }

  @Test
  void observerStops_inTime_whileLokiIsFrozen_andDeliversAfterItsNextStart() throws Exception {
    Set<String> ids = new HashSet<>();
    try (TestServer server = start()) {
      ids.addAll(send(server, 20));
      assertDelivered(ids);
      loki.backend().freeze();
      ids.addAll(send(server, 100));
      long start = System.nanoTime();
      server.close();
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(10).toNanos());
    } finally {
      loki.backend().thaw();
    }
    try (TestServer server = start()) {
      ids.addAll(send(server, 1));
      assertDelivered(ids);
    }
  }

  @Test
  void answersLost_afterTheyWereStored_leaveNothingTwice() throws Exception {
    try (CuttingProxy proxy = CuttingProxy.start(loki.uri());
        TestServer server = start(proxy.uri())) {
      Set<String> ids = send(server, 20);
      assertDelivered(ids);
      proxy.cutAnswers(3);
      ids.addAll(send(server, 200));
      assertDelivered(ids);
      server.readUntil("/health", health -> health.at("/lanes/events/bytes").asLong() == 0);
      assertEquals(3, proxy.cut());
      assertDelivered(ids);
    }
  }

  @Test
  void lokiThatTakesLittle_getsEverything_inTime() throws Exception {
    loki.close();
    startLoki(
        "-distributor.ingestion-rate-limit-mb=0.1", "-distributor.ingestion-burst-size-mb=0.05");
    try (TestServer server = start()) {
      String large = "x".repeat(10_000);
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        String id = TestServer.id();
        ids.add(id);
        String body = TestServer.events(TestServer.event(id, large));
        assertEquals(202, server.post("/events", body).statusCode());
      }
      assertDelivered(ids);
      assertTrue(
          metric(server, "observer_delivery_seconds_count{outcome=\"failure\",sink=\"loki\"}") > 0,
          "it was never refused: the test shows nothing");
      assertEquals(0, metric(server, "observer_rejected_records_total{sink=\"loki\"}"));
    }
  }

  @Test
  void recordThatLokiRefuses_isSetAsideWithItsReason_andTheOthersAreDelivered() throws Exception {
    loki.close();
    startLoki("-distributor.max-line-size=2KB");
    try (TestServer server = start()) {
      List<String> events =
          IntStream.range(0, 200)
              .mapToObj(
                  i -> TestServer.event(TestServer.id(), i % 67 == 66 ? "x".repeat(3000) : "e"))
              .toList();
      String body = TestServer.events(events.toArray(String[]::new));
      assertEquals(202, server.post("/events", body).statusCode());
      reader.entriesUntil(EVENTS, found -> found.size() == 198);
      server.readUntil("/health", health -> health.at("/lanes/events/bytes").asLong() == 0);
      assertEquals(198, reader.entries(EVENTS).size());
      assertEquals(2, metric(server, "observer_rejected_records_total{sink=\"loki\"}"));
      assertEquals(198, metric(server, "observer_delivered_records_total{sink=\"loki\"}"));
      assertEquals(2, server.read("/health").at("/losses/sink_refused~1event").asInt());
      try (var files = Files.list(directory.resolve("data/rejected"))) {
        List<Path> reasons = files.filter(path -> path.toString().endsWith(".reason.txt")).toList();
        assertEquals(2, reasons.size());
        for (Path reason : reasons) {
          String text = Files.readString(reason);
          assertTrue(text.contains("max entry size"), text);
        }
      }
    }
  }

  @Test
  void tenantThatLokiRefuses_isAnOutage_andNothingIsSetAside() throws Exception {
    loki.close();
    startLoki("-validation.allow-structured-metadata=false");
    try (TestServer server = start()) {
      send(server, 20);
      String says =
          server
              .readUntil("/health", health -> health.toString().contains("and of a probe"))
              .toString();
      assertTrue(says.contains("this feature is disallowed"), says);
      assertEquals(0, metric(server, "observer_rejected_records_total{sink=\"loki\"}"));
    }
  }

  @Test
  void recordTooLongForLoki_isShortened_andWholeWhereItIsRead() throws Exception {
    String id = TestServer.id();
    String crumb =
        """
        {"timestamp":"%s","category":"custom","message":"%s"}"""
            .formatted(Rfc3339.format(now()), "b".repeat(10_000));
    try (TestServer server = start()) {
      String body =
          """
          {"errors":[{"event_id":"%s","timestamp":"%s","message":"m","stack_trace":"%s",\
          "breadcrumbs":[%s]}]}"""
              .formatted(
                  id,
                  Rfc3339.format(now()),
                  "s".repeat(60_000),
                  String.join(",", Collections.nCopies(25, crumb)));
      assertTrue(body.length() > 300_000);
      assertEquals(202, server.post("/errors", body).statusCode());
      JsonNode line = assertDelivered(Set.of(id)).get(0).json();
      assertEquals(JSON.readTree("[\"stack_trace\",\"breadcrumbs\"]"), line.get("shortened"));
      assertEquals("m", line.get("message").asText());
      assertEquals(16_384, line.get("stack_trace").asText().length());
      assertEquals(3, line.get("breadcrumbs").size());
      JsonNode record = server.read("/records").at("/records/0");
      assertEquals(60_000, record.get("stack_trace").asText().length());
      assertEquals(25, record.get("breadcrumbs").size());
    }
  }

  @Test
  void credentialsThatLokiRefuses_endTheStart() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                TestServer.start(
                    directory.resolve("data"),
                    settings -> settings.loki(to -> to.url(loki.uri().toString()))));
    assertEquals("observer.loki.tenant", wrong.problems().get(0).name());
    assertTrue(wrong.toString().contains("no org id"), wrong.toString());
  }

  @Test
  void lokiThatIsNotThereAtStart_isNoError() throws Exception {
    loki.backend().kill();
    try (TestServer server = start()) {
      Set<String> ids = send(server, 30);
      loki.backend().restart();
      assertDelivered(ids);
    }
  }
}
