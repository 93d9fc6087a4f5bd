package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that a real Loki gives rarely, or that somebody before it gives; the rest is LokiIT. */
class LokiSinkTest extends LokiSinkFixture {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OVER_LIMIT =
      "ingestion rate limit exceeded for user fake (limit: 700 bytes/sec) while attempting to"
          + " ingest '1' lines totaling '800' bytes, reduce log volume";

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
