package dev.observer.server.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.Observer;
import dev.observer.server.TestServer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;

/** An application on an Undertow of its own, with Observer beside it. */
class HostTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";
  private static final Logger log = LoggerFactory.getLogger("shop.orders");

  private final TestServer server;
  private final Observer observer;
  private final Undertow host;

  /** What the handlers saw, by path. */
  private final Map<String, Set<String>> seen = new ConcurrentHashMap<>();

  HostTest(@TempDir Path directory) {
    server = TestServer.start(directory);
    observer = server.observer();
    HttpHandler routes =
        Handlers.routing()
            .get("/orders/{id}", this::note)
            .get("/blocking/{id}", new BlockingHandler(this::fail))
            .get("/twice", exchange -> exchange.dispatch(this::again))
            .get(
                "/executor",
                exchange ->
                    exchange.dispatch(
                        (Executor) task -> new Thread(task).start(), (HttpHandler) this::note))
            .get("/fail/{id}", this::fail)
            .get(
                "/handled",
                Handlers.exceptionHandler(this::fail)
                    .addExceptionHandler(Throwable.class, exchange -> exchange.setStatusCode(503)));
    host =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setWorkerThreads(4)
            .setHandler(observer.watch(routes))
            .build();
    host.start();
  }

  @AfterEach
  void close() {
    host.stop();
    server.close();
  }

  private void note(HttpServerExchange exchange) {
    seen.computeIfAbsent(exchange.getRequestPath(), path -> ConcurrentHashMap.newKeySet())
        .add(
            MDC.get("trace_id")
                + " "
                + MDC.get("span_id")
                + " "
                + MDC.get("session_id")
                + " "
                + observer.traceparent().orElse("none"));
  }

  private void again(HttpServerExchange exchange) {
    note(exchange);
    exchange.dispatch(
        (HttpHandler)
            third -> {
              note(third);
              third.dispatch((HttpHandler) this::fail);
            });
  }

  private void fail(HttpServerExchange exchange) {
    note(exchange);
    log.error("no order {}", 7);
    throw new IllegalStateException("no order");
  }

  private int get(String path, String... headers) throws Exception {
    int port = ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private List<JsonNode> errors(int count) throws Exception {
    // A request is captured after its answer was sent.
    server.readUntil("/records?kind=error", read -> read.get("records").size() >= count);
    assertTrue(observer.flush(Duration.ofSeconds(10)));
    // What is read of a later one, is read of whatever else was captured until then.
    String later = "later " + UUID.randomUUID();
    observer.track(later, Map.of());
    server.readUntil("/records?kind=event", read -> read.toString().contains(later));
    JsonNode page = server.readUntil("/records?kind=error", read -> true);
    assertEquals(count, page.get("records").size(), page::toPrettyString);
    List<JsonNode> errors = new ArrayList<>();
    page.get("records").forEach(errors::add);
    return errors;
  }

  @Test
  void request_isInTheTraceThatItNames_andInItsSession() throws Exception {
    assertEquals(
        200, get("/orders/7", "traceparent", PARENT, "baggage", "a=b, session_id=session-1;x=y"));
    assertEquals(Set.of(TRACE + " " + SPAN + " session-1 " + PARENT), seen.get("/orders/7"));
  }

  @Test
  void request_withoutATrace_getsOne() throws Exception {
    assertEquals(200, get("/orders/7"));
    assertEquals(200, get("/orders/7", "traceparent", "00-zz", "baggage", "session_id=../../x"));
    Set<String> traces = new HashSet<>();
    for (String found : seen.getOrDefault("/orders/7", Set.of())) {
      Matcher ids =
          Pattern.compile("([0-9a-f]{32}) ([0-9a-f]{16}) null 00-\\1-\\2-01").matcher(found);
      assertTrue(ids.matches(), found);
      traces.add(ids.group(1));
    }
    assertEquals(2, traces.size());
  }

  @Test
  void trace_goesOverEveryDispatch_andIsGoneAfterwards() throws Exception {
    assertEquals(500, get("/twice", "traceparent", PARENT));
    assertEquals(200, get("/executor", "traceparent", PARENT));
    String expected = TRACE + " " + SPAN + " null " + PARENT;
    assertEquals(Set.of(expected), seen.get("/twice"));
    assertEquals(Set.of(expected), seen.get("/executor"));
    CountDownLatch workers = new CountDownLatch(4);
    Set<String> left = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 4; i++) {
      host.getWorker()
          .execute(
              () -> {
                left.add(MDC.get("trace_id") + " " + observer.traceparent());
                workers.countDown();
                try {
                  workers.await(); // each on a thread of its own
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    assertTrue(workers.await(10, TimeUnit.SECONDS));
    assertEquals(Set.of("null Optional.empty"), left);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/blocking", "/fail"}) // by a worker, and by the thread of I/O
  void unhandledException_isAnErrorWithItsRoute_andOneOnly(String path) throws Exception {
    try (Closeable logs = observer.captureLogs()) {
      assertEquals(
          500,
          get(
              path + "/7?card=1234",
              "traceparent",
              PARENT,
              "baggage",
              "session_id=session-1",
              "User-Agent",
              "test"));
      JsonNode error =
          errors(2).stream()
              .filter(found -> found.path("mechanism").asText().equals("http"))
              .findFirst()
              .orElseThrow();
      assertEquals("no order", error.path("message").asText());
      assertFalse(error.path("handled").asBoolean());
      assertEquals(path + "/{id}", error.path("route").asText());
      assertTrue(error.path("url").asText().endsWith(path + "/7"), error::toPrettyString);
      assertEquals("test", error.path("user_agent").asText());
      assertEquals(TRACE, error.path("trace_id").asText());
      assertEquals(SPAN, error.path("span_id").asText());
      assertEquals("session-1", error.path("session_id").asText());
      assertEquals("{\"method\":\"GET\",\"status\":500}", error.path("properties").toString());
    }
  }

  @Test
  void exceptionThatTheHostAnswers_isAnErrorToo() throws Exception {
    assertEquals(503, get("/handled"));
    assertEquals(
        "{\"method\":\"GET\",\"status\":503}", errors(1).get(0).path("properties").toString());
  }

  @Test
  void requests_areTimedByTheirRoute_withTheirTrace() throws Exception {
    get("/orders/7", "traceparent", PARENT);
    get("/fail/7");
    get("/nothing");
    errors(1);
    String metrics = server.metrics("application/openmetrics-text; version=1.0.0").body();
    for (String labels :
        List.of(
            "method=\"GET\",path=\"/orders/{id}\",status=\"200\"",
            "method=\"GET\",path=\"/fail/{id}\",status=\"500\"",
            "method=\"GET\",path=\"none\",status=\"404\"")) {
      assertTrue(
          metrics.contains("observer_http_requests_seconds_count{" + labels + "} 1"), metrics);
    }
    assertTrue(metrics.contains("trace_id=\"" + TRACE + "\""), metrics);
  }

  @Test
  void loggedError_isAnError_withItsMdcAndTrace() throws Exception {
    try (Closeable logs = observer.captureLogs();
        MDC.MDCCloseable trace = MDC.putCloseable("trace_id", TRACE);
        MDC.MDCCloseable span = MDC.putCloseable("span_id", SPAN);
        MDC.MDCCloseable tenant = MDC.putCloseable("tenant", "acme")) {
      log.warn("no error");
      log.error(MarkerFactory.getMarker("NOT_CAPTURED"), "nobody's business");
      LoggerFactory.getLogger("dev.observer.server.spool.EventLane").error("our own");
      log.error("order {} failed", 7, new IllegalStateException("no order"));
    }
    log.error("after it was closed");
    JsonNode error = errors(1).get(0);
    assertEquals("logback", error.path("mechanism").asText());
    assertEquals("java.lang.IllegalStateException", error.path("error_type").asText());
    assertEquals("no order", error.path("message").asText());
    assertEquals(TRACE, error.path("trace_id").asText());
    assertEquals(
        "{\"logger\":\"shop.orders\",\"thread\":\"%s\",\"log_message\":\"order 7 failed\",\"mdc\":{\"tenant\":\"acme\"}}"
            .formatted(Thread.currentThread().getName()),
        error.path("properties").toString());
  }

  @Test
  void loggedErrorWithoutAThrowable_isNamedByItsLogger() throws Exception {
    try (Closeable logs = observer.captureLogs()) {
      log.error("order {} failed", 7);
    }
    JsonNode error = errors(1).get(0);
    assertEquals("shop.orders", error.path("error_type").asText());
    assertEquals("order 7 failed", error.path("message").asText());
    assertFalse(error.has("stack_trace"));
  }

  @Test
  void logs_areCapturedStill_afterLogbackWasConfiguredAnew() throws Exception {
    LoggerContext logback = (LoggerContext) LoggerFactory.getILoggerFactory();
    try (Closeable logs = observer.captureLogs()) {
      logback.reset();
      log.error("after the reset");
      errors(1);
      logback.stop(); // as Spring Boot does, and then all who listen to it are forgotten
      logback.reset();
      log.error("after the stop");
      errors(2);
    } finally {
      logback.start();
      new ch.qos.logback.classic.util.ContextInitializer(logback).autoConfig();
    }
  }

  @Test
  void uncaughtException_isFatal_onTheDisk_andGoesOnToTheHandlerBefore() throws Exception {
    AtomicReference<Throwable> before = new AtomicReference<>();
    Thread.UncaughtExceptionHandler old = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> before.set(thrown));
    try {
      Closeable hook = observer.captureUncaught();
      Thread thread =
          new Thread(
              () -> {
                throw new IllegalStateException("the end");
              },
              "oven");
      thread.start();
      thread.join();
      assertEquals("java.lang.IllegalStateException: the end", String.valueOf(before.get()));
      JsonNode error = errors(1).get(0);
      assertEquals("uncaught", error.path("mechanism").asText());
      assertEquals("fatal", error.path("level").asText());
      assertFalse(error.path("handled").asBoolean());
      assertEquals("{\"thread\":\"oven\"}", error.path("properties").toString());
      hook.close();
      before.set(null);
      Thread later = new Thread(() -> Integer.parseInt("none"));
      later.start();
      later.join();
      assertNotNull(before.get());
      errors(1);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(old);
    }
  }

  @Test
  void spanOfOpenTelemetry_saysTheIds() throws Exception {
    SpanContext span =
        SpanContext.create(
            TRACE.replace('4', '5'), SPAN, TraceFlags.getSampled(), TraceState.getDefault());
    try (io.opentelemetry.context.Scope scope = Span.wrap(span).makeCurrent()) {
      observer.captureException(new IllegalStateException("in a span"));
    }
    assertEquals(TRACE.replace('4', '5'), errors(1).get(0).path("trace_id").asText());
  }

  @Test
  void executorService_carriesTheTrace() throws Exception {
    ExecutorService own = Executors.newSingleThreadExecutor();
    try {
      ExecutorService executor = observer.propagating(own);
      assertNull(executor.submit(() -> MDC.get("trace_id")).get());
      Traces traces = new Traces(() -> null);
      ExecutorService carrying = traces.carry(own);
      Scope scope = traces.currentOrNew();
      try (Traces.Opened opened = traces.open(scope)) {
        assertEquals(scope.trace().traceId(), carrying.submit(() -> MDC.get("trace_id")).get());
        assertEquals(
            List.of(scope.trace().traceId()),
            carrying.invokeAll(List.of(() -> MDC.get("trace_id"))).stream()
                .map(
                    future -> {
                      try {
                        return future.get();
                      } catch (Exception e) {
                        throw new IllegalStateException(e);
                      }
                    })
                .toList());
      }
    } finally {
      own.shutdownNow();
    }
  }
}
