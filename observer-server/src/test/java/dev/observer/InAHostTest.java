package dev.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.config.ObserverConfig;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.undertow.Undertow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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
    assertEquals("", observer.captureException(new IllegalStateException("late")));
    Observer.mount(config(directory)).close();
  }

  /** Or a page of another origin would see a failing network, and not when to come back. */
  @Test
  void pageThatMayWrite_mayReadThatItIsClosed() throws Exception {
    Observer observer =
        Observer.mount(
            ObserverConfig.builder()
                .environmentVariables(Map.of())
                .dataDir(directory)
                .allowedOrigins("https://shop.example")
                .build());
    Undertow host =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(observer.handler(exchange -> {}))
            .build();
    host.start();
    observer.close();
    try {
      int port = ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
      URI events = URI.create("http://127.0.0.1:" + port + "/api/observer/events");
      for (String origin : List.of("https://shop.example", "https://other.example")) {
        HttpHeaders refused = answer(events, "POST", origin, 503).headers();
        boolean allowed = origin.contains("shop");
        assertEquals(
            allowed ? origin : "", refused.firstValue("Access-Control-Allow-Origin").orElse(""));
        assertEquals("Origin", refused.firstValue("Vary").orElse(""));
        assertTrue(refused.firstValue("Retry-After").isPresent());
        HttpHeaders preflight = answer(events, "OPTIONS", origin, 204).headers();
        assertEquals(
            allowed ? origin : "", preflight.firstValue("Access-Control-Allow-Origin").orElse(""));
      }
    } finally {
      host.stop();
    }
  }

  private static HttpResponse<String> answer(URI uri, String method, String origin, int status)
      throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri)
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .header("Origin", origin)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(status, answer.statusCode());
    return answer;
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

  @Test
  void second_thatIsToJoinTheSameRegistry_isRefused_andLeavesTheFirstAlone() {
    SimpleMeterRegistry own = new SimpleMeterRegistry();
    ObserverConfig second = config(directory.resolve("other"));
    try (Observer first = Observer.mount(config(directory.resolve("one")), own)) {
      assertThrows(IllegalStateException.class, () -> Observer.mount(second, own));
      first.track("a");
      assertTrue(first.flush(Duration.ofSeconds(10)));
      assertEquals(1, own.get("observer.records.accepted").counter().count());
    }
    Observer.mount(second, own).close();
  }

  @Test
  void logs_whereLogbackIsNotThere_areRefused() throws Exception {
    Class<?> host =
        new WithoutLogback(getClass().getClassLoader()).loadClass(CapturingLogs.class.getName());
    Constructor<?> constructor = host.getDeclaredConstructor();
    constructor.setAccessible(true); // of the same package in name only
    @SuppressWarnings("unchecked")
    Consumer<Path> capturing = (Consumer<Path>) constructor.newInstance();
    capturing.accept(directory);
  }

  /** A host that is loaded by {@link WithoutLogback}. */
  static final class CapturingLogs implements Consumer<Path> {
    @Override
    public void accept(Path data) {
      try (Observer observer = Observer.mount(config(data))) {
        assertEquals(
            "errors of the log can be captured from Logback only, and it is not there",
            assertThrows(IllegalStateException.class, observer::captureLogs).getMessage());
      }
    }
  }

  /** Loads Observer anew, and knows no Logback. */
  private static final class WithoutLogback extends ClassLoader {
    WithoutLogback(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("ch.qos.logback.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.observer.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (file == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
