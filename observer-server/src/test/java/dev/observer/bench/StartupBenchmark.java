package dev.observer.bench;

import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Time from {@code java -jar} to the line that says the server is ready, with a fresh data
 * directory each time; resident memory when it then idles; size of the jar.
 */
final class StartupBenchmark {

  private static final int STARTS = 5;
  private static final long IDLE_MILLIS = 5_000;

  private StartupBenchmark() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path jar = Machine.standaloneJar();
    double[] seconds = new double[STARTS];
    double[] megabytes = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      Path fresh = Files.createTempDirectory(Machine.benchDirectory(), "startup");
      try (ServerProcess server =
          ServerProcess.start(
              List.of("-jar", jar.toString()),
              ServerProcess.environment(fresh, "pk_bench", "bench-bench-bench-bench"))) {
        seconds[i] = server.startTime().toNanos() / 1e9;
        Thread.sleep(IDLE_MILLIS);
        megabytes[i] = server.residentBytes() / 1e6;
      } finally {
        Machine.delete(fresh);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%nStart-up and memory, %d starts. %s%n"
            + "| from java -jar to ready | %.2f s (%.2f to %.2f) |%n"
            + "| resident after %d s idle | %.0f MB (%.0f to %.0f) |%n"
            + "| standalone jar          | %.1f MB |%n",
        STARTS,
        Machine.description(),
        median(seconds),
        Arrays.stream(seconds).min().orElseThrow(),
        Arrays.stream(seconds).max().orElseThrow(),
        IDLE_MILLIS / 1000,
        median(megabytes),
        Arrays.stream(megabytes).min().orElseThrow(),
        Arrays.stream(megabytes).max().orElseThrow(),
        Files.size(jar) / 1e6);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
