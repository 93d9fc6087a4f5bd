package dev.observer.bench;

import com.github.loki4j.client.batch.LogRecord;
import com.github.loki4j.client.batch.LogRecordBatch;
import com.github.loki4j.client.writer.JsonWriter;
import dev.observer.config.ObserverConfig;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.loki.LokiSink;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import dev.observer.server.spool.Delivery;
import dev.observer.server.spool.EventDelivery;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.Rejected;
import dev.observer.server.spool.RetryPolicy;
import dev.observer.testserver.LokiServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.opentest4j.IncompleteExecutionException;

/**
 * Records from a filled lane into a real Loki with its limits raised, on the same machine, beside a
 * program that does nothing but push the same lines there: records a second, and the processor time
 * of both sides. One stream and one thread, as delivery has it.
 */
final class LokiBenchmark {
  private static final int ROUNDS = 3;
  private static final int BATCHES = 2_000;
  private static final int RECORDS = BATCHES * EventBatch.EVENTS;
  private static final int PUSH = 1_000;

  private final LokiServer loki;
  private final Path directory;
  private final Meters meters = new Meters(new SimpleMeterRegistry());
  private int tenants;

  private LokiBenchmark(LokiServer loki, Path directory) {
    this.loki = loki;
    this.directory = directory;
  }

  /** Prints a line for each way; takes no arguments. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory(Machine.benchDirectory(), "loki");
    System.out.printf("Records into Loki. %s%n", Machine.description());
    try (LokiServer loki = LokiServer.start(directory)) {
      LokiBenchmark benchmark = new LokiBenchmark(loki, directory);
      benchmark.run();
    } catch (IncompleteExecutionException e) {
      System.out.println(e.getMessage());
    } finally {
      Machine.delete(directory);
    }
  }

  private void run() throws Exception {
    List<SpooledRecord> records = new ArrayList<>();
    deliver(false, new Keeping(records)); // warms up too
    double direct = measure("pushed directly", () -> direct(records));
    double alone = measure("delivered to Loki alone", () -> deliver(false, null));
    double both = measure("to the embedded store and Loki", () -> deliver(true, null));
    System.out.printf(
        Locale.ROOT, "%30s of the direct: %.2f and %.2f%n", "", alone / direct, both / direct);
    LokiSink asked = sink(nextTenant(), store());
    asked.append(records);
    measure("asked whether it has them", () -> ask(asked, records));
  }

  private interface Way {
    /** Gives back when what is measured began: filling the lane is not. */
    long run() throws Exception;
  }

  private double measure(String name, Way way) throws Exception {
    double[] seconds = new double[ROUNDS];
    double ours = cpuSeconds(ProcessHandle.current());
    double theirs = childrenCpuSeconds();
    for (int round = 0; round < ROUNDS; round++) {
      long started = way.run();
      seconds[round] = (System.nanoTime() - started) / 1e9;
    }
    ours = cpuSeconds(ProcessHandle.current()) - ours;
    theirs = childrenCpuSeconds() - theirs;
    Arrays.sort(seconds);
    double median = RECORDS / seconds[ROUNDS / 2];
    System.out.printf(
        Locale.ROOT,
        "%-31s %,8.0f records/s, CPU µs a record: here %.1f (filling included), Loki %.1f%n",
        name,
        median,
        ours * 1e6 / ROUNDS / RECORDS,
        theirs * 1e6 / ROUNDS / RECORDS);
    return median;
  }

  private static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  private static double childrenCpuSeconds() {
    return ProcessHandle.current().children().mapToDouble(LokiBenchmark::cpuSeconds).sum();
  }

  private String nextTenant() {
    return "bench-" + tenants++;
  }

  private DuckDbEventStore store() throws IOException {
    return DuckDbEventStore.open(directory.resolve("events-" + tenants + ".duckdb"), "256MB");
  }

  private LokiSink sink(String tenant, DuckDbEventStore embedded) {
    ObserverConfig.Loki settings = new ObserverConfig.Loki(loki.uri(), tenant, null, null, null);
    return LokiSink.open(loki.uri(), settings, "bench", embedded);
  }

  /** Keeps what a lane delivers, to be pushed directly. */
  private record Keeping(List<SpooledRecord> records) implements EventSink {
    @Override
    public String name() {
      return "keeping";
    }

    @Override
    public void append(List<SpooledRecord> delivered) throws SinkException {
      records.addAll(delivered);
    }

    @Override
    public void close() {}
  }

  private long deliver(boolean embeddedToo, @Nullable Keeping to) throws Exception {
    String tenant = nextTenant();
    try (DuckDbEventStore store = store();
        EventLane lane =
            new EventLane(directory.resolve(tenant), 64L << 30, InstantSource.system())) {
      DeliveryBenchmark.fill(lane, BATCHES);
      EventSink loki = to != null ? to : sink(tenant, store);
      List<EventSink> sinks = embeddedToo ? List.of(store, loki) : List.of(loki);
      Rejected rejected = new Rejected(directory.resolve("rejected"));
      long started = System.nanoTime();
      List<Delivery<?>> deliveries =
          EventDelivery.start(lane, sinks, rejected, RetryPolicy.STANDARD, meters);
      while (lane.bytes() > 0) {
        for (Delivery<?> delivery : deliveries) {
          if (delivery.failure() != null) {
            throw new IOException(delivery.failure());
          }
        }
        Thread.sleep(1);
      }
      long took = System.nanoTime() - started;
      deliveries.forEach(Delivery::close);
      return System.nanoTime() - took;
    }
  }

  /** As little as it takes: encoded the same way, 1,000 a request, one request after another. */
  private long direct(List<SpooledRecord> records) throws Exception {
    String tenant = nextTenant();
    Map<String, String> labels = Map.of("service_name", "bench", "kind", "event");
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    JsonWriter writer = new JsonWriter(64 << 10);
    URI uri = loki.uri().resolve("/loki/api/v1/push");
    long started = System.nanoTime();
    for (int from = 0; from < records.size(); from += PUSH) {
      List<SpooledRecord> part = records.subList(from, Math.min(records.size(), from + PUSH));
      LogRecord[] entries = new LogRecord[part.size()];
      for (int i = 0; i < entries.length; i++) {
        SpooledRecord record = part.get(i);
        entries[i] =
            LogRecord.create(
                record.arrivalNanos() / 1_000_000,
                (int) (record.arrivalNanos() % 1_000_000),
                labels,
                new String(record.json(), StandardCharsets.UTF_8),
                Map.of("event_id", record.record().eventId()));
      }
      writer.serializeBatch(new LogRecordBatch(entries));
      byte[] body = writer.toByteArray();
      writer.reset();
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/json")
                  .header("X-Scope-OrgID", tenant)
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 204) {
        throw new IOException(answer.statusCode() + " " + answer.body());
      }
    }
    return started;
  }

  private static long ask(LokiSink sink, List<SpooledRecord> records) throws Exception {
    long started = System.nanoTime();
    for (int from = 0; from < records.size(); from += 10_000) {
      int missing =
          sink.missing(records.subList(from, Math.min(records.size(), from + 10_000))).size();
      if (missing > 0) {
        throw new IOException(missing + " are missing");
      }
    }
    return started;
  }
}
