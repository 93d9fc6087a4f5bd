package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.observer.event.Rfc3339;
import dev.observer.event.Uuid7;
import dev.observer.server.loki.LokiReader.Entry;
import dev.observer.testserver.LokiServer;
import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight senders load a real server in a process of its own, while Loki is killed, frozen and
 * started again, and the server too is killed in the middle of the outage. Senders do what browsers
 * do: what is not answered is sent again. In the end each record is in Loki exactly once.
 */
class LokiOutageIT {
  private static final int RECORDS = 100_000;
  private static final int BATCH = 50;
  private static final int SENDERS = 8;
  private static final String TENANT = "outage";
  private static final String KEY = "pk_outage";
  private static final Set<String> LABELS =
      Set.of("service_name", "environment", "kind", "source", "level", "instance");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Uuid7 IDS = new Uuid7();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ServerProcess server;
  private volatile boolean goOn = true;

  @TempDir Path directory;

  @Test
  @Timeout(600)
  void records_areInLokiExactlyOnce_afterOutagesAndKillNine() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(SENDERS);
    try (LokiServer loki = LokiServer.start(directory)) {
      server = start(loki.uri());
      List<Future<?>> senders = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int sender = i;
        senders.add(threads.submit(() -> send(sender)));
      }
      awaitAcknowledged(RECORDS / 5);
      loki.backend().freeze();
      awaitAcknowledged(2 * RECORDS / 5);
      loki.backend().thaw();
      loki.backend().kill();
      awaitAcknowledged(3 * RECORDS / 5);
      running().kill();
      server = start(loki.uri());
      awaitAcknowledged(4 * RECORDS / 5);
      loki.backend().restart();
      for (Future<?> sender : senders) {
        sender.get();
      }
      assertEquals(RECORDS, acknowledged.size());
      LokiReader reader = new LokiReader(loki.uri(), TENANT);
      List<Entry> entries =
          reader.entriesUntil("{service_name=~\".+\"}", found -> found.size() >= RECORDS);
      assertOnce(entries);
      assertAllowed(entries);
    } finally {
      goOn = false;
      threads.shutdownNow();
      running().close();
    }
  }

  private ServerProcess running() {
    return Objects.requireNonNull(server);
  }

  private void assertOnce(List<Entry> entries) {
    Map<String, Integer> counts = new HashMap<>();
    entries.forEach(entry -> counts.merge(entry.id(), 1, Integer::sum));
    Set<String> missing = new HashSet<>(acknowledged);
    missing.removeAll(counts.keySet());
    assertEquals(Set.of(), missing, "acknowledged and lost");
    counts.values().removeIf(count -> count == 1);
    assertEquals(Map.of(), counts, "there more than once");
    assertEquals(RECORDS, entries.size());
    Map<Map<String, String>, Long> last = new HashMap<>();
    for (Entry entry : entries) {
      Long before = last.put(entry.labels(), entry.nanos());
      assertTrue(before == null || before < entry.nanos(), "two at one time in one stream");
    }
  }

  private static void assertAllowed(List<Entry> entries) {
    Set<String> names = new TreeSet<>();
    Map<String, Set<String>> values = new HashMap<>();
    for (Entry entry : entries) {
      names.addAll(entry.labels().keySet());
      entry
          .labels()
          .forEach(
              (name, value) -> values.computeIfAbsent(name, none -> new TreeSet<>()).add(value));
    }
    assertEquals(LABELS, names);
    assertEquals(Set.of("shop-0", "shop-1"), values.get("service_name"));
    assertEquals(Set.of("error", "event"), values.get("kind"));
    assertEquals(Set.of("error", "warning"), values.get("level"));
    assertEquals(Set.of("node-1"), values.get("instance"));
  }

  private ServerProcess start(URI loki) throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            ServerProcess.environment(directory.resolve("data"), KEY, "outage-outage-outage"));
    environment.put("OBSERVER_LOKI_URL", loki.toString());
    environment.put("OBSERVER_LOKI_TENANT", TENANT);
    environment.put("OBSERVER_INSTANCE", "node-1");
    return ServerProcess.start(ServerProcess.onClassPath(ServerProcess.STANDALONE), environment);
  }

  private void awaitAcknowledged(int count) {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (acknowledged.size() < count) {
      assertTrue(System.nanoTime() < deadline, acknowledged.size() + " are acknowledged");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void send(int sender) {
    for (int batch = 0; batch < RECORDS / SENDERS / BATCH; batch++) {
      boolean errors = batch % 5 == 0;
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        ids.add(IDS.next().toString());
      }
      String body = body(sender, errors, ids);
      while (goOn && !isAnswered(errors ? "errors" : "events", body)) {
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos()); // as if the server was busy
      }
      acknowledged.addAll(ids);
    }
  }

  private boolean isAnswered(String path, String body) {
    try {
      URI uri = running().uri().resolve("/api/observer/" + path + "?key=" + KEY);
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/json")
                  .timeout(Duration.ofSeconds(30))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 202) {
        assertTrue(answer.body().startsWith("{\"accepted\":" + BATCH + ","), answer::body);
        return true;
      }
      assertEquals(503, answer.statusCode(), answer::body);
      return false;
    } catch (IOException e) {
      return false; // it was killed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String body(int sender, boolean errors, List<String> ids) {
    ObjectNode batch = JSON.createObjectNode();
    batch
        .putObject("context")
        .put("service_name", "shop-" + sender % 2)
        .put("environment", "test")
        .put("session_id", "session-" + sender)
        .put("user_id", "user-" + sender);
    ArrayNode items = batch.putArray(errors ? "errors" : "events");
    String now = Rfc3339.format(System.currentTimeMillis());
    for (int i = 0; i < ids.size(); i++) {
      ObjectNode item = items.addObject().put("event_id", ids.get(i)).put("timestamp", now);
      if (errors) {
        item.put("message", "failed " + i).put("level", i % 2 == 0 ? "error" : "warning");
        item.put("trace_id", ids.get(i).replace("-", ""));
      } else if (i % 2 == 0) {
        item.put("event_type", "page_view").put("url", "https://shop.example/" + i);
      } else {
        item.put("event_type", "custom_event").put("event_name", "bought " + i);
      }
    }
    return batch.toString();
  }
}
