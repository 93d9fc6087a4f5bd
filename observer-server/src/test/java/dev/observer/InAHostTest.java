package dev.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.config.ObserverConfig;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host may do with Observer, however odd. */
class InAHostTest {
  @TempDir Path directory;

  private static ObserverConfig config(Path data) {
    return ObserverConfig.builder()
        .environmentVariables(Map.of())
        .dataDir(data)
        .http(http -> http.port(0))
        .build();
  }

  @Test
  void second_onTheSameDirectory_refusesToStart_andLeavesTheFirstAlone() {
    try (Observer first = Observer.mount(config(directory))) {
      assertThrows(UncheckedIOException.class, () -> Observer.mount(config(directory)));
      first.track("still here");
      assertTrue(first.flush(Duration.ofSeconds(10)));
    }
  }

  @Test
  void two_withDirectoriesOfTheirOwn_areApart() throws IOException {
    try (Observer one = Observer.mount(config(directory.resolve("one")));
        Observer other = Observer.mount(config(directory.resolve("other")))) {
      one.captureLogs().close();
      one.track("a");
      assertTrue(one.flush(Duration.ofSeconds(10)));
      assertTrue(other.flush(Duration.ofSeconds(10)));
      assertEquals(1, accepted(one));
      assertEquals(0, accepted(other));
    }
  }

  private static double accepted(Observer observer) {
    return observer.meterRegistry().find("observer.records.accepted").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  @Test
  void closedTwice_isClosed_andItsHooksAreGone() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Observer observer = Observer.mount(config(directory));
    observer.captureUncaught();
    observer.captureLogs();
    observer.close();
    observer.close();
    assertEquals(before, Thread.getDefaultUncaughtExceptionHandler());
    assertEquals(36, observer.captureException(new IllegalStateException("late")).length());
    Observer.mount(config(directory)).close();
  }

  @Test
  void noThreadIsLeft_whenItIsClosed() throws InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Observer observer = Observer.start(config(directory));
    observer.track("a");
    observer.close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && thread.getName().startsWith("observer-")) {
        thread.join(5_000); // told to end, it may not be at its end yet
        assertFalse(thread.isAlive(), thread.getName());
      }
    }
  }

  @Test
  void metersJoinTheRegistryOfTheHost_andLeaveIt() {
    SimpleMeterRegistry own = new SimpleMeterRegistry();
    own.counter("orders").increment();
    try (Observer observer = Observer.mount(config(directory), own)) {
      observer.track("a");
      assertTrue(observer.flush(Duration.ofSeconds(10)));
      assertEquals(1, own.get("observer.records.accepted").counter().count());
      assertEquals(1, accepted(observer));
    }
    assertEquals(
        Set.of("orders"),
        own.getMeters().stream()
            .map(Meter::getId)
            .map(Meter.Id::getName)
            .collect(Collectors.toSet()));
  }
}
