package dev.observer.bench;

import dev.observer.event.Arrival;
import dev.observer.event.Batch;
import dev.observer.event.BatchException;
import dev.observer.event.BatchReader;
import dev.observer.event.Kind;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Measures what reading costs alone: microseconds an event from the bytes of a batch to the lines
 * of the spool, on one thread. Run it beside {@link IngestBenchmark}, whose bare server does
 * nothing of this.
 */
final class ReadBenchmark {
  private static final int ROUNDS = 5;
  private static final int BATCHES = 20_000;

  private ReadBenchmark() {}

  /** Prints one line a round; takes no arguments. */
  public static void main(String[] args) throws BatchException {
    EventBatch batch = new EventBatch("/", new SplittableRandom(1));
    BatchReader reader = new BatchReader(1000, 32, 65_536);
    ServiceNames services = new ServiceNames("server", "test", 100);
    for (int round = -2; round < ROUNDS; round++) {
      long bytes = 0;
      long nanos = 0;
      for (int i = 0; i < BATCHES; i++) {
        byte[] request = batch.next();
        byte[] body =
            Arrays.copyOfRange(request, request.length - batch.bodyLength(), request.length);
        Arrival arrival =
            new Arrival(System.currentTimeMillis(), Source.CLIENT, "Mozilla/5.0", services);
        long start = System.nanoTime();
        Batch read = reader.read(Kind.EVENT, body, body.length, arrival);
        nanos += System.nanoTime() - start;
        for (byte[] line : read.lines()) {
          bytes += line.length;
        }
      }
      int events = BATCHES * EventBatch.EVENTS;
      System.out.printf(
          Locale.ROOT,
          "%s%.2f µs an event, %d bytes stored%n",
          round < 0 ? "warming up: " : "",
          nanos / 1000.0 / events,
          bytes / events);
    }
  }
}
