package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the real server in its own process again and again while writers load it. An event whose
 * batch was answered 202 must be readable afterwards, and nothing twice: not even what was stored
 * and not acknowledged any more, which a writer sends again, as a browser would.
 */
class KillNineIT {

  private static final int ROUNDS = 4;
  private static final int WRITERS = 8;
  private static final String WRITE_KEY = "pk_kill";
  private static final String READ_TOKEN = "kill-nine-kill-nine";
  private static final Duration READABLE_WITHIN = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Set<String> sent = ConcurrentHashMap.newKeySet();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  @TempDir Path dataDir;

  @Test
  void acknowledgedEvents_areReadableExactlyOnce_afterKillNine() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer(new Random(random.nextLong())));
    }
    for (int round = 0; round < ROUNDS; round++) {
      killUnderLoad(writers, random);
    }
    try (ServerProcess server = start()) {
      List<String> readable = awaitReadable(server.uri());
      Set<String> distinct = new HashSet<>(readable);
      assertEquals(readable.size(), distinct.size(), "read twice, seed " + seed);
      assertTrue(sent.containsAll(distinct), "read what was never sent, seed " + seed);
      Set<String> missing = new HashSet<>(acknowledged);
      missing.removeAll(distinct);
      assertEquals(Set.of(), missing, "acknowledged and lost, seed " + seed);
    }
  }

  /** Lets the writers write until a random batch is acknowledged, and a little longer. */
  private void killUnderLoad(List<Writer> writers, Random random) throws Exception {
    int acknowledgedBefore = acknowledged.size();
    AtomicInteger batchesLeft = new AtomicInteger(20 + random.nextInt(400));
    CountDownLatch enough = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try (ServerProcess server = start()) {
      List<Future<Integer>> running = new ArrayList<>();
      for (Writer writer : writers) {
        running.add(
            threads.submit(
                () ->
                    writer.writeUntilTheServerIsGone(
                        server.uri(),
                        () -> {
                          if (batchesLeft.decrementAndGet() == 0) {
                            enough.countDown();
                          }
                        })));
      }
      enough.await();
      // Otherwise it would always die just after an answer was written.
      LockSupport.parkNanos(random.nextInt(20_000_000));
      server.kill();
      for (Future<Integer> writer : running) {
        writer.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertTrue(acknowledged.size() > acknowledgedBefore, "the round wrote nothing");
  }

  private ServerProcess start() throws IOException {
    return ServerProcess.start(
        ServerProcess.onClassPath(ServerProcess.STANDALONE),
        ServerProcess.environment(dataDir, WRITE_KEY, READ_TOKEN));
  }

  /** Reads until everything acknowledged is there, or the time for it is over. */
  private List<String> awaitReadable(URI server) throws Exception {
    long deadline = System.nanoTime() + READABLE_WITHIN.toNanos();
    List<String> ids = readAll(server);
    while (!new HashSet<>(ids).containsAll(acknowledged) && System.nanoTime() < deadline) {
      ids = readAll(server);
    }
    return ids;
  }

  private List<String> readAll(URI server) throws Exception {
    List<String> ids = new ArrayList<>();
    String cursor = "";
    do {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      server.resolve("/api/observer/records?kind=event&limit=1000" + cursor))
                  .header("Authorization", "Bearer " + READ_TOKEN)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer::body);
      JsonNode page = JSON.readTree(answer.body());
      page.path("records").forEach(item -> ids.add(item.path("event_id").asText()));
      cursor =
          page.path("next_cursor").isTextual()
              ? "&cursor="
                  + URLEncoder.encode(page.path("next_cursor").asText(), StandardCharsets.UTF_8)
              : "";
    } while (!cursor.isEmpty());
    return ids;
  }

  /** Sends batch after batch, and again the one that was not answered when the server died. */
  private final class Writer {

    private final Random random;
    private List<String> unanswered = List.of();

    private Writer(Random random) {
      this.random = random;
    }

    /** Returns how many batches were acknowledged. */
    private int writeUntilTheServerIsGone(URI server, Runnable onAcknowledged) throws Exception {
      for (int batches = 0; ; batches++) {
        if (unanswered.isEmpty()) {
          unanswered = newIds();
          sent.addAll(unanswered);
        }
        HttpResponse<String> answer;
        try {
          answer = http.send(request(server, unanswered), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
          return batches;
        }
        assertEquals(202, answer.statusCode(), answer::body);
        JsonNode body = JSON.readTree(answer.body());
        assertEquals(unanswered.size(), body.path("accepted").asInt(), answer::body);
        acknowledged.addAll(unanswered);
        unanswered = List.of();
        onAcknowledged.run();
      }
    }

    private List<String> newIds() {
      int count = 1 + random.nextInt(50);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        long high = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = random.nextLong() >>> 2 | Long.MIN_VALUE;
        ids.add(new UUID(high, low).toString());
      }
      return ids;
    }
  }

  private static HttpRequest request(URI server, List<String> ids) {
    String now = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    ObjectNode batch = JSON.createObjectNode();
    batch.put("sent_at", now);
    batch.putObject("sdk").put("name", "@observer/client").put("version", "0.1.0");
    batch.putObject("context").put("service_name", "shop-web").put("session_id", "session-1");
    ArrayNode events = batch.putArray("events");
    for (String id : ids) {
      events
          .addObject()
          .put("event_id", id)
          .put("timestamp", now)
          .put("event_type", "custom_event")
          .put("event_name", "checkout_completed")
          .putObject("properties")
          .put("note", "x".repeat(200));
    }
    return HttpRequest.newBuilder(server.resolve("/api/observer/events?key=" + WRITE_KEY))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(batch.toString()))
        .build();
  }
}
