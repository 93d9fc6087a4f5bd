package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.observer.config.ObserverConfig;
import dev.observer.event.Field;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A Loki that answers what a test tells it to, and a sink that pushes to it. */
abstract class LokiSinkFixture {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper LINES = new ObjectMapper();

  record Reply(int status, String type, String text) {
    Reply(int status, String text) {
      this(status, "text/plain; charset=utf-8", text);
    }
  }

  /** Decides on a push. */
  interface Judge {
    Reply of(List<String> names, int bytes);
  }

  static final long NOW = 1_800_000_042_000L;
  long nanoTime = 5;
  final List<String> stored = new ArrayList<>();
  final List<String> received = new ArrayList<>();
  final List<String> probes = new ArrayList<>();
  final Set<String> headers = new HashSet<>();
  Judge judge = (names, bytes) -> new Reply(204, "");
  HttpServer server;
  DuckDbEventStore embedded;
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

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/base/");
  }

  LokiSink open() {
    return open(new ObserverConfig.Loki(uri(), null, null, null, null));
  }

  LokiSink open(ObserverConfig.Loki settings) {
    return LokiSink.open(
        Objects.requireNonNull(settings.url()),
        settings,
        "node-1",
        embedded,
        () -> Instant.ofEpochMilli(NOW),
        () -> nanoTime);
  }

  static List<SpooledRecord> events(int count) {
    return Records.spooled(
        IntStream.range(0, count)
            .mapToObj(i -> Records.event("e" + i).set(Field.TITLE, "x".repeat(500)).build())
            .toList());
  }

  static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "e" + i).toList();
  }

  /** As delivery does: again and again while that may help. */
  static int appendUntilTaken(LokiSink sink, List<SpooledRecord> records) throws Exception {
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

  static Judge refusing(String name, int status, String text) {
    return (names, bytes) -> names.contains(name) ? new Reply(status, text) : new Reply(204, "");
  }
}
