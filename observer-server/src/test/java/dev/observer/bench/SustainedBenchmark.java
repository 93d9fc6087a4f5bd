package dev.observer.bench;

import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Minutes at four fifths of what delivery to the embedded store can do alone: memory and spool have
 * to stay flat, and reading has to answer meanwhile. Then twice that rate at a server with a small
 * quota: the lane fills up, senders are told to come back, and afterwards everything acknowledged
 * is delivered and health is up.
 */
final class SustainedBenchmark {
  private static final int CONNECTIONS = 8;
  private static final String WRITE_KEY = "pk_bench";
  private static final String READ_TOKEN = "bench-bench-bench-bench";
  private static final String BASE = "/api/observer/";
  private static final String EVENTS = BASE + "events?key=" + WRITE_KEY;
  private static final Duration ROW = Duration.ofSeconds(30);

  /** A person looks at the console, and a script asks now and then. */
  private static final Duration BETWEEN_READS = Duration.ofSeconds(2);

  private static final Duration OVERLOAD = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ServerProcess server;

  private SustainedBenchmark(ServerProcess server) {
    this.server = server;
  }

  /**
   * Runs it.
   *
   * @param args minutes (5)
   */
  public static void main(String[] args) throws Exception {
    Duration time = Duration.ofMinutes(args.length > 0 ? Integer.parseInt(args[0]) : 5);
    double rate = 0.8 * DeliveryBenchmark.rowsPerSecond();
    Path directory = Files.createTempDirectory(Machine.benchDirectory(), "sustained");
    try {
      try (ServerProcess server = start(directory.resolve("steady"), "1GiB")) {
        System.out.printf(Locale.ROOT, "%n%,.0f events/s for %d s:%n", rate, time.toSeconds());
        new SustainedBenchmark(server).load(rate, time);
      }
      try (ServerProcess server = start(directory.resolve("overload"), "64MiB")) {
        System.out.printf(
            Locale.ROOT,
            "%n%,.0f events/s for %d s, with a quota of 64 MiB:%n",
            2 * rate,
            OVERLOAD.toSeconds());
        SustainedBenchmark benchmark = new SustainedBenchmark(server);
        LoadClient.Result result = benchmark.load(2 * rate, OVERLOAD);
        benchmark.recover(result);
      }
    } finally {
      Machine.delete(directory);
    }
  }

  private static ServerProcess start(Path dataDir, String quota) throws IOException {
    Map<String, String> environment =
        new LinkedHashMap<>(ServerProcess.environment(dataDir, WRITE_KEY, READ_TOKEN));
    environment.put("OBSERVER_SPOOL_EVENTS_BYTES", quota);
    return ServerProcess.start(List.of("-jar", Machine.standaloneJar().toString()), environment);
  }

  /** What was seen in one stretch of time. */
  private static final class Seen {
    private long spool;
    private long resident;
    private final List<Double> reads = new ArrayList<>();

    @Override
    public String toString() {
      reads.sort(null);
      return String.format(
          Locale.ROOT,
          "spool at most %,5.0f MB, resident at most %,5.0f MB, reads ms p50 %,5.0f p99 %,5.0f",
          spool / 1e6,
          resident / 1e6,
          reads.get(reads.size() / 2),
          reads.get(reads.size() * 99 / 100));
    }
  }

  private LoadClient.Result load(double rate, Duration time) throws Exception {
    CompletableFuture<LoadClient.Result> load = new CompletableFuture<>();
    Thread loader =
        new Thread(
            () -> {
              try {
                load.complete(LoadClient.runAt(rate, server.uri(), EVENTS, CONNECTIONS, time));
              } catch (IOException | InterruptedException e) {
                load.completeExceptionally(e);
              }
            });
    loader.start();
    long started = System.nanoTime();
    while (!load.isDone()) {
      Seen seen = new Seen();
      long until = System.nanoTime() + ROW.toNanos();
      while (System.nanoTime() < until && !load.isDone()) {
        look(seen);
        Thread.sleep(BETWEEN_READS.toMillis());
      }
      System.out.printf(
          Locale.ROOT, "  to %3.0f s: %s%n", (System.nanoTime() - started) / 1e9, seen);
    }
    LoadClient.Result result = load.get();
    System.out.printf(
        Locale.ROOT,
        "  acknowledged %,.0f events/s, answers p50 %.1f p99 %.1f ms, statuses %s%n",
        result.eventsPerSecond(),
        result.percentile(0.5),
        result.percentile(0.99),
        result.statuses());
    return result;
  }

  private void look(Seen seen) throws IOException, InterruptedException {
    String metrics = get("/metrics").body();
    seen.spool = Math.max(seen.spool, (long) sum(metrics, "observer_spool_bytes{lane=\"events\"}"));
    seen.resident = Math.max(seen.resident, server.residentBytes());
    for (String path : List.of("records?limit=100", "sessions?limit=50")) {
      long start = System.nanoTime();
      HttpResponse<String> answer = get(BASE + path);
      if (answer.statusCode() != 200) {
        throw new IOException(path + " answered " + answer.statusCode());
      }
      seen.reads.add((System.nanoTime() - start) / 1e6);
    }
  }

  /** Waits until everything is delivered, and compares. */
  private void recover(LoadClient.Result result) throws IOException, InterruptedException {
    long started = System.nanoTime();
    while (sum(get("/metrics").body(), "observer_spool_bytes{lane=\"events\"}") > 0) {
      Thread.sleep(100);
    }
    String metrics = get("/metrics").body();
    System.out.printf(
        Locale.ROOT,
        "  delivered after %.1f s more: %,.0f records; acknowledged %,.0f; the loader counted"
            + " %,d; health: %s%n",
        (System.nanoTime() - started) / 1e9,
        sum(metrics, "observer_delivered_records_total{"),
        sum(metrics, "observer_records_accepted_total{"),
        result.acknowledged(),
        get(BASE + "health").body());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = server.uri().resolve(path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + READ_TOKEN).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static double sum(String metrics, String meter) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(meter))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
