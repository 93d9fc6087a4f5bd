package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.observer.server.TestServer;
import dev.observer.server.loki.LokiReader;
import dev.observer.server.loki.LokiReader.Entry;
import dev.observer.testserver.LokiServer;
import dev.observer.testserver.MinioServer;
import dev.observer.testserver.ServerProcess;
import io.minio.MinioClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged server with a real Loki and a real MinIO, as its users run it. */
class LokiAndMinioIT {
  private static final int RECORDS = 100_000;
  private static final int SENDERS = 8;

  /** Of each sender. */
  private static final int BATCHES = 63;

  private static final String TENANT = "both";

  @TempDir Path directory;

  private static Path jar() throws IOException {
    try (var files = Files.newDirectoryStream(Path.of("target"), "*-standalone.jar")) {
      return files.iterator().next();
    }
  }

  private ServerProcess start(LokiServer loki, MinioServer minio, String bucket)
      throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            ServerProcess.environment(directory.resolve("data"), TestServer.KEY, TestServer.TOKEN));
    environment.put("OBSERVER_SERVICE_NAME", "shop-0");
    environment.put("OBSERVER_ENVIRONMENT", "test");
    environment.put("OBSERVER_INSTANCE", "node-1");
    environment.put("OBSERVER_LOKI_URL", loki.uri().toString());
    environment.put("OBSERVER_LOKI_TENANT", TENANT);
    environment.put("OBSERVER_MINIO_ENDPOINT", minio.uri().toString());
    environment.put("OBSERVER_MINIO_BUCKET", bucket);
    environment.put("OBSERVER_MINIO_ACCESS_KEY", minio.accessKey());
    environment.put("OBSERVER_MINIO_SECRET_KEY", minio.secretKey());
    return ServerProcess.start(List.of("-jar", jar().toString()), environment);
  }

  @Test
  @Timeout(600)
  void recordsAndReplaysOfEightSenders_areEachThereOnce_asTheyWereSent() throws Exception {
    String bucket = "observer-" + UUID.randomUUID();
    ExecutorService threads = Executors.newFixedThreadPool(2 * SENDERS);
    try (LokiServer loki = LokiServer.start(directory);
        MinioServer minio = MinioServer.start(directory);
        MinioClient client = ReplaySender.client(minio);
        ServerProcess server = start(loki, minio, bucket)) {
      RecordSenders records = new RecordSenders(server::uri);
      List<ReplaySender> replays = new ArrayList<>();
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int sender = i;
        int requests = RECORDS / SENDERS / RecordSenders.BATCH;
        sending.add(threads.submit(() -> records.send(sender, requests)));
        ReplaySender replay = new ReplaySender();
        replays.add(replay);
        sending.add(
            threads.submit(
                () -> {
                  replay.send(server.uri(), BATCHES);
                  return null;
                }));
      }
      for (Future<?> each : sending) {
        each.get();
      }
      assertEquals(RECORDS, records.acknowledged());

      LokiReader reader = new LokiReader(loki.uri(), TENANT);
      List<Entry> entries =
          reader.entriesUntil("{service_name=~\".+\"}", found -> found.size() >= RECORDS + SENDERS);
      Map<Boolean, List<Entry>> byReplay =
          entries.stream()
              .collect(
                  Collectors.partitioningBy(entry -> "replay".equals(entry.labels().get("kind"))));
      records.assertOnce(byReplay.getOrDefault(false, List.of()));
      assertEquals(
          replays.stream().map(ReplaySender::recording).sorted().toList(),
          byReplay.getOrDefault(true, List.of()).stream()
              .map(entry -> entry.metadata().getOrDefault("recording_id", ""))
              .sorted()
              .toList());
      RecordSenders.assertLabels(
          entries,
          Map.of(
              "service_name", Set.of("shop-0", "shop-1"),
              "environment", Set.of("test"),
              "kind", Set.of("error", "event", "replay"),
              "source", Set.of("client"),
              "level", Set.of("error", "warning"),
              "instance", Set.of("node-1")));

      Map<String, byte[]> batches = new HashMap<>();
      replays.forEach(replay -> batches.putAll(replay.acknowledged()));
      assertEquals(SENDERS * BATCHES, batches.size());
      ReplaySender.assertStored(client, bucket, batches);
      assertFalse(Files.exists(directory.resolve("data/rejected")));
    } finally {
      threads.shutdownNow();
    }
  }
}
