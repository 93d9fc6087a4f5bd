package dev.observer.bench;

import dev.observer.config.ObserverConfig;
import dev.observer.event.ServiceNames;
import dev.observer.server.TestServer;
import dev.observer.server.metrics.Meters;
import dev.observer.server.minio.MinioReplayStore;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.spool.Delivery;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.OpenRecordings;
import dev.observer.server.spool.Outcome;
import dev.observer.server.spool.Rejected;
import dev.observer.server.spool.ReplayDelivery;
import dev.observer.server.spool.ReplayLane;
import dev.observer.server.spool.RetryPolicy;
import dev.observer.testserver.MinioServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import javax.net.SocketFactory;
import okhttp3.OkHttpClient;
import org.opentest4j.IncompleteExecutionException;

/**
 * Replay batches from a filled lane into a real MinIO on the same machine, beside a program that
 * does nothing but put the same bytes there with the same SDK: megabytes a second, and the
 * processor time of both sides.
 */
final class MinioBenchmark {
  private static final int ROUNDS = 3;
  private static final int[] SIZES = {20_000, 500_000};
  private static final long ROUND_BYTES = 60_000_000;
  private static final int[] THREADS = {1, 8};

  private final MinioServer minio;
  private final Path directory;
  private final SplittableRandom random = new SplittableRandom(1);
  private int buckets;

  private MinioBenchmark(MinioServer minio, Path directory) {
    this.minio = minio;
    this.directory = directory;
  }

  /** Prints a line for each way and size; takes no arguments. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory(Machine.benchDirectory(), "minio");
    System.out.printf("Replay batches into MinIO. %s%n", Machine.description());
    try (MinioServer minio = MinioServer.start(directory)) {
      MinioBenchmark benchmark = new MinioBenchmark(minio, directory);
      benchmark.run(20_000, 1); // warms up
      for (int size : SIZES) {
        benchmark.run(size, ROUNDS);
      }
    } catch (IncompleteExecutionException e) {
      System.out.println(e.getMessage());
    } finally {
      Machine.delete(directory);
    }
  }

  private interface Way {
    void send(List<byte[]> batches) throws Exception;
  }

  private void run(int size, int rounds) throws Exception {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < ROUND_BYTES / size; i++) {
      batches.add(batch(i, size));
    }
    double direct = 0;
    for (int threads : THREADS) {
      String name = "put directly by %d threads".formatted(threads);
      direct = Math.max(direct, measure(name, size, rounds, all -> direct(all, threads), batches));
    }
    double delivered = measure("delivered from the lane", size, rounds, this::deliver, batches);
    System.out.printf(Locale.ROOT, "%28s of the best direct: %.2f%n", "", delivered / direct);
  }

  /** Megabytes a second of the median round. */
  private double measure(String name, int size, int rounds, Way way, List<byte[]> batches)
      throws Exception {
    double[] seconds = new double[rounds];
    double bytes = batches.stream().mapToLong(batch -> batch.length).sum();
    double ours = cpuSeconds(ProcessHandle.current());
    double theirs = childrenCpuSeconds();
    for (int round = 0; round < rounds; round++) {
      started = 0;
      way.send(batches);
      seconds[round] = (System.nanoTime() - started) / 1e9;
    }
    ours = cpuSeconds(ProcessHandle.current()) - ours;
    theirs = childrenCpuSeconds() - theirs;
    Arrays.sort(seconds);
    double median = bytes / 1e6 / seconds[rounds / 2];
    System.out.printf(
        Locale.ROOT,
        "%,7d bytes, %-25s %,6.1f MB/s, %,6.0f/s, CPU ms a batch: here %.2f, MinIO %.2f%n",
        size,
        name,
        median,
        batches.size() / seconds[rounds / 2],
        ours * 1000 / rounds / batches.size(),
        theirs * 1000 / rounds / batches.size());
    return median;
  }

  /** When what is measured began: filling the lane is not. */
  private long started;

  private static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  private static double childrenCpuSeconds() {
    return ProcessHandle.current().children().mapToDouble(MinioBenchmark::cpuSeconds).sum();
  }

