package dev.observer.bench;

import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Acknowledged events a second at 1, 8 and 64 connections, of Observer and beside it, in the same
 * run and in turn, of {@link BareServer}. Both are warmed up first; after each load Observer is
 * given the time to deliver what it accepted, so that no backlog disturbs the next figure. Ends
 * with status 1 when Observer acknowledges less than half of what the bare server does.
 */
final class IngestBenchmark {

  private static final int[] CONNECTIONS = {1, 8, 64};
  private static final double BUDGET = 0.5;
  private static final String WRITE_KEY = "pk_bench";
  private static final String READ_TOKEN = "bench-bench-bench-bench";
  private static final String PATH = "/api/observer/events?key=" + WRITE_KEY;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(10);
  private static final String ACCEPTED = "observer_records_accepted_total{";
  private static final String DELIVERED = "observer_delivered_records_total{";

  /**
   * One server under one load.
   *
   * @param stored events a second from the start of the load to the end of their delivery
   * @param cpuPerMillion CPU seconds of the server's process for a million events, delivered
   */
  private record Run(LoadClient.Result load, double stored, double cpuPerMillion) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final Duration measured;

  private IngestBenchmark(Duration measured) {
    this.measured = measured;
  }

  /**
   * Runs it.
   *
   * @param args rounds (3), seconds measured (5), seconds of warm-up (15)
   */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    Duration measured = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 5);
    Duration warmUp = Duration.ofSeconds(args.length > 2 ? Integer.parseInt(args[2]) : 15);
    System.out.printf(
        Locale.ROOT,
        "Acknowledged events/s in batches of %d (%.1f KB), distinct ids, over loopback; loader and"
            + " servers share the machine.%n%s%n%d rounds of %d s after %d s of warm-up each.%n%n",
        EventBatch.EVENTS,
        new EventBatch(PATH, new SplittableRandom()).bodyLength() / 1e3,
        Machine.description(),
        rounds,
        measured.toSeconds(),
        warmUp.toSeconds());
    Path directory = Files.createTempDirectory(Machine.benchDirectory(), "ingest");
    boolean withinBudget;
    try (ServerProcess bare = startBare(directory);
        ServerProcess observer = startObserver(directory)) {
      withinBudget = new IngestBenchmark(measured).run(bare, observer, rounds, warmUp);
      // Nothing of the directory is wanted again, so there is nothing to wait for.
      bare.kill();
      observer.kill();
    } finally {
      Machine.delete(directory);
    }
    if (!withinBudget) {
      System.out.println("Below half of the bare server.");
      System.exit(1);
    }
  }

  private static ServerProcess startBare(Path directory) throws IOException {
    List<String> options = new ArrayList<>(ServerProcess.onClassPath(BareServer.class.getName()));
    options.add(directory.resolve("bare").toString());
    return ServerProcess.start(options, Map.of());
  }

  private static ServerProcess startObserver(Path directory) throws IOException {
    Path dataDir = directory.resolve("observer");
    Map<String, String> environment =
        new LinkedHashMap<>(ServerProcess.environment(dataDir, WRITE_KEY, READ_TOKEN));
    // What is measured is accepting; a lane that fills up because the store is slower than the
    // load would turn it into a measurement of the store.
    environment.put("OBSERVER_SPOOL_EVENTS_BYTES", "64GiB");
    return ServerProcess.start(List.of("-jar", Machine.standaloneJar().toString()), environment);
  }

  /** Whether Observer stays above the budget. */
  private boolean run(ServerProcess bare, ServerProcess observer, int rounds, Duration warmUp)
      throws IOException, InterruptedException {
    for (ServerProcess server : List.of(bare, observer)) {
      LoadClient.run(server.uri(), PATH, 64, Duration.ZERO, warmUp);
    }
    awaitDelivered(observer);
    Map<Integer, List<Run>> ofBare = new LinkedHashMap<>();
    Map<Integer, List<Run>> ofObserver = new LinkedHashMap<>();
    System.out.println(Row.HEADER);
    for (int round = 1; round <= rounds; round++) {
      for (int connections : CONNECTIONS) {
        Run first = measure(bare, connections, false);
        Run second = measure(observer, connections, true);
        ofBare.computeIfAbsent(connections, key -> new ArrayList<>()).add(first);
        ofObserver.computeIfAbsent(connections, key -> new ArrayList<>()).add(second);
        System.out.println(new Row("round " + round, connections, first, second));
      }
    }
    boolean withinBudget = true;
    for (int connections : CONNECTIONS) {
      Run first = median(ofBare.getOrDefault(connections, List.of()));
      Run second = median(ofObserver.getOrDefault(connections, List.of()));
      Row row = new Row("median", connections, first, second);
      System.out.println(row);
      withinBudget &= row.ratio() >= BUDGET;
    }
    return withinBudget;
  }

  private Run measure(ServerProcess server, int connections, boolean delivers)
      throws IOException, InterruptedException {
    double cpuBefore = cpuSeconds(server);
    long started = System.nanoTime();
    LoadClient.Result load =
        LoadClient.run(server.uri(), PATH, connections, Duration.ZERO, measured);
    if (delivers) {
      awaitDelivered(server);
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    double cpu = cpuSeconds(server) - cpuBefore;
    return new Run(load, load.acknowledged() / seconds, cpu / load.acknowledged() * 1e6);
  }

  private static double cpuSeconds(ServerProcess server) {
    return server.handle().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  private void awaitDelivered(ServerProcess observer) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(observer.uri().resolve("/metrics"))
            .header("Authorization", "Bearer " + READ_TOKEN)
            .build();
    long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      String metrics = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      if (sum(metrics, DELIVERED) >= sum(metrics, ACCEPTED)) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IOException("the backlog was not delivered within " + DRAIN_LIMIT);
  }

  private static double sum(String metrics, String meter) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(meter))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static Run median(List<Run> runs) {
    return runs.stream()
        .sorted(Comparator.comparingDouble(run -> run.load.eventsPerSecond()))
        .toList()
        .get(runs.size() / 2);
  }

  /** One line of the table. */
  private record Row(String label, int connections, Run bare, Run observer) {

    private static final String HEADER =
        """
        |          |       |        bare |                  ms |    observer |                  ms |       | delivered | CPU s per million |          |
        |          | conns |    events/s |   p50    p99    max |    events/s |   p50    p99    max | ratio |  events/s |   bare   observer | statuses |
        |----------|-------|-------------|---------------------|-------------|---------------------|-------|-----------|-------------------|----------|""";

    private double ratio() {
      return observer.load.eventsPerSecond() / bare.load.eventsPerSecond();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "| %-8s | %5d | %s | %s |  %4.2f | %,9.0f | %6.1f %10.1f | %s |",
          label,
          connections,
          side(bare.load),
          side(observer.load),
          ratio(),
          observer.stored,
          bare.cpuPerMillion,
          observer.cpuPerMillion,
          observer.load.statuses());
    }

    private static String side(LoadClient.Result result) {
      return String.format(
          Locale.ROOT,
          "%,11.0f | %5.1f %6.1f %6.0f",
          result.eventsPerSecond(),
          result.percentile(0.5),
          result.percentile(0.99),
          result.percentile(1));
    }
  }
}
