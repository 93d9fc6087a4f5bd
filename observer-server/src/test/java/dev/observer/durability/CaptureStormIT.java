package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.server.TestServer;
import dev.observer.server.capture.ErrorContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A host that captures 1,000 errors a second while the disk of the spool is full half of the time.
 */
class CaptureStormIT {
  private static final int THREADS = 16;
  private static final int SECONDS = 30;
  private static final int PER_SECOND = 1_000;

  /** Long enough for memory, and the file that the spool has ready, to be full too. */
  private static final int FULL_SECONDS = 15;

  @TempDir Path directory;

  @Test
  @Timeout(240)
  void captured_isStoredOrCounted_andTheHostNeverWaits() throws Exception {
    Set<String> captured = ConcurrentHashMap.newKeySet();
    ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    Path data = directory.resolve("data");
    try (SmallDisk small = SmallDisk.mount(data.resolve("spool"), 48);
        TestServer server = TestServer.start(data)) {
      AtomicInteger order = new AtomicInteger();
      List<Future<?>> working = new ArrayList<>();
      List<Future<?>> changes = new ArrayList<>();
      ScheduledExecutorService host = Executors.newScheduledThreadPool(THREADS);
      Runnable work =
          () -> {
            int number = order.incrementAndGet();
            Exception failure = new IllegalStateException("order " + number);
            long start = System.nanoTime();
            String id =
                server
                    .observer()
                    .captureException(failure, ErrorContext.EMPTY.property("order", number));
            nanos.add(System.nanoTime() - start);
            if (!id.isEmpty()) {
              captured.add(id);
            }
          };
      try {
        for (int i = 0; i < THREADS; i++) {
          working.add(
              host.scheduleAtFixedRate(
                  work, i, 1_000L * THREADS / PER_SECOND, TimeUnit.MILLISECONDS));
        }
        ScheduledExecutorService disk = Executors.newSingleThreadScheduledExecutor();
        try {
          for (int at = FULL_SECONDS; at < SECONDS; at += 2 * FULL_SECONDS) {
            Future<?> filling = // what the spool lets go of is filled up too
                disk.scheduleWithFixedDelay(small::fill, 1_000L * at, 20, TimeUnit.MILLISECONDS);
            changes.add(
                disk.schedule(
                    () -> filling.cancel(false) && small.empty(),
                    at + FULL_SECONDS,
                    TimeUnit.SECONDS));
          }
          for (Future<?> change : changes) {
            assertEquals(true, change.get());
          }
        } finally {
          disk.shutdownNow();
        }
      } finally {
        working.forEach(task -> task.cancel(false));
        host.shutdown();
        assertTrue(host.awaitTermination(10, TimeUnit.SECONDS));
      }
      assertTrue(server.observer().flush(Duration.ofSeconds(60)), "the disk has room again");

      int sent = order.get();
      assertTrue(sent > SECONDS * PER_SECOND / 2, sent + " sent");
      Map<String, Long> losses = losses(server);
      assertEquals(Set.of("capture_full/error"), losses.keySet(), losses::toString);
      long lost = losses.getOrDefault("capture_full/error", 0L);
      Set<String> stored = stored(server, sent - lost);
      assertEquals(sent, stored.size() + lost, losses::toString);
      assertEquals(captured, stored, "each that is kept has an id of its own, and no other has");

      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      LoggerFactory.getLogger(CaptureStormIT.class)
          .info(
              "{} captured, {} lost and counted; a call took {} us at the median, {} us at 99 %,"
                  + " {} us at most",
              sent,
              lost,
              sorted[sorted.length / 2] / 1_000,
              sorted[sorted.length * 99 / 100] / 1_000,
              sorted[sorted.length - 1] / 1_000);
      // Whoever waits for the disk waits for seconds; more than some milliseconds is the
      // scheduler's.
      assertTrue(
          sorted[sorted.length - 1] < TimeUnit.SECONDS.toNanos(1),
          () -> Arrays.toString(Arrays.copyOfRange(sorted, sorted.length - 5, sorted.length)));
      assertTrue(sorted[sorted.length / 2] < TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private static Map<String, Long> losses(TestServer server) throws Exception {
    Map<String, Long> losses = new TreeMap<>();
    server
        .read("/health")
        .path("losses")
        .properties()
        .forEach(loss -> losses.put(loss.getKey(), loss.getValue().asLong()));
    return losses;
  }

  private static Set<String> stored(TestServer server, long count) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      List<String> ids = new ArrayList<>();
      String cursor = "";
      do {
        JsonNode page = server.read("/records?kind=error&limit=1000" + cursor);
        page.path("records").forEach(record -> ids.add(record.get("event_id").asText()));
        cursor =
            page.path("next_cursor").isTextual()
                ? "&cursor=" + page.get("next_cursor").asText()
                : "";
      } while (!cursor.isEmpty());
      Set<String> stored = new HashSet<>(ids);
      assertEquals(ids.size(), stored.size(), "nothing is stored twice");
      if (stored.size() >= count || System.nanoTime() > deadline) {
        return stored;
      }
    }
  }
}
