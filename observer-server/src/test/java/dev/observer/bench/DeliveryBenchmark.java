package dev.observer.bench;

import dev.observer.event.Arrival;
import dev.observer.event.BatchException;
import dev.observer.event.BatchReader;
import dev.observer.event.Kind;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.metrics.Meters;
import dev.observer.server.spool.Delivery;
import dev.observer.server.spool.EventDelivery;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.Outcome;
import dev.observer.server.spool.Rejected;
import dev.observer.server.spool.RetryPolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Rows a second that delivery to the embedded store can do alone: the lane is filled first, then
 * emptied into the store while nothing else runs. One round after another goes into the same store.
 */
final class DeliveryBenchmark {
  private static final int ROUNDS = 6;
  private static final int BATCHES = 5_000;

  private DeliveryBenchmark() {}

  /** Prints one line a round; takes no arguments. */
  public static void main(String[] args) throws Exception {
    rowsPerSecond();
  }

  /** Runs it, prints its rounds and returns their median, the first left out. */
  static double rowsPerSecond() throws Exception {
    Path directory = Files.createTempDirectory(Machine.benchDirectory(), "delivery");
    Meters meters = new Meters(new SimpleMeterRegistry());
    System.out.printf(
        "Delivery from a filled lane to the embedded store, alone. %s%n", Machine.description());
    double[] rows = new double[ROUNDS];
    try (DuckDbEventStore store =
        DuckDbEventStore.open(directory.resolve("events.duckdb"), "256MB")) {
      for (int round = 0; round < ROUNDS; round++) {
        try (EventLane lane =
            new EventLane(directory.resolve("events"), 64L << 30, InstantSource.system())) {
          fill(lane, BATCHES);
          double cpuBefore = cpuSeconds();
          double count = BATCHES * EventBatch.EVENTS;
          rows[round] = count / seconds(lane, store, directory, meters);
          System.out.printf(
              Locale.ROOT,
              "round %d: %,.0f rows/s, %.1f µs of CPU a row%n",
              round,
              rows[round],
              (cpuSeconds() - cpuBefore) / count * 1e6);
        }
      }
    } finally {
      Machine.delete(directory);
    }
    double[] warm = Arrays.copyOfRange(rows, 1, ROUNDS);
    Arrays.sort(warm);
    return warm[warm.length / 2];
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  private static double seconds(
      EventLane lane, DuckDbEventStore store, Path directory, Meters meters)
      throws InterruptedException {
    Rejected rejected = new Rejected(directory.resolve("rejected"));
    long start = System.nanoTime();
    Delivery<?> delivery = EventDelivery.start(lane, store, rejected, RetryPolicy.STANDARD, meters);
    while (lane.bytes() > 0) {
      Thread.sleep(1);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    delivery.close();
    return seconds;
  }

  static void fill(EventLane lane, int batches) throws Exception {
    EventBatch batch = new EventBatch("/", new SplittableRandom());
    BatchReader reader = new BatchReader(1000, 32, 65_536);
    for (int i = 0; i < batches; i++) {
      CompletableFuture<Outcome> outcome = new CompletableFuture<>();
      lane.append(lines(reader, batch), outcome::complete);
      if (outcome.get() != Outcome.DURABLE) {
        throw new IOException("the lane answered " + outcome.get());
      }
    }
  }

  private static List<byte[]> lines(BatchReader reader, EventBatch batch) throws BatchException {
    byte[] request = batch.next();
    byte[] body = Arrays.copyOfRange(request, request.length - batch.bodyLength(), request.length);
    ServiceNames services = new ServiceNames("server", "test", 100);
    Arrival arrival =
        new Arrival(System.currentTimeMillis(), Source.CLIENT, "Mozilla/5.0", services);
    return reader.read(Kind.EVENT, body, body.length, arrival).lines();
  }
}
