package dev.observer.server.minio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.config.ObserverConfig;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.ReplayStoreContract;
import dev.observer.server.sink.SinkException;
import dev.observer.testserver.MinioServer;
import io.minio.BucketExistsArgs;
import io.minio.GetBucketLifecycleArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.RemoveBucketArgs;
import io.minio.SetBucketLifecycleArgs;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.messages.Filter;
import io.minio.messages.LifecycleConfiguration;
import io.minio.messages.LifecycleConfiguration.Rule;
import io.minio.messages.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MinioReplayStoreIT extends ReplayStoreContract {
  private static final Duration MONTH = Duration.ofDays(30);
  private static final ReplayKey KEY = new ReplayKey("session-1", "recording-1", 0);

  @TempDir static Path shared;
  private static MinioServer minio;
  private static MinioClient client;

  private final String bucket = "observer-" + UUID.randomUUID();
  private final List<ReplayStore> opened = new ArrayList<>();

  @BeforeAll
  static void startMinio() throws IOException {
    minio = MinioServer.start(shared);
    client =
        MinioClient.builder()
            .endpoint(minio.uri().toString())
            .credentials(minio.accessKey(), minio.secretKey())
            .build();
  }

  @AfterAll
  static void stopMinio() throws Exception {
    client.close();
    minio.close();
  }

  @AfterEach
  void closeStores() {
    opened.forEach(ReplayStore::close);
  }

  private static ObserverConfig.Minio config(
      String bucket, String accessKey, String secretKey, boolean lifecycle) {
    return ObserverConfig.builder()
        .environmentVariables(Map.of())
        .minio(
            m ->
                m.endpoint(minio.uri().toString())
                    .bucket(bucket)
                    .accessKey(accessKey)
                    .secretKey(secretKey)
                    .lifecycle(lifecycle))
        .build()
        .minio();
  }

  private MinioReplayStore open(boolean lifecycle, Duration keep) throws IOException {
    MinioReplayStore store =
        MinioReplayStore.open(
            config(bucket, minio.accessKey(), minio.secretKey(), lifecycle), keep);
    opened.add(store);
    return store;
  }

  @Override
  protected ReplayStore open(Path directory) throws IOException {
    return open(true, MONTH);
  }

  private static String refusal(String bucket, String accessKey, String secretKey) {
    IOException e =
        assertThrows(
            IOException.class,
            () -> MinioReplayStore.open(config(bucket, accessKey, secretKey, true), MONTH));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("MinIO at " + minio.uri() + ": "), message);
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    assertFalse(trace.toString().contains(secretKey), trace::toString);
    assertFalse(trace.toString().contains("Credential="), "headers are no business of a log");
    return message;
  }

  @Test
  void object_isTheGzippedJson_andSaysSo() throws Exception {
    byte[] bytes = new byte[9_000_000]; // more than the SDK puts in one request by itself
    new Random(1).nextBytes(bytes);
    Path file = Files.write(directory.resolve("batch"), bytes);
    MinioReplayStore store = open(false, MONTH);
    assertTrue(store.put(KEY, file));
    StatObjectResponse stat =
        client.statObject(StatObjectArgs.builder().bucket(bucket).object(KEY.path()).build());
    assertEquals("application/json", stat.contentType());
    assertEquals("gzip", stat.headers().get("Content-Encoding"));
    assertFalse(stat.etag().contains("-"), "it came in parts");
    try (InputStream in = Objects.requireNonNull(store.open(KEY))) {
      assertArrayEquals(bytes, in.readAllBytes());
    }
  }

  @Test
  void wrongSettings_areNamed() {
    String secret = minio.secretKey();
    String key = minio.accessKey();
    assertTrue(refusal(bucket, key, secret + "x").contains("minio.secret-key is wrong"));
    assertTrue(refusal(bucket, key + "x", secret).contains("minio.access-key is not known"));
    assertTrue(refusal("a..b", key, secret).contains("minio.bucket"));
  }

  @Test
  void missingBucket_isMade_onceByMany_andAgainWhenItIsGone() throws Exception {
    client.removeBucket(RemoveBucketArgs.builder().bucket(bucket).build()); // the contract's
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<MinioReplayStore> opening = () -> open(false, MONTH);
      List<Future<MinioReplayStore>> stores = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        stores.add(threads.submit(opening));
      }
      for (Future<MinioReplayStore> store : stores) {
        assertNotNull(store.get());
      }
      assertTrue(client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build()));
      MinioReplayStore store = stores.get(0).get();
      client.removeBucket(RemoveBucketArgs.builder().bucket(bucket).build());
      Path file = Files.writeString(directory.resolve("batch"), "batch");
      assertEquals(List.of(), store.list("session-1"));
      assertNull(store.open(KEY));
      SinkException e = assertThrows(SinkException.class, () -> store.put(KEY, file));
      assertTrue(e.retryable());
      assertTrue(store.put(KEY, file));
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Rule> rules() throws Exception {
    LifecycleConfiguration lifecycle =
        client.getBucketLifecycle(GetBucketLifecycleArgs.builder().bucket(bucket).build());
    return lifecycle == null ? List.of() : lifecycle.rules();
  }

  private static Rule rule(String id, String prefix, int days) {
    return new Rule(
        Status.ENABLED,
        null,
        new LifecycleConfiguration.Expiration((ZonedDateTime) null, days, null, null),
        new Filter(prefix),
        id,
        null,
        null,
        null);
  }

  @Test
  void lifecycleRule_followsTheSettings_andLeavesOthersAlone() throws Exception {
    client.setBucketLifecycle(
        SetBucketLifecycleArgs.builder()
            .bucket(bucket)
            .config(new LifecycleConfiguration(List.of(rule("theirs", "backups/", 7))))
            .build());
    open(false, MONTH);
    assertEquals(List.of("theirs"), rules().stream().map(Rule::id).toList());
    open(true, Duration.ofHours(25));
    open(true, MONTH.plusHours(1));
    assertEquals(
        List.of("observer-replays replays/ 31", "theirs backups/ 7"),
        rules().stream()
            .map(r -> r.id() + " " + r.filter().prefix() + " " + r.expiration().days())
            .sorted()
            .toList());
  }

  @Test
  void readsOfAFrozenMinio_keepNobodyWaitingButTheFirst() throws Exception {
    MinioReplayStore store = open(false, MONTH);
    Path file = Files.writeString(directory.resolve("batch"), "batch");
    assertTrue(store.put(KEY, file));
    minio.backend().freeze();
    try {
      assertThrows(SinkException.class, () -> store.list("session-1"));
      long start = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        assertThrows(SinkException.class, () -> store.open(KEY));
      }
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(2).toNanos());
    } finally {
      minio.backend().thaw();
    }
    assertFalse(store.put(KEY, file), "puts have no such rest");
    assertEquals(1, readWhenItIsTimeTo(store).size());
  }

  private static List<ReplayStore.Batch> readWhenItIsTimeTo(MinioReplayStore store)
      throws SinkException {
    long deadline = System.nanoTime() + MinioReplayStore.FAIL_FAST.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        return store.list("session-1");
      } catch (SinkException e) {
        LockSupport.parkNanos(10_000_000);
      }
    }
    return store.list("session-1");
  }

  @Test
  void bucketThatWasThere_isUsed() throws Exception {
    String theirs = "theirs-" + UUID.randomUUID();
    client.makeBucket(MakeBucketArgs.builder().bucket(theirs).build());
    try (MinioReplayStore store =
        MinioReplayStore.open(config(theirs, minio.accessKey(), minio.secretKey(), true), MONTH)) {
      assertTrue(store.put(KEY, Files.writeString(directory.resolve("batch"), "batch")));
      assertEquals(List.of(new ReplayStore.Batch(KEY, 5)), store.list("session-1"));
    }
  }
}
