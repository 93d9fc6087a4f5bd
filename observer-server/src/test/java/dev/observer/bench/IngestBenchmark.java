package dev.observer.bench;

import dev.observer.testserver.ServerProcess;
import java.io.IOException;
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
 * run and in turn, of {@link BareServer}. Each figure comes from a fresh process and directory, so
 * that no backlog of the one disturbs the other. Ends with status 1 when Observer acknowledges less
 * than half of what the bare server does.
 */
final class IngestBenchmark {

  private static final int[] CONNECTIONS = {1, 8, 64};
  private static final double BUDGET = 0.5;
  private static final String WRITE_KEY = "pk_bench";
  private static final String READ_TOKEN = "bench-bench-bench-bench";
  private static final String PATH = "/api/observer/events?key=" + WRITE_KEY;

  /**
   * One server under one load.
   *
   * @param cpuPerMillion CPU seconds of the server process for a million events, start-up and
   *     warm-up included in both
   */
  private record Run(LoadClient.Result result, double cpuPerMillion) {}

  private final Path directory;
  private final Path jar;
  private final Duration warmUp;
  private final Duration measured;

  private IngestBenchmark(Path directory, Path jar, Duration warmUp, Duration measured) {
    this.directory = directory;
    this.jar = jar;
    this.warmUp = warmUp;
    this.measured = measured;
  }

  /**
   * Runs it.
   *
   * @param args rounds (3), seconds measured (5), seconds of warm-up (5)
   */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    Duration measured = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 5);
    Duration warmUp = Duration.ofSeconds(args.length > 2 ? Integer.parseInt(args[2]) : 5);
    Path directory = Machine.benchDirectory();
    IngestBenchmark benchmark =
        new IngestBenchmark(directory, Machine.standaloneJar(), warmUp, measured);

    System.out.printf(
        Locale.ROOT,
        "Acknowledged events/s in batches of %d (%.1f KB), distinct ids, over loopback; loader and"
            + " server share the machine.%n%s%nMedian of %d rounds of %d s after %d s of warm-up.%n%n",
        EventBatch.EVENTS,
        new EventBatch(PATH, new SplittableRandom()).bodyLength() / 1e3,
        Machine.description(),
        rounds,
        measured.toSeconds(),
        warmUp.toSeconds());
    Map<Integer, List<Run>> bare = new LinkedHashMap<>();
    Map<Integer, List<Run>> observer = new LinkedHashMap<>();
    System.out.println(Row.HEADER);
    for (int round = 1; round <= rounds; round++) {
      for (int connections : CONNECTIONS) {
        Run ofBare = benchmark.bare(connections);
        Run ofObserver = benchmark.observer(connections);
        bare.computeIfAbsent(connections, key -> new ArrayList<>()).add(ofBare);
        observer.computeIfAbsent(connections, key -> new ArrayList<>()).add(ofObserver);
        System.out.println(new Row("round " + round, connections, ofBare, ofObserver));
      }
    }
    boolean withinBudget = true;
    for (int connections : CONNECTIONS) {
      Row row =
          new Row(
              "median",
              connections,
              median(bare.getOrDefault(connections, List.of())),
              median(observer.getOrDefault(connections, List.of())));
      System.out.println(row);
      withinBudget &= row.ratio() >= BUDGET;
    }
    if (!withinBudget) {
      System.out.println("Below half of the bare server.");
      System.exit(1);
    }
  }

  private Run bare(int connections) throws IOException, InterruptedException {
    Path fresh = Files.createTempDirectory(directory, "bare");
    List<String> options = new ArrayList<>(ServerProcess.onClassPath(BareServer.class.getName()));
    options.add(fresh.resolve("bodies").toString());
    return measure(options, Map.of(), connections, fresh);
  }

  private Run observer(int connections) throws IOException, InterruptedException {
    Path fresh = Files.createTempDirectory(directory, "observer");
    Map<String, String> environment =
        new LinkedHashMap<>(ServerProcess.environment(fresh, WRITE_KEY, READ_TOKEN));
    // What is measured is accepting; a lane that fills up because the store is slower than the
    // load would turn it into a measurement of the store.
    environment.put("OBSERVER_SPOOL_EVENTS_BYTES", "64GiB");
    return measure(List.of("-jar", jar.toString()), environment, connections, fresh);
  }

  private Run measure(
      List<String> options, Map<String, String> environment, int connections, Path fresh)
      throws IOException, InterruptedException {
    try (ServerProcess server = ServerProcess.start(options, environment)) {
      LoadClient.Result result = LoadClient.run(server.uri(), PATH, connections, warmUp, measured);
      double cpu = server.handle().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
      double share = measured.toNanos() / (double) measured.plus(warmUp).toNanos();
      double cpuPerMillion = cpu * share / result.acknowledged() * 1e6;
      // Nothing of this directory is wanted again, so there is nothing to wait for.
      server.kill();
      return new Run(result, cpuPerMillion);
    } finally {
      Machine.delete(fresh);
    }
  }

  private static Run median(List<Run> runs) {
    return runs.stream()
        .sorted(Comparator.comparingDouble(run -> run.result.eventsPerSecond()))
        .toList()
        .get(runs.size() / 2);
  }

  /** One line of the table. */
  private record Row(String label, int connections, Run bare, Run observer) {

    private static final String HEADER =
        """
        |          |       |        bare |                  ms |    observer |                  ms |       | CPU s per million |           |
        |          | conns |    events/s |   p50    p99    max |    events/s |   p50    p99    max | ratio |   bare   observer | statuses  |
        |----------|-------|-------------|---------------------|-------------|---------------------|-------|-------------------|-----------|""";

    private double ratio() {
      return observer.result.eventsPerSecond() / bare.result.eventsPerSecond();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "| %-8s | %5d | %s | %s |  %4.2f | %6.1f %10.1f | %s |",
          label,
          connections,
          side(bare.result),
          side(observer.result),
          ratio(),
          bare.cpuPerMillion,
          observer.cpuPerMillion,
          observer.result.statuses());
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
