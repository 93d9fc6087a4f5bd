package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.observer.server.TestServer;
import dev.observer.server.sink.ReplayKey;
import dev.observer.testserver.MinioServer;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.Result;
import io.minio.messages.Item;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;

/** Sends replay batches, remembers those that were acknowledged, and looks for them in MinIO. */
final class ReplaySender {
  private static final AtomicInteger RECORDINGS = new AtomicInteger();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String recording = "recording-" + RECORDINGS.incrementAndGet();
  private final Random random = new Random(recording.hashCode());
  private final Map<String, byte[]> acknowledged = new ConcurrentHashMap<>();
  private int next;
  private byte[] body = new byte[0];

  /** What was acknowledged, by the path where it belongs. */
  Map<String, byte[]> acknowledged() {
    return acknowledged;
  }

  String recording() {
    return recording;
  }

  String session() {
    return "session-" + recording;
  }

  /** Sends batches until so many are acknowledged, and fails on any other answer. */
  void send(URI server, int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      sendOne(server);
    }
  }

  /** Sends the next batch, or the last one again if nobody answered it. */
  void sendOne(URI server) throws IOException, InterruptedException {
    if (body.length == 0) {
      body = batch();
    }
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve("/api/observer/replay-events?key=" + TestServer.KEY))
            .header("Content-Encoding", "gzip")
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(202, answer.statusCode(), answer::body);
    acknowledged.put(new ReplayKey(session(), recording, next).path(), body);
    next++;
    body = new byte[0];
  }

  private byte[] batch() throws IOException {
    byte[] noise = new byte[500 + random.nextInt(40_000)];
    random.nextBytes(noise);
    String events = "[{\"type\":3,\"data\":\"" + java.util.HexFormat.of().formatHex(noise) + "\"}]";
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
      gzip.write(
          TestServer.replay(session(), recording, next, events).getBytes(StandardCharsets.UTF_8));
    }
    return gzipped.toByteArray();
  }

  /** A client of the tests' own, that tries nothing again. */
  static MinioClient client(MinioServer minio) {
    return MinioClient.builder()
        .endpoint(minio.uri().toString())
        .credentials(minio.accessKey(), minio.secretKey())
        .build();
  }

  /** Waits until the bucket has these objects and no others, and compares them byte for byte. */
  static void assertStored(MinioClient minio, String bucket, Map<String, byte[]> expected)
      throws Exception {
    Set<String> paths = new TreeSet<>(expected.keySet());
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Set<String> there = paths(minio, bucket);
    while (!there.containsAll(paths) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(50_000_000); // listed too often it has no time for puts
      there = paths(minio, bucket);
    }
    assertEquals(paths, there);
    for (Map.Entry<String, byte[]> batch : new TreeMap<>(expected).entrySet()) {
      try (InputStream stored =
          minio.getObject(GetObjectArgs.builder().bucket(bucket).object(batch.getKey()).build())) {
        assertArrayEquals(batch.getValue(), stored.readAllBytes(), batch.getKey());
      }
    }
  }

  private static Set<String> paths(MinioClient minio, String bucket) throws Exception {
    Set<String> paths = new TreeSet<>();
    for (Result<Item> item :
        minio.listObjects(ListObjectsArgs.builder().bucket(bucket).recursive(true).build())) {
      paths.add(item.get().objectName());
    }
    return paths;
  }
}
