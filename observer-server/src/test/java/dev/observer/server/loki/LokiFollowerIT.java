package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.observer.event.Rfc3339;
import dev.observer.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading gives the same answers whichever way the records came into the embedded store. */
@Timeout(180)
class LokiFollowerIT {

  /** Requests of ten events, of two errors and of a replay batch. */
  private record Request(String path, String body) {}

  @TempDir Path directory;
  private OwnLoki loki;

  @BeforeEach
  void startLoki() throws Exception {
    loki = OwnLoki.start(directory, "follower");
  }

  @AfterEach
  void stopLoki() {
    loki.close();
  }

  private TestServer start(String instance) {
    return loki.observer(directory.resolve(instance), instance, settings -> {});
  }

  private static List<Request> requests(int rounds, int replays) {
    List<Request> requests = new ArrayList<>();
    long now = System.currentTimeMillis();
    for (int round = 0; round < rounds; round++) {
      String session = "session-" + round % 4;
      String time = Rfc3339.format(now - 1000L * round);
      String context =
          """
          "context":{"service_name":"shop-%d","session_id":"%s","user_id":"u-%d"}"""
              .formatted(round % 2, session, round % 4);
      List<String> events = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        events.add(
            """
            {"event_id":"%s","timestamp":"%s","event_type":"page_view","url":"https://s/é/%d"}"""
                .formatted(TestServer.id(), time, i));
      }
      requests.add(
          new Request(
              "/events", "{" + context + ",\"events\":[" + String.join(",", events) + "]}"));
      List<String> errors = new ArrayList<>();
      for (String level : List.of("error", "fatal")) {
        errors.add(
            """
            {"event_id":"%s","timestamp":"%s","level":"%s","message":"m %d","handled":true}"""
                .formatted(TestServer.id(), time, level, round));
      }
      requests.add(
          new Request(
              "/errors", "{" + context + ",\"errors\":[" + String.join(",", errors) + "]}"));
      if (round < replays) {
        requests.add(
            new Request(
                "/replay-events",
                TestServer.replay(session, "recording-" + round, 0, "[{\"type\":4}]")));
      }
    }
    return requests;
  }

  private static void send(TestServer server, List<Request> requests) throws Exception {
    for (Request request : requests) {
      assertEquals(202, server.post(request.path(), request.body()).statusCode());
    }
  }

  private static JsonNode records(TestServer server, int count) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    JsonNode records = server.read("/records?limit=1000").get("records");
    while (records.size() < count) {
      assertTrue(System.nanoTime() < deadline, records.size() + " of " + count + " are there");
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos()); // it is to follow, not to answer
      records = server.read("/records?limit=1000").get("records");
    }
    return records;
  }

  private static List<JsonNode> withoutArrival(JsonNode records) {
    List<JsonNode> without = new ArrayList<>();
    for (JsonNode record : records) {
      ObjectNode copy = record.deepCopy();
      // The id of a replay's record depends on the recording alone.
      assertTrue(copy.remove("received_at").isTextual());
      without.add(copy);
    }
    return without;
  }

  private static void deleteStore(Path data) throws IOException {
    try (var files = Files.list(data)) {
      for (Path file : files.toList()) {
        if (String.valueOf(file.getFileName()).startsWith("events.duckdb")) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void lostStore_isRebuilt_andAnswersAsBefore_andAsWithoutLoki() throws Exception {
    List<Request> requests = requests(60, 4);
    int count = 60 * 12 + 4;
    JsonNode before;
    JsonNode sessions;
    try (TestServer server = start("node-1")) {
      send(server, requests);
      before = records(server, count);
      sessions = server.read("/sessions?limit=1000");
      loki.reader().entriesUntil(OwnLoki.ALL, entries -> entries.size() >= count);
    }
    assertEquals(count, before.size());
    deleteStore(directory.resolve("node-1"));
    try (TestServer server = start("node-1")) {
      assertEquals(before, records(server, count));
      assertEquals(sessions, server.read("/sessions?limit=1000"));
      List<Request> more = requests(1, 0);
      send(server, more);
      assertEquals(count + 12, records(server, count + 12).size());
      loki.reader().entriesUntil(OwnLoki.ALL, entries -> entries.size() >= count + 12);
    }
    try (TestServer server = start("node-1")) {
      assertEquals(count + 12, records(server, count + 12).size());
      assertEquals(count + 12, loki.reader().entries(OwnLoki.ALL).size());
    }
    try (TestServer embedded = TestServer.start(directory.resolve("embedded"))) {
      send(embedded, requests);
      JsonNode same = records(embedded, count);
      assertEquals(sessions, embedded.read("/sessions?limit=1000"));
      List<JsonNode> expected = new ArrayList<>(withoutArrival(before));
      List<JsonNode> found = new ArrayList<>(withoutArrival(same));
      // Replay batches go through a lane of their own, so their records come when they come.
      found.removeIf(record -> record.get("kind").asText().equals("replay"));
      expected.removeIf(record -> record.get("kind").asText().equals("replay"));
      assertEquals(count - 4, found.size());
      assertEquals(expected, found);
    }
  }

  @Test
  void whatAnotherInstanceWrote_isShownToo_alsoWhatItWroteMeanwhile() throws Exception {
    try (TestServer one = start("node-1");
        TestServer two = start("node-2")) {
      send(one, requests(5, 0));
      send(two, requests(5, 0));
      int count = 2 * 60;
      records(one, count);
      records(two, count);
      one.close();
      send(two, requests(3, 0));
      records(two, count + 36);
    }
    try (TestServer one = start("node-1")) {
      assertTrue(records(one, 2 * 60 + 36).size() >= 2 * 60 + 36);
    }
  }
}
