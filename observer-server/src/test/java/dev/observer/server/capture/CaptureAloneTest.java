package dev.observer.server.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.observer.config.ObserverConfig;
import dev.observer.server.BrokenLog;
import dev.observer.server.metrics.Meters;
import dev.observer.server.metrics.TraceParent;
import dev.observer.server.spool.EventLane;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Capture without a server around it: in a host that fails, and with a spool that is full. */
class CaptureAloneTest {
  private static final int STRING_BYTES = 16 * 1024;
  private static final Logger log = (Logger) LoggerFactory.getLogger("shop.orders");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Meters meters = new Meters(registry);
  private final AtomicBoolean noSpan = new AtomicBoolean();
  private final AtomicBoolean noTime = new AtomicBoolean();
  private final Traces traces = new Traces(this::span);
  private final InstantSource clock = this::now;
  private final Exception failure = new Exception("once");

  @TempDir Path directory;
  private EventLane full;
  private Capture capture;

  private @Nullable TraceParent span() {
    if (noSpan.get()) {
      throw new NoClassDefFoundError("gone");
    }
    return null;
  }

  private Instant now() {
    if (noTime.get()) {
      throw new NoClassDefFoundError("gone");
    }
    return Instant.EPOCH;
  }

  @BeforeEach
  void open() throws IOException {
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .limits(limits -> limits.stringBytes(STRING_BYTES))
            .build();
    full = new EventLane(directory.resolve("events"), 1, InstantSource.system());
    capture = new Capture(config, "1", full, traces, meters, clock);
  }

  @AfterEach
  void close() {
    capture.close(Duration.ZERO);
    full.close();
  }

  private String captured(Mechanism mechanism) {
    return capture.exception(failure, mechanism, ErrorContext.EMPTY);
  }

  private double waitingBytes() {
    return registry.get("observer.capture.queue.bytes").gauge().value();
  }

  private Scope calling(Supplier<@Nullable String> input) {
    TraceParent trace = TraceParent.parse("00-" + "4b".repeat(16) + "-" + "a2".repeat(8) + "-01");
    assertNotNull(trace);
    return new Scope(trace, null, null, new Scope.Call("orders.add", "mutation", input));
  }

  @Test
  void errorsOfTheHost_areNotThrownBackAtIt_butCounted() {
    try (BrokenLog broken = new BrokenLog(Capture.class)) {
      noSpan.set(true);
      assertEquals("", captured(Mechanism.MANUAL));
      capture.event("order_placed", Map.of(), Identity.UNKNOWN);
      capture.logged(
          () -> {
            throw new NoClassDefFoundError("gone");
          });
      assertEquals(Map.of("capture_failed/error", 2L, "capture_failed/event", 1L), meters.losses());
    }
  }

  @Test
  void inputThatFails_isLeftOut() {
    Scope scope =
        calling(
            () -> {
              throw new NoClassDefFoundError("gone");
            });
    assertEquals(
        36, capture.exception(failure, Mechanism.PROCEDURE, ErrorContext.EMPTY, scope).length());
  }

  @Test
  void whatFailed_hasNoId_andWhoNoticesItNextKeepsIt() {
    noTime.set(true);
    assertEquals("", captured(Mechanism.MANUAL));
    noTime.set(false);
    String kept = captured(Mechanism.HTTP);
    assertEquals(36, kept.length());
    assertEquals(kept, captured(Mechanism.LOGBACK));
    assertTrue(waitingBytes() > 0, "nothing is kept");
  }

  @Test
  void whatHasNoRoom_hasNoId() {
    int kept = 0;
    while (kept < 10_000 && !captured(Mechanism.MANUAL).isEmpty()) {
      kept++;
    }
    assertEquals("", captured(Mechanism.HTTP), kept + " are kept");
    assertEquals(Map.of("capture_full/error", 2L), meters.losses());
  }

  @Test
  void longText_waitsNoLongerThanItIsKept_andCounts() {
    String line = "x".repeat(1_000_000);
    try (Closeable logs = capture.logs()) {
      Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
      root.getAppender("observer-errors")
          .doAppend(new LoggingEvent("shop", log, Level.ERROR, line, failure, null));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    double error = waitingBytes();
    assertTrue(error > 2 * STRING_BYTES && error < 4 * STRING_BYTES, error + " bytes");
    capture.event(line, Map.of(), Identity.UNKNOWN);
    double event = waitingBytes() - error;
    assertTrue(event > 2 * STRING_BYTES && event < 3 * STRING_BYTES, event + " bytes");
  }

  @Test
  void threadThatLogs_doesNotWaitForAnother() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch other = new CountDownLatch(1);
    AtomicBoolean free = new AtomicBoolean();
    Scope slow =
        calling(
            () -> {
              busy.countDown();
              free.set(within10Seconds(other));
              return "{}";
            });
    Thread thread =
        new Thread(
            () -> {
              try (Traces.Opened opened = traces.open(slow)) {
                log.error("slow");
              }
            });
    try (Closeable logs = capture.logs()) {
      thread.start();
      assertTrue(within10Seconds(busy));
      log.error("not slow");
      other.countDown();
      thread.join();
    }
    assertTrue(free.get(), "the other waited");
  }

  private static boolean within10Seconds(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsLoggedWhileALineIsCaptured_isNotCaptured() throws Exception {
    Scope talking =
        calling(
            () -> {
              log.error("about to be read");
              return "{}";
            });
    try (Closeable logs = capture.logs();
        Traces.Opened opened = traces.open(talking)) {
      log.error("the line");
    }
    assertTrue(waitingBytes() > 16 * 1024, "the line itself");
    assertTrue(waitingBytes() < 2 * 16 * 1024, () -> waitingBytes() + " bytes");
  }
}