  private byte[] batch(int sequence, int size) throws IOException {
    byte[] noise = new byte[size * 97 / 100];
    random.nextBytes(noise);
    String events = "[\"" + Base64.getEncoder().encodeToString(noise) + "\"]";
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
      gzip.write(
          TestServer.replay("session-1", "recording-1", sequence, events)
              .getBytes(StandardCharsets.UTF_8));
    }
    return gzipped.toByteArray();
  }

  private String nextBucket() {
    return "bench-" + buckets++;
  }

  private void direct(List<byte[]> batches, int threads) throws Exception {
    OkHttpClient http = new OkHttpClient.Builder().socketFactory(new NoDelay()).build();
    http.dispatcher().setMaxRequestsPerHost(64);
    MinioClient client =
        MinioClient.builder()
            .endpoint(minio.uri().toString())
            .region("us-east-1")
            .credentials(minio.accessKey(), minio.secretKey())
            .httpClient(http)
            .build();
    String bucket = nextBucket();
    client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    AtomicInteger next = new AtomicInteger();
    started = System.nanoTime();
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            pool.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < batches.size(); ) {
                    byte[] batch = batches.get(n);
                    client.putObject(
                        PutObjectArgs.builder().bucket(bucket).object("replays/" + n).stream(
                                new ByteArrayInputStream(batch), (long) batch.length, -1L)
                            .build());
                    n = next.getAndIncrement();
                  }
                  return null;
                }));
      }
      for (Future<?> thread : running) {
        thread.get();
      }
    } finally {
      pool.shutdownNow();
      http.dispatcher().executorService().shutdown();
    }
  }

  private void deliver(List<byte[]> batches) throws Exception {
    String bucket = nextBucket();
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .minio(
                m ->
                    m.endpoint(minio.uri().toString())
                        .region("us-east-1")
                        .bucket(bucket)
                        .accessKey(minio.accessKey())
                        .secretKey(minio.secretKey()))
            .build();
    Path spool = directory.resolve(bucket);
    Meters meters = new Meters(new SimpleMeterRegistry());
    Rejected rejected = new Rejected(spool.resolve("rejected"));
    InstantSource clock = InstantSource.system();
    try (MinioReplayStore store = MinioReplayStore.open(config.minio(), Duration.ofDays(1));
        EventLane events = new EventLane(spool.resolve("events"), 1 << 30, clock)) {
      ReplayLane lane = new ReplayLane(spool.resolve("replays"), 8L << 30, store, clock);
      fill(lane, batches);
      started = System.nanoTime();
      try (OpenRecordings recordings =
              new OpenRecordings(
                  spool.resolve("recordings"), events, lane, rejected, meters, clock);
          Delivery<?> delivery =
              ReplayDelivery.start(
                  lane,
                  store,
                  recordings,
                  new ServiceNames("server", "test", 1),
                  rejected,
                  RetryPolicy.STANDARD,
                  meters)) {
        while (lane.files() > 0) {
          if (delivery.failure() != null) {
            throw new IOException(delivery.failure());
          }
          Thread.sleep(1);
        }
      }
    }
  }

  private static void fill(ReplayLane lane, List<byte[]> batches) throws IOException {
    for (int i = 0; i < batches.size(); i++) {
      byte[] batch = batches.get(i);
      try (ReplayLane.Upload upload = Objects.requireNonNull(lane.begin())) {
        upload.write(batch, 0, batch.length);
        Outcome outcome =
            upload.finish(
                new ReplayKey("session-1", "recording-1", i), ReplayLane.sha256().digest(batch));
        if (outcome != Outcome.DURABLE) {
          throw new IOException("the lane answered " + outcome);
        }
      }
    }
  }

  /**
   * As the store has it: without it a small put waits for 40 ms, and the comparison were unfair.
   */
  private static final class NoDelay extends SocketFactory {
    @Override
    public Socket createSocket() throws IOException {
      Socket socket = new Socket();
      socket.setTcpNoDelay(true);
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }
  }
}
