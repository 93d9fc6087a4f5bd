package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.server.TestServer;
import dev.observer.testserver.CuttingProxy;
import dev.observer.testserver.MinioServer;
import dev.observer.testserver.ServerProcess;
import io.minio.MinioClient;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * MinIO goes away in every way it can, and in the end each acknowledged batch is there, byte for
 * byte, and nothing else. Events go on meanwhile.
 */
@Timeout(180)
class MinioOutageIT {
  @TempDir Path directory;
  private final String bucket = "observer-" + UUID.randomUUID();
  private final ReplaySender sender = new ReplaySender();
  private MinioServer minio;
  private MinioClient client;

  @BeforeEach
  void startMinio() throws Exception {
    minio = MinioServer.start(directory);
    client = ReplaySender.client(minio);
  }

  @AfterEach
  void stopMinio() throws Exception {
    client.close();
    minio.close();
  }

  private TestServer start(URI endpoint) {
    return TestServer.start(
        directory.resolve("data"),
        builder ->
            builder
                .limits(limits -> limits.requestsPerSecond(0))
                .minio(
                    m ->
                        m.endpoint(endpoint.toString())
                            .bucket(bucket)
                            .accessKey(minio.accessKey())
                            .secretKey(minio.secretKey())));
  }

  private ServerProcess startProcess() throws Exception {
    Map<String, String> environment =
        new HashMap<>(
            ServerProcess.environment(directory.resolve("data"), TestServer.KEY, TestServer.TOKEN));
    environment.put("OBSERVER_MINIO_ENDPOINT", minio.uri().toString());
    environment.put("OBSERVER_MINIO_BUCKET", bucket);
    environment.put("OBSERVER_MINIO_ACCESS_KEY", minio.accessKey());
    environment.put("OBSERVER_MINIO_SECRET_KEY", minio.secretKey());
    return ServerProcess.start(ServerProcess.onClassPath(ServerProcess.STANDALONE), environment);
  }

  /** Sends an event and reads it, as if nothing were the matter. */
  private static void eventsGoOn(TestServer server) throws Exception {
    String id = TestServer.id();
    long start = System.nanoTime();
    HttpResponse<String> answer =
        server.post("/events", TestServer.events(TestServer.event(id, "a")));
    assertEquals(202, answer.statusCode());
    server.readUntil("/records?kind=event", page -> page.toString().contains(id));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(took.compareTo(Duration.ofSeconds(3)) < 0, "it took " + took);
  }

