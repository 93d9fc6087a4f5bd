package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.observer.event.Rfc3339;
import dev.observer.event.Uuid7;
import dev.observer.server.TestServer;
import dev.observer.server.loki.LokiReader.Entry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Sends errors and events of two services as browsers do, where what is not answered is sent again;
 * remembers what was acknowledged, and compares it with what Loki has. Thread-safe.
 */
final class RecordSenders {
  /** Records of a request. */
  static final int BATCH = 50;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Uuid7 IDS = new Uuid7();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Supplier<URI> server;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private volatile boolean goOn = true;

  /**
   * Sends with {@link TestServer#KEY}.
   *
   * @param server the one that runs now
   */
  RecordSenders(Supplier<URI> server) {
    this.server = server;
  }

  /** How many are acknowledged. */
  int acknowledged() {
    return acknowledged.size();
  }

  /** Ends {@link #send}. */
  void end() {
    goOn = false;
  }

  /** Sends requests as one of several senders, until all are acknowledged. */
  void send(int sender, int requests) {
    for (int request = 0; request < requests; request++) {
      boolean errors = request % 5 == 0;
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
      URI uri = server.get().resolve("/api/observer/" + path + "?key=" + TestServer.KEY);
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

  /** Sees that these are what was acknowledged, each once, and that times in a stream only grow. */
  void assertOnce(List<Entry> entries) {
    Map<String, Integer> counts = new HashMap<>();
    entries.forEach(entry -> counts.merge(entry.id(), 1, Integer::sum));
    Set<String> missing = new HashSet<>(acknowledged);
    missing.removeAll(counts.keySet());
    assertEquals(Set.of(), missing, "acknowledged and lost");
    counts.values().removeIf(count -> count == 1);
    assertEquals(Map.of(), counts, "there more than once");
    assertEquals(acknowledged.size(), entries.size());
    Map<Map<String, String>, Long> last = new HashMap<>();
    for (Entry entry : entries) {
      Long before = last.put(entry.labels(), entry.nanos());
      assertTrue(before == null || before < entry.nanos(), "two at one time in one stream");
    }
  }

  /** Sees that labels have these values and no others. */
  static void assertLabels(List<Entry> entries, Map<String, Set<String>> expected) {
    Map<String, Set<String>> found = new TreeMap<>();
    for (Entry entry : entries) {
      entry
          .labels()
          .forEach(
              (name, value) -> found.computeIfAbsent(name, none -> new TreeSet<>()).add(value));
    }
    assertEquals(new TreeMap<>(expected), found);
  }
}
