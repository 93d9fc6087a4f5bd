package dev.observer.server.minio;

import dev.observer.config.ObserverConfig;
import dev.observer.server.minio.S3Failure.Meaning;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.ObjectWriteArgs;
import io.minio.Result;
import io.minio.UploadObjectArgs;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replay batches as objects of a bucket in MinIO or another S3, {@code
 * replays/{session}/{recording}/000000.json.gz}.
 *
 * <p>A batch is put in one request, streamed from its file, on the condition that there is none of
 * its key: the first stays, however often and by however many servers it is given. When the S3
 * answers, it has it; MinIO syncs it to its disk before that. When the answer is lost it is asked
 * again, and says that it is there.
 *
 * <p>Wrong settings end the start. An S3 that does not answer then is looked at before the first
 * put. Once it worked, nothing is final but an object that it cannot take: keys may be changed and
 * a bucket be made again, and the spool holds until then.
 *
 * <p>After a read that nobody answered, reads fail at once for {@link #FAIL_FAST}, so that they do
 * not keep those waiting who read events.
 *
 * <p>Thread-safe.
 */
public final class MinioReplayStore implements ReplayStore {
  private static final Logger log = LoggerFactory.getLogger(MinioReplayStore.class);
  private static final Pattern NAME =
      Pattern.compile("replays/[A-Za-z0-9_-]+/([A-Za-z0-9_-]{8,64})/(\\d{6})\\.json\\.gz");

  /** Enough for the largest batch over a slow line. */
  private static final Duration PUT = Duration.ofSeconds(60);

  /** Somebody waits for it. */
  private static final Duration READ = Duration.ofSeconds(10);

  static final Duration FAIL_FAST = Duration.ofSeconds(5);

  private final String place;
  private final String bucket;
  private final @Nullable String region;
  private final @Nullable Expiry expiry;
  private final OkHttpClient http;
  private final MinioClient putting;
  private final MinioClient reading;
  private volatile boolean checked;
  private volatile int checks;
  private @Nullable S3Failure checkFailure;
  private volatile long failFastUntil = System.nanoTime();

  private MinioReplayStore(ObserverConfig.Minio config, @Nullable Expiry expiry) {
    this.place = "MinIO at " + config.endpoint();
    this.bucket = Objects.requireNonNull(config.bucket());
    this.region = config.region();
    this.expiry = expiry;
    this.http = S3Http.create();
    this.putting = client(config, http.newBuilder().callTimeout(PUT).build());
    this.reading = client(config, http.newBuilder().callTimeout(READ).build());
  }

  private static MinioClient client(ObserverConfig.Minio config, OkHttpClient http) {
    MinioClient.Builder builder =
        MinioClient.builder()
            .endpoint(String.valueOf(config.endpoint()))
            .credentials(
                Objects.requireNonNull(config.accessKey()),
                Objects.requireNonNull(config.secretKey()))
            .httpClient(http);
    if (config.region() != null) {
      builder.region(config.region());
    }
    return builder.build();
  }

  /**
   * Opens the bucket, and makes it where it is missing.
   *
   * @param config with an endpoint, a bucket and keys
   * @param keep how long batches are kept, where {@code minio.lifecycle} says that the bucket is to
   *     see to it
   * @throws IOException if the S3 answers and does not let us; the message names the setting. One
   *     that does not answer is no error
   */
  public static MinioReplayStore open(ObserverConfig.Minio config, Duration keep)
      throws IOException {
    MinioReplayStore store;
    try {
      store = new MinioReplayStore(config, config.lifecycle() ? Expiry.after(keep) : null);
    } catch (IllegalArgumentException e) {
      // It has a path, for example.
      throw new IOException("minio.endpoint is not an address of an S3: " + e.getMessage(), e);
    }
    try {
      store.check();
    } catch (S3Failure e) {
      if (e.meaning() != Meaning.OUTAGE) {
        store.close();
        throw new IOException(store.place + ": " + e.getMessage(), e);
      }
      log.warn("{}: {}; replays wait in the spool until it answers", store.place, e.getMessage());
    }
    return store;
  }

  /** A request by means of the SDK, which throws whatever it likes. */
  private interface Request<T> {
    @Nullable T send() throws MinioException;
  }

  private static <T> @Nullable T send(Request<T> request) throws S3Failure {
    try {
      return request.send();
    } catch (MinioException | RuntimeException e) {
      throw S3Failure.of(e);
    }
  }

  /** Sees that there is the bucket, that we may use it, and that it has its rule. */
  private void check() throws S3Failure {
    if (checked) {
      return;
    }
    int before = checks;
    synchronized (this) {
      if (checks != before && checkFailure != null) {
        throw checkFailure; // whoever waited for somebody's look need not wait for another
      }
      if (!checked) {
        try {
          look();
          checked = true;
          checkFailure = null;
        } catch (S3Failure e) {
          checkFailure = e;
          throw e;
        } finally {
          checks++;
        }
      }
    }
  }

  private void look() throws S3Failure {
    try {
      // Not bucketExists: its answers have no body that would say what is wrong.
      send(
          () -> {
            Iterator<Result<Item>> any = objects("replays/", 1).iterator();
            return any.hasNext() ? any.next().get() : null;
          });
    } catch (S3Failure e) {
      if (e.meaning() != Meaning.NO_BUCKET) {
        throw e;
      }
      makeBucket();
    }
    if (expiry != null) {
      expireBy(expiry);
    }
  }

  private void makeBucket() throws S3Failure {
    MakeBucketArgs.Builder bucketToMake = MakeBucketArgs.builder().bucket(bucket);
    if (region != null) {
      bucketToMake.region(region);
    }
    try {
      send(
          () -> {
            reading.makeBucket(bucketToMake.build());
            return null;
          });
      log.info("{}: made the bucket {}", place, bucket);
    } catch (S3Failure e) {
      if (e.meaning() != Meaning.BUCKET_MADE) {
        throw e;
      }
    }
  }

  private void expireBy(Expiry rule) throws S3Failure {
    try {
      send(
          () -> {
            rule.ensure(reading, bucket);
            return null;
          });
    } catch (S3Failure e) {
      if (e.meaning() == Meaning.OUTAGE) {
        throw e;
      }
      log.warn(
          "{}: the bucket {} could not be told to delete replays after {} days: {}. Allow it, or set"
              + " minio.lifecycle=false and see to it there",
          place,
          bucket,
          rule.days(),
          e.getMessage());
    }
  }

  @Override
  public String name() {
    return "minio";
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public boolean put(ReplayKey key, Path file) throws SinkException {
    try {
      check();
      send(
          () ->
              putting.uploadObject(
                  UploadObjectArgs.builder()
                      .bucket(bucket)
                      .object(key.path())
                      .filename(file.toString(), ObjectWriteArgs.MAX_PART_SIZE) // one request
                      .contentType("application/json")
                      .headers(Map.of("If-None-Match", "*", "Content-Encoding", "gzip"))
                      .build()));
      return true;
    } catch (S3Failure e) {
      if (e.meaning() == Meaning.PRESENT) {
        return false;
      }
      if (e.meaning() == Meaning.NO_BUCKET) {
        checked = false; // it is made again
      }
      throw e.forSink();
    }
  }

  @Override
  public List<Batch> list(String sessionId) throws SinkException {
    if (!ReplayKey.isId(sessionId)) {
      return List.of();
    }
    List<Batch> batches = read(() -> batches(sessionId));
    return batches == null ? List.of() : batches;
  }

  private List<Batch> batches(String sessionId) throws MinioException {
    List<Batch> batches = new ArrayList<>();
    for (Result<Item> result : objects("replays/" + sessionId + "/", 1000)) {
      Item item = result.get();
      Matcher name = NAME.matcher(item.objectName());
      if (name.matches()) {
        int sequence = Integer.parseInt(name.group(2));
        batches.add(new Batch(new ReplayKey(sessionId, name.group(1), sequence), item.size()));
      }
    }
    Collections.sort(batches, (a, b) -> a.key().compareTo(b.key()));
    return batches;
  }

  private Iterable<Result<Item>> objects(String prefix, int pageSize) {
    return reading.listObjects(
        ListObjectsArgs.builder()
            .bucket(bucket)
            .prefix(prefix)
            .recursive(true)
            .maxKeys(pageSize)
            .build());
  }

  @Override
  public @Nullable InputStream open(ReplayKey key) throws SinkException {
    GetObjectArgs object = GetObjectArgs.builder().bucket(bucket).object(key.path()).build();
    byte[] bytes =
        read(
            () -> { // whole, as it may end in the middle
              try (InputStream stored = reading.getObject(object)) {
                return stored.readAllBytes();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return bytes == null ? null : new ByteArrayInputStream(bytes);
  }

  /** The answer, or null if there is no such thing. */
  private <T> @Nullable T read(Request<T> request) throws SinkException {
    if (failFastUntil - System.nanoTime() > 0) {
      throw SinkException.retryable("it did not answer just now", null);
    }
    try {
      return send(request);
    } catch (S3Failure e) {
      if (e.meaning() == Meaning.NO_OBJECT || e.meaning() == Meaning.NO_BUCKET) {
        return null;
      }
      if (e.meaning() == Meaning.OUTAGE) {
        failFastUntil = System.nanoTime() + FAIL_FAST.toNanos();
      }
      throw e.forSink();
    }
  }

  /** Ends requests that are under way; they fail as if it could not be reached. */
  @Override
  public void close() {
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
