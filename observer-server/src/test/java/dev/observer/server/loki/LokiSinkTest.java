package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that a real Loki gives rarely, or that somebody before it gives; the rest is LokiIT. */
class LokiSinkTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper LINES = new ObjectMapper();

  private record Reply(int status, String type, String text) {
    Reply(int status, String text) {
      this(status, "text/plain; charset=utf-8", text);
    }
  }

  /** Decides on a push. */
  private interface Judge {
    Reply of(List<String> names, int bytes);
  }

  private static final String OVER_LIMIT =
      "ingestion rate limit exceeded for user fake (limit: 700 bytes/sec) while attempting to"
          + " ingest '1' lines totaling '800' bytes, reduce log volume";
  private static final long NOW = 1_800_000_042_000L;
  private long nanoTime = 5;
  private final List<String> stored = new ArrayList<>();
  private final List<String> received = new ArrayList<>();
  private final List<String> probes = new ArrayList<>();
  private final Set<String> headers = new HashSet<>();
  private Judge judge = (names, bytes) -> new Reply(204, "");
  private HttpServer server;
  private DuckDbEventStore embedded;
  @TempDir Path directory;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    embedded = DuckDbEventStore.open(directory.resolve("events.duckdb"), "64MB");
  }

  @AfterEach
  void stop() {
    server.stop(0);
    embedded.close();
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestHeaders().forEach((name, value) -> headers.add(name + ": " + value));
      byte[] body = new GZIPInputStream(exchange.getRequestBody()).readAllBytes();
      List<String> names = new ArrayList<>();
      JsonNode streams = JSON.readTree(body).get("streams");
      assertTrue(streams.size() <= 1, "Loki answers for the last stream only");
      for (JsonNode value : streams.path(0).path("values")) {
        names.add(LINES.readTree(value.get(1).asText()).path("event_name").asText());
      }
      boolean probe = streams.path(0).path("stream").path("kind").asText().equals("probe");
      if (probe) {
        probes.add(streams.path(0).toString());
        names = List.of("probe");
      }
      received.addAll(names);
      Reply reply =
          exchange.getRequestURI().getPath().equals("/base/loki/api/v1/push")
              ? judge.of(names, body.length)
              : new Reply(404, "404 page not found");
      if (reply.status() == 204 && !probe) {
        stored.addAll(names);
      }
      byte[] text = reply.text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", reply.type());
      exchange.sendResponseHeaders(reply.status(), text.length == 0 ? -1 : text.length);
      exchange.getResponseBody().write(text);
    }
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/base/");
  }

  private LokiSink open() {
    return open(new ObserverConfig.Loki(uri(), null, null, null, null));
  }

  private LokiSink open(ObserverConfig.Loki settings) {
    return LokiSink.open(
        Objects.requireNonNull(settings.url()),
        settings,
        "node-1",
        embedded,
        () -> Instant.ofEpochMilli(NOW),
        () -> nanoTime);
  }

  private static List<SpooledRecord> events(int count) {
    return Records.spooled(
        IntStream.range(0, count)
            .mapToObj(i -> Records.event("e" + i).set(Field.TITLE, "x".repeat(500)).build())
            .toList());
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "e" + i).toList();
  }

  /** As delivery does: again and again while that may help. */
  private static int appendUntilTaken(LokiSink sink, List<SpooledRecord> records) throws Exception {
    for (int failures = 0; failures < 100; failures++) {
      try {
        sink.append(records);
        return failures;
      } catch (SinkException e) {
        assertTrue(e.retryable(), e.getMessage());
      }
    }
    throw new AssertionError("it is not taken in 100 attempts");
  }

  @ParameterizedTest
  @CsvSource({
    "400, text/html, The plain HTTP request was sent to HTTPS port",
    "200, text/plain, ok",
    "260, text/plain, ingestion blocked",
    "302, text/plain, elsewhere",
    "401, text/plain, no org id",
    "403, text/plain, forbidden",
    "404, text/plain, 404 page not found",
    "429, text/plain, ingestion rate limit exceeded",
    "500, text/plain, empty ring",
    "503, text/plain, starting"
  })
  void answersThatSayNothingAboutTheRecords_areTriedAgain(int status, String type, String text)
      throws Exception {
    LokiSink sink = open();
    judge = (names, bytes) -> new Reply(status, type, text);
    SinkException failure = assertThrows(SinkException.class, () -> sink.append(events(3)));
    assertTrue(failure.retryable());
    assertEquals("Loki answered " + status + ": " + text, failure.getMessage());
  }

  @Test
  void answer400_refusesTheBatch_withLokisWords() {
    LokiSink sink = open();
    judge = (names, bytes) -> new Reply(400, "entry too far behind");
    SinkException failure = assertThrows(SinkException.class, () -> sink.append(events(3)));
    assertFalse(failure.retryable());
    assertEquals("Loki answered 400: entry too far behind", failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "413, request entity too large",
    "500, rpc error: code = ResourceExhausted desc = grpc: received message larger than max",
    "429, ingestion rate limit exceeded"
  })
  void pushThatIsTooLarge_isMadeSmaller_andWhatIsStoredIsNotSentAgain(int status, String text)
      throws Exception {
    LokiSink sink = open();
    judge = (names, bytes) -> bytes > 20_000 ? new Reply(status, text) : new Reply(204, "");
    assertTrue(appendUntilTaken(sink, events(300)) > 0);
    assertEquals(names(300), stored);
  }

  @Test
  void fixedLimit_isSeldomRunInto_andOneThatIsLiftedIsLeftBehind() throws Exception {
    LokiSink sink = open();
    judge = (names, bytes) -> bytes > 100_000 ? new Reply(413, "too large") : new Reply(204, "");
    int failures = appendUntilTaken(sink, events(5_000));
    assertTrue(failures <= 8, failures + " times");
    judge = (names, bytes) -> new Reply(413, "too large");
    List<SpooledRecord> more = events(5_000);
    for (int i = 0; i < 20; i++) {
      assertTrue(assertThrows(SinkException.class, () -> sink.append(more)).retryable());
    }
    int[] pushes = {0};
    judge =
        (names, bytes) -> {
          pushes[0]++;
          return new Reply(204, "");
        };
    assertEquals(0, appendUntilTaken(sink, more));
    assertTrue(pushes[0] < 500, pushes[0] + " pushes");
  }

  @Test
  void oneRecordThatIsTooLarge_isRefused() {
    LokiSink sink = open();
    judge = refusing("e0", 413, "request entity too large");
    SinkException failure = assertThrows(SinkException.class, () -> sink.append(events(1)));
    assertFalse(failure.retryable());
  }

  private static Judge refusing(String name, int status, String text) {
    return (names, bytes) -> names.contains(name) ? new Reply(status, text) : new Reply(204, "");
  }

  @ParameterizedTest
  @CsvSource({
    "400, structured metadata is disallowed",
    "400, bad request",
    "413, request entity too large",
    "429, '(limit: 0 bytes/sec) while attempting to ingest ''1'' lines totaling ''800'' bytes'"
  })
  void everythingRefused_isAnOutage_howeverLong(int status, String text) {
    LokiSink sink = open();
    judge = (names, bytes) -> new Reply(status, text);
    for (int i = 0; i < 20; i++) {
      SinkException failure = assertThrows(SinkException.class, () -> sink.append(events(1)));
      assertTrue(failure.retryable());
      assertTrue(String.valueOf(failure.getMessage()).contains(text), failure.getMessage());
      nanoTime += LokiPush.ALONE.toNanos();
    }
  }

  @Test
  void recordRefusedAlone_isRefusedForGood_onceLokiTakesAProbe_oneAMinute() throws Exception {
    LokiSink sink = open();
    judge = (names, bytes) -> names.contains("probe") ? new Reply(204, "") : new Reply(400, "no");
    for (int i = 0; i < 20; i++) {
      SinkException failure = assertThrows(SinkException.class, () -> sink.append(events(1)));
      assertFalse(failure.retryable());
      assertEquals("Loki answered 400: no", failure.getMessage());
    }
    assertEquals(20, probes.size());
    assertEquals(1, Set.copyOf(probes).size(), "of the same ones Loki keeps one");
    JsonNode probe = JSON.readTree(probes.get(0));
    assertEquals(
        JSON.readTree(
            """
            {"service_name":"shop","environment":"test","kind":"probe","source":"client",\
            "instance":"node-1"}"""),
        probe.get("stream"));
    assertEquals("1800000000000000000", probe.at("/values/0/0").asText());
    assertEquals("probe", probe.at("/values/0/2/event_id").asText());
  }

  @Test
  void recordRefusedAlone_isRefusedForGood_alsoWhenThereIsNoStreamLeftForAProbe() {
    LokiSink sink = open();
    judge =
        (names, bytes) ->
            names.contains("probe")
                ? new Reply(429, "Maximum active stream limit exceeded")
                : new Reply(400, "no");
    assertFalse(assertThrows(SinkException.class, () -> sink.append(events(1))).retryable());
  }

  private static List<SpooledRecord> arrived(long time) {
    return Records.spooled(Records.event("e0").set(Field.RECEIVED_AT, time).build());
  }

  @Test
  void recordThatIsTooNew_isTriedAgain_unlessItsTimeIsFarAheadOfOurs() {
    LokiSink sink = open();
    judge = refusing("e0", 400, "entry for stream '{}' has timestamp too new: 2027-01-15");
    long far = NOW + LokiPush.ORDER.toMillis();
    for (long time : new long[] {NOW, far}) {
      assertTrue(assertThrows(SinkException.class, () -> sink.append(arrived(time))).retryable());
    }
    assertEquals(List.of(), probes);
    assertFalse(assertThrows(SinkException.class, () -> sink.append(arrived(far + 1))).retryable());
    judge = (names, bytes) -> new Reply(400, "has timestamp too new");
    assertTrue(
        assertThrows(SinkException.class, () -> sink.append(arrived(far + 1))).retryable(),
        "it is our clock that is wrong");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OVER_LIMIT,
        "Per stream rate limit exceeded (limit: 100KB/sec) while attempting to ingest for stream"
            + " '{job=\"x\"}' totaling 150KB, consider splitting a stream"
      })
  void recordThatIsTooMuchAlone_isRefusedAfterAMinute_andNotBefore(String text) throws Exception {
    LokiSink sink = open();
    judge = refusing("e1", 429, text);
    List<SpooledRecord> records = events(3);
    for (int i = 0; i < 20; i++) {
      assertTrue(assertThrows(SinkException.class, () -> sink.append(records)).retryable());
    }
    assertEquals(List.of("e0"), stored);
    nanoTime += LokiPush.ALONE.toNanos() - 1;
    assertTrue(assertThrows(SinkException.class, () -> sink.append(records)).retryable());
    nanoTime += 1;
    SinkException refused = assertThrows(SinkException.class, () -> sink.append(records));
    assertFalse(refused.retryable());
    assertTrue(String.valueOf(refused.getMessage()).contains(text));
    // Delivery finds it by halving, and gives the others.
    refused = assertThrows(SinkException.class, () -> sink.append(records.subList(0, 2)));
    assertFalse(refused.retryable());
    refused = assertThrows(SinkException.class, () -> sink.append(records.subList(1, 2)));
    assertFalse(refused.retryable());
    sink.append(records.subList(2, 3));
    assertEquals(List.of("e0", "e2"), stored);
  }

  @Test
  void otherRecordThatIsTooMuchAlone_hasItsOwnMinute() throws Exception {
    LokiSink sink = open();
    judge = refusing("e0", 429, OVER_LIMIT);
    assertTrue(assertThrows(SinkException.class, () -> sink.append(events(1))).retryable());
    nanoTime += LokiPush.ALONE.toNanos();
    assertTrue(assertThrows(SinkException.class, () -> sink.append(events(1))).retryable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Maximum active stream limit exceeded when trying to create stream {}",
        "(limit: 900 bytes/sec) while attempting to ingest '1' lines totaling '800' bytes",
        "too many requests"
      })
  void recordThatIsTooMuch_butNotByItself_isNeverRefused(String text) {
    LokiSink sink = open();
    judge = refusing("e0", 429, text);
    List<SpooledRecord> records = events(1);
    for (int i = 0; i < 20; i++) {
      assertTrue(assertThrows(SinkException.class, () -> sink.append(records)).retryable());
      nanoTime += LokiPush.ALONE.toNanos();
    }
  }

  @Test
  void restart_isSuspected_afterNoAnswerOrAnOddOne_andNotAfterOneAboutTheRecords()
      throws Exception {
    LokiSink sink = open();
    List<SpooledRecord> records = events(6);
    sink.append(records.subList(0, 1));
    assertEquals(1, sink.restarts(), "nobody knows what was before");
    for (int status : new int[] {429, 413, 400}) {
      judge = (names, bytes) -> new Reply(status, "no");
      assertThrows(SinkException.class, () -> sink.append(records.subList(1, 3)));
    }
    judge = (names, bytes) -> new Reply(204, "");
    sink.append(records.subList(1, 4));
    assertEquals(1, sink.restarts());
    judge = (names, bytes) -> new Reply(502, "bad gateway");
    assertThrows(SinkException.class, () -> sink.append(records.subList(4, 5)));
    assertEquals(1, sink.restarts(), "it may still be away");
    judge = (names, bytes) -> new Reply(204, "");
    sink.append(records.subList(4, 5));
    assertEquals(2, sink.restarts());
  }

  @Test
  void failureInTheMiddle_sendsAgainOnlyWhatWasNotStored() throws Exception {
    LokiSink sink = open();
    int[] pushes = {0};
    judge = (names, bytes) -> ++pushes[0] == 2 ? new Reply(500, "no") : new Reply(204, "");
    assertEquals(1, appendUntilTaken(sink, events(2_500)));
    assertEquals(names(2_500), stored);
    assertEquals(3_500, received.size());
  }

  /** Stores what it takes of a push and not the rest, as Loki does. */
  private Judge likeLoki(List<SpooledRecord> records, String bad) {
    Map<String, Long> times = new HashMap<>();
    for (SpooledRecord record : records) {
      times.put(
          String.valueOf(record.record().text(Field.EVENT_NAME)), record.record().receivedAt());
    }
    long[] newest = {0};
    return (names, bytes) -> {
      List<String> taken = new ArrayList<>();
      for (String name : names) {
        long time = times.getOrDefault(name, newest[0]);
        if (!name.equals(bad) && time >= newest[0] - LokiPush.ORDER.toMillis()) {
          newest[0] = Math.max(newest[0], time);
          taken.add(name);
        }
      }
      if (taken.equals(names)) {
        return new Reply(204, "");
      }
      stored.addAll(taken);
      return new Reply(400, "entry too far behind");
    };
  }

  private static List<SpooledRecord> backlog(int count, Duration apart) {
    return Records.spooled(
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    Records.event("e" + i)
                        .set(Field.RECEIVED_AT, NOW - (count - i) * apart.toMillis())
                        .build())
            .toList());
  }

  /** As delivery does; the names of those that are refused. */
  private static List<String> refused(LokiSink sink, List<SpooledRecord> records) {
    try {
      sink.append(records);
      return List.of();
    } catch (SinkException e) {
      assertFalse(e.retryable(), e.getMessage());
      if (records.size() == 1) {
        return List.of(String.valueOf(records.get(0).record().text(Field.EVENT_NAME)));
      }
      int half = records.size() / 2;
      List<String> refused = new ArrayList<>(refused(sink, records.subList(0, half)));
      refused.addAll(refused(sink, records.subList(half, records.size())));
      return refused;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2M", "PT1H"})
  void backlogOfManyHours_losesOnlyTheBadRecord(Duration apart) {
    LokiSink sink = open();
    List<SpooledRecord> records = backlog(100, apart);
    judge = likeLoki(records, "e50");
    assertEquals(List.of("e50"), refused(sink, records));
    Set<String> others = new HashSet<>(names(100));
    others.remove("e50");
    assertEquals(others, Set.copyOf(stored));
  }

  @Test
  void backlogOfManyHours_isTakenAgain_afterALostAnswer_inNoMorePushesThanItNeeds()
      throws Exception {
    LokiSink sink = open();
    List<SpooledRecord> records = backlog(120, Duration.ofMinutes(1));
    Judge loki = likeLoki(records, "none");
    int[] pushes = {0};
    judge =
        (names, bytes) -> {
          Reply reply = loki.of(names, bytes);
          return ++pushes[0] == 2 && reply.status() == 204 ? new Reply(500, "no") : reply;
        };
    assertEquals(1, appendUntilTaken(sink, records));
    assertEquals(names(120), stored);
    assertEquals(5, pushes[0], "four of half an hour each, and one again");
  }

  @Test
  void recordMoreThanAnHourBehindItsStream_wouldNotBeTakenAgain() throws Exception {
    LokiSink sink = open();
    List<SpooledRecord> records = backlog(4, Duration.ofMinutes(30));
    assertTrue(sink.wouldTakeAgain(records.get(0)), "nothing is known yet");
    sink.append(records);
    assertFalse(sink.wouldTakeAgain(records.get(0)));
    assertTrue(sink.wouldTakeAgain(records.get(2)));
    StoredRecord other =
        records.get(0).record().toBuilder().set(Field.SERVICE_NAME, "other").build();
    assertTrue(sink.wouldTakeAgain(Records.spooled(other).get(0)));
  }

  @Test
  void laterCopyOfAStoredRecord_isNotSent_theFirstIsHoweverOften() throws Exception {
    LokiSink sink = open();
    StoredRecord first = Records.event("first").set(Field.RECEIVED_AT, 1_000L).build();
    StoredRecord later =
        first.toBuilder().set(Field.EVENT_NAME, "later").set(Field.RECEIVED_AT, 2_000L).build();
    List<SpooledRecord> both = Records.spooled(first, later);
    embedded.append(both);
    sink.append(both);
    assertEquals(List.of("first"), stored);
    open().append(both); // a process after this one knows nothing of what was sent
    assertEquals(List.of("first", "first"), stored);
  }

  @Test
  void credentials_areSent_andRefused_endTheStart_withoutTheSecret() throws Exception {
    open(new ObserverConfig.Loki(uri(), "t-1", "u", "secret", null)).append(events(1));
    assertTrue(headers.contains("X-scope-orgid: [t-1]"), headers.toString());
    assertTrue(headers.contains("Authorization: [Basic dTpzZWNyZXQ=]"), headers.toString());
    judge = (names, bytes) -> new Reply(401, "wrong");
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () -> open(new ObserverConfig.Loki(uri(), null, null, null, "secret")));
    assertTrue(headers.contains("Authorization: [Bearer secret]"), headers.toString());
    assertEquals("observer.loki.token", refused.problems().get(0).name());
    assertFalse(refused.toString().contains("secret"));
  }

  @Test
  void nobodyThere_isTriedAgain() {
    server.stop(0);
    LokiSink sink = open();
    SinkException failure = assertThrows(SinkException.class, () -> sink.append(events(1)));
    assertTrue(failure.retryable());
    assertEquals("Loki cannot be reached: ConnectException", failure.getMessage());
  }
}
