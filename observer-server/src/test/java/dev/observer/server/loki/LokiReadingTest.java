package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.observer.config.ObserverConfig;
import dev.observer.server.embedded.DuckDbEventStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Loki that is in trouble answers to who reads; the rest is LokiFollowerIT. */
class LokiReadingTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

  private final List<Integer> limits = new ArrayList<>();

  private final List<Long> lookedBackTo = new ArrayList<>();
  private final List<Long> readFrom = new ArrayList<>();
  private volatile boolean trouble = true;

  /** Whether it fails at looking back for more than a day, and has one stream without lines. */
  private volatile boolean narrow;

  private HttpServer server;
  private ObserverConfig.Loki settings;
  @TempDir Path directory;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/loki/api/v1/query_range", this::query);
    server.createContext("/loki/api/v1/series", this::series);
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    settings = new ObserverConfig.Loki(uri, null, null, null, null);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI uri() {
    return Objects.requireNonNull(settings.url());
  }

  private static long parameter(HttpExchange exchange, String name) {
    return Long.parseLong(
        exchange.getRequestURI().getQuery().replaceFirst(".*[?&]" + name + "=(\\d+).*", "$1"));
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** A line each nanosecond. */
  private synchronized void query(HttpExchange exchange) throws IOException {
    if (narrow) {
      readFrom.add(parameter(exchange, "start"));
      answer(exchange, 200, "{\"data\":{\"result\":[]}}");
      return;
    }
    int limit = (int) parameter(exchange, "limit");
    limits.add(limit);
    if (trouble && limit > 100) {
      answer(exchange, 500, "received message larger than max");
      return;
    }
    long start = parameter(exchange, "start");
    String values =
        LongStream.range(start, Math.min(start + limit, parameter(exchange, "end")))
            .mapToObj(nanos -> "[\"" + nanos + "\",\"line\"]")
            .collect(Collectors.joining(","));
    answer(
        exchange,
        200,
        "{\"data\":{\"result\":[{\"stream\":{\"a\":\"b\"},\"values\":[" + values + "]}]}}");
  }

  private synchronized void series(HttpExchange exchange) throws IOException {
    lookedBackTo.add(parameter(exchange, "start"));
    boolean wide =
        parameter(exchange, "start") < NOW.minusSeconds(86_400).getEpochSecond() * 1_000_000_000L;
    if (trouble || (narrow && wide)) {
      answer(exchange, 500, "too many outstanding requests");
    } else if (narrow) {
      answer(exchange, 200, "{\"status\":\"success\",\"data\":[{\"instance\":\"node-2\"}]}");
    } else {
      answer(exchange, 200, "{\"status\":\"success\",\"data\":[]}");
    }
  }

  @Test
  void pages_areSmallerWhileLokiDoesNotManage_andGrowAgain() throws Exception {
    LokiPages pages = new LokiPages(new LokiClient(uri(), settings), 1_000);
    int[] lines = {0};
    pages.<IOException>read(
        "{}",
        1,
        20_001,
        false,
        (rows, next) -> {
          lines[0] += rows.size();
          trouble = lines[0] < 500;
          return true;
        });
    assertEquals(20_000, lines[0]);
    assertEquals(List.of(1_000, 250, 62), limits.subList(0, 3));
    assertTrue(limits.contains(1_000) && limits.lastIndexOf(1_000) > 3, limits.toString());
    assertTrue(limits.size() < 60, limits.toString());
  }

  @Test
  void roundThatFailed_looksBackAsFarAgain_afterOneThatWentWell() throws Exception {
    Duration retention = Duration.ofDays(20);
    try (DuckDbEventStore store =
            DuckDbEventStore.open(directory.resolve("events.duckdb"), "64MB");
        LokiFollower follower =
            new LokiFollower(uri(), settings, "node-1", retention, store, store, () -> NOW)) {
      store.follow(List.of(), Map.of("", Long.MAX_VALUE)); // it has caught up
      assertThrows(IOException.class, follower::follow);
      trouble = false;
      follower.follow();
      follower.follow();
      follower.follow();
    }
    long seconds = 1_000_000_000L;
    long all = NOW.minus(retention).getEpochSecond() * seconds;
    long hour = NOW.minusSeconds(3_600).getEpochSecond() * seconds;
    assertEquals(List.of(all, hour, all, hour), lookedBackTo);
  }

  @Test
  void newStream_isReadFromTheBeginning_whereLokiFailsAtLookingFarBack() throws Exception {
    narrow = true;
    trouble = false;
    Duration retention = Duration.ofDays(20);
    try (DuckDbEventStore store =
            DuckDbEventStore.open(directory.resolve("events.duckdb"), "64MB");
        LokiFollower follower =
            new LokiFollower(uri(), settings, "node-1", retention, store, store, () -> NOW)) {
      store.follow(List.of(), Map.of("", Long.MAX_VALUE)); // it has caught up
      assertThrows(IOException.class, follower::follow);
      follower.follow();
    }
    assertEquals(List.of(NOW.minus(retention).getEpochSecond() * 1_000_000_000L), readFrom);
  }
}