  private static void awaitFailing(TestServer server) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    JsonNode health = server.read("/health");
    while (!health.at("/sinks/minio/status").asText().equals("failing")) {
      assertTrue(System.nanoTime() < deadline, health::toString);
      health = server.read("/health");
    }
    assertEquals("up", health.at("/sinks/embedded/status").asText());
  }

  private static double meter(TestServer server, String name) throws Exception {
    return server
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private static void assertMended(TestServer server) throws Exception {
    server.readUntil(
        "/health",
        health ->
            health.at("/sinks/minio/status").asText().equals("up")
                && health.at("/lanes/replays/files").asInt() == 0);
  }

  @Test
  void down_andBackAgain() throws Exception {
    try (TestServer server = start(minio.uri())) {
      sender.send(server.observer().uri(), 10);
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      minio.backend().kill();
      sender.send(server.observer().uri(), 20);
      awaitFailing(server);
      eventsGoOn(server);
      assertEquals(20, meter(server, "observer_spool_files{lane=\"replays\"}"));
      assertTrue(
          meter(server, "observer_delivery_seconds_count{outcome=\"failure\",sink=\"minio\"}") > 0);
      HttpResponse<String> replay =
          server.get("/replays/" + sender.session(), "Authorization", "Bearer " + TestServer.TOKEN);
      assertEquals(503, replay.statusCode(), replay::body);

      minio.backend().restart();
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      assertMended(server);
      assertEquals(30, meter(server, "observer_delivered_records_total{sink=\"minio\"}"));
      assertFalse(Files.exists(directory.resolve("data/rejected")));
    }
  }

  @Test
  void frozen_andGoingOn() throws Exception {
    try (TestServer server = start(minio.uri())) {
      sender.send(server.observer().uri(), 5);
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      minio.backend().freeze();
      long start = System.nanoTime();
      sender.send(server.observer().uri(), 20);
      eventsGoOn(server);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertTrue(took.compareTo(Duration.ofSeconds(8)) < 0, "uploads waited for MinIO: " + took);
      awaitFailing(server);
      minio.backend().thaw();
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      assertMended(server);
      assertFalse(Files.exists(directory.resolve("data/rejected")));
    }
  }

  @Test
  void answersLost_afterItWasStored() throws Exception {
    try (CuttingProxy proxy = CuttingProxy.start(minio.uri());
        TestServer server = start(proxy.uri())) {
      sender.send(server.observer().uri(), 3);
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      proxy.cutAnswers(4);
      sender.send(server.observer().uri(), 10);
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      assertMended(server);
      assertEquals(4, proxy.cut());
      assertEquals(13, meter(server, "observer_delivered_records_total{sink=\"minio\"}"));
      assertEquals(0, meter(server, "observer_rejected_records_total{sink=\"minio\"}"));
      assertFalse(Files.exists(directory.resolve("data/rejected")));
    }
  }

  @Test
  void observerKilledDuringTheOutage_andStartedInIt() throws Exception {
    try (ServerProcess first = startProcess()) {
      sender.send(first.uri(), 5);
      minio.backend().kill();
      sender.send(first.uri(), 20);
      first.kill();
    }
    try (ServerProcess second = startProcess()) { // MinIO is still away
      sender.send(second.uri(), 5);
      minio.backend().restart();
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
    }
  }

  @Test
  void minioKilledUnderLoad() throws Exception {
    try (TestServer server = start(minio.uri())) {
      for (int round = 0; round < 3; round++) {
        sender.send(server.observer().uri(), 40);
        minio.backend().kill(); // in the middle of delivering them
        minio.backend().restart();
      }
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      assertMended(server);
    }
  }

  @Test
  void fiveHundredBatches_ofEightSenders_areEachThereOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (TestServer server = start(minio.uri())) {
      Map<String, byte[]> acknowledged = new HashMap<>();
      Map<ReplaySender, Future<?>> sending = new HashMap<>();
      for (int i = 0; i < 8; i++) {
        ReplaySender each = new ReplaySender();
        sending.put(
            each,
            threads.submit(
                () -> {
                  each.send(server.observer().uri(), 63);
                  return null;
                }));
      }
      for (Map.Entry<ReplaySender, Future<?>> each : sending.entrySet()) {
        each.getValue().get();
        acknowledged.putAll(each.getKey().acknowledged());
      }
      assertEquals(8 * 63, acknowledged.size());
      ReplaySender.assertStored(client, bucket, acknowledged);
      assertMended(server);
      assertEquals(8 * 63, meter(server, "observer_delivered_records_total{sink=\"minio\"}"));
      assertFalse(Files.exists(directory.resolve("data/rejected")));
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void sigtermDuringAFreeze_endsInTime_andNothingIsLost() throws Exception {
    ServerProcess server = startProcess();
    try {
      sender.send(server.uri(), 2);
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      minio.backend().freeze();
      sender.send(server.uri(), 5);
    } finally {
      long start = System.nanoTime();
      server.close();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertTrue(took.compareTo(Duration.ofSeconds(10)) < 0, "it took " + took);
    }
    minio.backend().thaw();
    try (ServerProcess second = startProcess()) {
      assertTrue(second.handle().isAlive());
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
    }
  }

  @Test
  void stored_isReadAndPlayed_andOtherBytesUnderItsKeyNeverReplaceIt() throws Exception {
    String session = sender.session();
    try (TestServer server = start(minio.uri())) {
      sender.send(server.observer().uri(), 3);
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      JsonNode recording =
          server
              .readUntil(
                  "/replays/" + session, page -> !page.at("/recordings/0/start_time").isNull())
              .at("/recordings/0");
      assertEquals(3, recording.get("batches").size());
      String id = recording.get("recording_id").asText();
      HttpResponse<byte[]> batch = server.getBytes("/replays/" + session + "/" + id + "/1");
      assertEquals("gzip", batch.headers().firstValue("Content-Encoding").orElse(""));
      assertArrayEquals(
          sender.acknowledged().get("replays/" + session + "/" + id + "/000001.json.gz"),
          batch.body());
      String other = TestServer.replay(session, id, 1, "[7]");
      assertEquals(409, server.post("/replay-events", other).statusCode());
    }
    try (TestServer server = start(minio.uri())) { // which remembers nothing
      String other = TestServer.replay(session, sender.recording(), 1, "[7]");
      assertEquals(202, server.post("/replay-events", other).statusCode());
      server.readUntil(
          "/health", health -> health.at("/losses").toString().contains("sink_refused/replay\":1"));
      ReplaySender.assertStored(client, bucket, sender.acknowledged());
      try (var kept = Files.list(directory.resolve("data/rejected"))) {
        assertEquals(2, kept.count(), "the batch and the reason");
      }
    }
  }
}
