package dev.observer.server.capture;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.Observer;
import dev.observer.server.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the host captures, read back from the server that it runs in. */
class CaptureTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TestServer server;
  private final Observer observer;

  CaptureTest(@TempDir Path directory) {
    server =
        TestServer.start(
            directory,
            settings ->
                settings
                    .serviceName("shop")
                    .environment("test")
                    .release("1.4.0")
                    .limits(limits -> limits.stringBytes(16 * 1024)));
    observer = server.observer();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private List<JsonNode> records(String kind, int count) throws Exception {
    assertTrue(observer.flush(PATIENCE));
    JsonNode page =
        server.readUntil("/records?kind=" + kind, read -> read.get("records").size() >= count);
    assertEquals(count, page.get("records").size(), page::toPrettyString);
    List<JsonNode> records = new java.util.ArrayList<>();
    page.get("records").forEach(record -> records.add(0, record));
    return records;
  }

  private JsonNode error() throws Exception {
    return records("error", 1).get(0);
  }

  private static RuntimeException thrown(String message) {
    return new IllegalStateException(message);
  }

  @Test
  void exception_isARecordOfTheServer_underTheIdThatTheHostWasGiven() throws Exception {
    String id =
        observer.captureException(
            thrown("the kiln is cold"),
            ErrorContext.EMPTY
                .level(ErrorLevel.WARNING)
                .identity(new Identity("u-1", "visitor-1", "session-1"))
                .property("order", 7)
                .properties(Map.of("paid", true)));
    JsonNode error = error();
    assertEquals(id, error.path("event_id").asText());
    assertEquals("server", error.path("source").asText());
    assertEquals("warning", error.path("level").asText());
    assertEquals("manual", error.path("mechanism").asText());
    assertTrue(error.path("handled").asBoolean());
    assertEquals("java.lang.IllegalStateException", error.path("error_type").asText());
    assertEquals("the kiln is cold", error.path("message").asText());
    assertEquals("shop", error.path("service_name").asText());
    assertEquals("test", error.path("environment").asText());
    assertEquals("1.4.0", error.path("release").asText());
    assertEquals("observer-server", error.path("sdk_name").asText());
    assertEquals("u-1", error.path("user_id").asText());
    assertEquals("visitor-1", error.path("visitor_id").asText());
    assertEquals("session-1", error.path("session_id").asText());
    assertEquals("{\"order\":7,\"paid\":true}", error.path("properties").toString());
    assertTrue(
        error
            .path("stack_trace")
            .asText()
            .startsWith(
                "java.lang.IllegalStateException: the kiln is cold\n"
                    + "\tat dev.observer.server.capture.CaptureTest.thrown(CaptureTest.java:"),
        error::toPrettyString);
    assertEquals(32, error.path("fingerprint").asText().length());
    assertFalse(error.has("shortened"), error::toPrettyString);
  }

  @Test
  void event_isARecordWithItsProperties() throws Exception {
    observer.track("order_placed", Map.of("value", 12.5), Identity.user("u-1"));
    JsonNode event = records("event", 1).get(0);
    assertEquals("custom_event", event.path("event_type").asText());
    assertEquals("order_placed", event.path("event_name").asText());
    assertEquals("{\"value\":12.5}", event.path("properties").toString());
    assertEquals("u-1", event.path("user_id").asText());
    assertEquals("server", event.path("source").asText());
  }

  @Test
  void causesAndSuppressed_areKept_andAnEndlessChainEnds() throws Exception {
    Exception inner = new Exception("inner");
    RuntimeException outer = new RuntimeException("outer", inner);
    inner.initCause(outer);
    outer.addSuppressed(new IllegalArgumentException("on the way", new Exception("deep")));
    observer.captureException(outer);
    JsonNode error = error();
    assertEquals(1, error.path("causes").size(), error::toPrettyString);
    assertEquals("inner", error.at("/causes/0/message").asText());
    assertEquals("java.lang.Exception", error.at("/causes/0/error_type").asText());
    assertTrue(error.at("/causes/0/stack_trace").asText().contains(" more\n"));
    String stack = error.path("stack_trace").asText();
    assertTrue(
        stack.contains("\tSuppressed: java.lang.IllegalArgumentException: on the way\n\t\tat "));
    assertTrue(stack.contains("\t\tCaused by: java.lang.Exception: deep\n"), stack);
  }

  @Test
  void hugeStack_keepsItsEnds_andSaysHowMuchIsMissing() throws Exception {
    Exception deep = new Exception("deep");
    StackTraceElement[] frames = new StackTraceElement[100_000];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = new StackTraceElement("a.B", "m" + i, "B.java", i);
    }
    deep.setStackTrace(frames);
    observer.captureException(deep);
    JsonNode error = error();
    String stack = error.path("stack_trace").asText();
    assertTrue(stack.contains("\tat a.B.m0(B.java:0)\n"), stack);
    assertEquals("[\"stack_trace\"]", error.path("shortened").toString());
    assertTrue(stack.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= 16 * 1024);

    ErrorText whole = ErrorText.of(deep);
    assertTrue(whole.stackTrace().contains("\t... 99744 frames left out\n"), whole.stackTrace());
    assertTrue(whole.stackTrace().endsWith("\tat a.B.m99999(B.java:99999)\n"));
  }

  /** Whatever is asked of it, it fails. */
  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("no cause");
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      throw new IllegalStateException("no stack");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text");
    }
  }

  @Test
  void hostileThrowable_isARecordNevertheless() throws Exception {
    assertDoesNotThrow(() -> observer.captureException(new Hostile()));
    JsonNode error = error();
    assertEquals(Hostile.class.getName(), error.path("error_type").asText());
    assertEquals(
        "[its getMessage failed: java.lang.IllegalStateException]", error.path("message").asText());
  }

  @Test
  void hostileProperties_neverThrow() throws Exception {
    Map<String, Object> endless = new HashMap<>();
    endless.put("self", endless);
    Object hostile =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    observer.track(
        "hostile",
        Map.of(
            "a",
            endless,
            "b",
            hostile,
            "c",
            Double.NaN,
            "d",
            new int[] {1, 2},
            "e",
            Optional.of("x"),
            "f",
            "\ud800!"));
    JsonNode event = records("event", 1).get(0);
    JsonNode properties = event.path("properties");
    assertTrue(properties.path("b").asText().startsWith("[its toString failed"));
    assertEquals("NaN", properties.path("c").asText());
    assertEquals("[1,2]", properties.path("d").toString());
    assertEquals("x", properties.path("e").asText());
    assertEquals("?!", properties.path("f").asText());
    assertEquals("[\"properties\"]", event.path("shortened").toString());
  }

  @Test
  void longText_isCut_andNamed() throws Exception {
    observer.captureException(thrown("é".repeat(9000)));
    JsonNode error = error();
    String message = error.path("message").asText();
    assertTrue(message.endsWith("é…"), message);
    assertTrue(message.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= 16 * 1024);
    assertEquals("message", error.at("/shortened/0").asText());
  }

  @Test
  void whatIsNoEvent_isCountedAsInvalid() throws Exception {
    observer.track(" ");
    assertTrue(observer.flush(PATIENCE));
    assertTrue(
        server.metrics().contains("observer_dropped_total{kind=\"event\",reason=\"invalid\"} 1.0"));
  }

  @Test
  void idThatIsNone_isLeftOut() throws Exception {
    observer.track("a", Map.of(), new Identity("u".repeat(300), "no/path", "../../etc"));
    JsonNode event = records("event", 1).get(0);
    assertFalse(event.has("session_id"));
    assertFalse(event.has("visitor_id"));
    assertEquals(256, event.path("user_id").asText().length());
    assertEquals("[\"user_id\"]", event.path("shortened").toString());
  }

  @Test
  void sameThrowable_noticedByAnother_isOneError() throws Exception {
    Exception failure = new Exception("once");
    String first = observer.captureException(failure);
    org.slf4j.LoggerFactory.getLogger("shop").info("not captured");
    try (java.io.Closeable logs = observer.captureLogs()) {
      org.slf4j.LoggerFactory.getLogger("shop").error("failed", failure);
    }
    assertEquals(first, error().path("event_id").asText());
  }

  @Test
  void sameThrowable_noticedAgain_isAnotherError() throws Exception {
    Exception failure = new Exception("thrown often");
    assertNotEquals(observer.captureException(failure), observer.captureException(failure));
    records("error", 2);
  }

  @Test
  void sameMistake_hasTheSameFingerprint_whateverItsLineAndMessage() throws Exception {
    observer.captureException(thrown("order 1"));
    observer.captureException(thrown("order 2"));
    observer.captureException(thrown("order 3"), ErrorContext.EMPTY.fingerprint("orders"));
    List<JsonNode> errors = records("error", 3);
    String first = errors.get(0).path("fingerprint").asText();
    assertEquals(first, errors.get(1).path("fingerprint").asText());
    assertNotEquals(first, errors.get(2).path("fingerprint").asText());
  }

  @Test
  void flush_afterClose_isFalse_andWhatComesThenIsCounted() throws Exception {
    observer.close();
    assertEquals("", observer.captureException(thrown("too late")));
    observer.track("too late");
    assertFalse(observer.flush(Duration.ofMillis(200)));
    assertEquals(
        2.0,
        observer
            .meterRegistry()
            .get("observer.dropped")
            .tag("reason", "closed")
            .functionCounters()
            .stream()
            .mapToDouble(counter -> counter.count())
            .sum());
  }

  @Test
  void errorsAreCountedBySource() throws Exception {
    observer.captureException(thrown("server"));
    assertTrue(observer.flush(PATIENCE));
    server.post(
        "/errors",
        """
        {"errors":[{"event_id":"%s","timestamp":"2026-11-25T10:00:00Z","message":"client"}]}"""
            .formatted(TestServer.id()));
    String metrics = server.metrics();
    assertTrue(metrics.contains("observer_errors_total{source=\"client\"} 1.0"), metrics);
    assertTrue(metrics.contains("observer_errors_total{source=\"server\"} 1.0"), metrics);
  }
}
