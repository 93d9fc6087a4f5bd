package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import dev.observer.server.loki.LokiReader;
import dev.observer.server.loki.LokiReader.Entry;
import dev.observer.testserver.LokiServer;
import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
 * started again, and the server too is killed in the middle of the outage. In the end each record
 * is in Loki exactly once.
 */
class LokiOutageIT {
  private static final int RECORDS = 100_000;
  private static final int SENDERS = 8;
  private static final String TENANT = "outage";

  private final RecordSenders senders = new RecordSenders(() -> running().uri());
  private volatile @Nullable ServerProcess server;

  @TempDir Path directory;

  @Test
  @Timeout(600)
  void records_areInLokiExactlyOnce_afterOutagesAndKillNine() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(SENDERS);
    try (LokiServer loki = LokiServer.start(directory)) {
      server = start(loki.uri());
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int sender = i;
        int requests = RECORDS / SENDERS / RecordSenders.BATCH;
        sending.add(threads.submit(() -> senders.send(sender, requests)));
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
      for (Future<?> sender : sending) {
        sender.get();
      }
      assertEquals(RECORDS, senders.acknowledged());
      LokiReader reader = new LokiReader(loki.uri(), TENANT);
      List<Entry> entries =
          reader.entriesUntil("{service_name=~\".+\"}", found -> found.size() >= RECORDS);
      senders.assertOnce(entries);
      RecordSenders.assertLabels(
          entries,
          Map.of(
              "service_name", Set.of("shop-0", "shop-1"),
              "environment", Set.of("test"),
              "kind", Set.of("error", "event"),
              "source", Set.of("client"),
              "level", Set.of("error", "warning"),
              "instance", Set.of("node-1")));
    } finally {
      senders.end();
      threads.shutdownNow();
      running().close();
    }
  }

  private ServerProcess running() {
    return Objects.requireNonNull(server);
  }

  private ServerProcess start(URI loki) throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            ServerProcess.environment(directory.resolve("data"), TestServer.KEY, TestServer.TOKEN));
    environment.put("OBSERVER_LOKI_URL", loki.toString());
    environment.put("OBSERVER_LOKI_TENANT", TENANT);
    environment.put("OBSERVER_INSTANCE", "node-1");
    return ServerProcess.start(ServerProcess.onClassPath(ServerProcess.STANDALONE), environment);
  }

  private void awaitAcknowledged(int count) {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (senders.acknowledged() < count) {
      assertTrue(System.nanoTime() < deadline, senders.acknowledged() + " are acknowledged");
      LockSupport.parkNanos(1_000_000);
    }
  }
}
