package dev.observer.server.metrics;

import dev.observer.event.ClientDrop;
import dev.observer.event.Kind;
import dev.observer.event.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Every meter of ours, and the loss ledgers. No label value comes from a client. Each is listed in
 * {@code docs/reference/metrics.md}, which a test makes from a real scrape. Thread-safe.
 */
public final class Meters {
  private static final Duration[] REQUEST_BUCKETS =
      IntStream.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private static final String DISK_FREE = "observer.disk.free.bytes";

  private final MeterRegistry registry;
  private final CurrentTrace trace;
  private final Ledger losses;
  private final Ledger clientLosses;

  /** Looked up for every request, which the registry makes dearer; routes bound their number. */
  private final Map<Request, Timer> requests = new ConcurrentHashMap<>();

  private record Request(String path, String method, int status) {}

  /** Likewise; the procedures of the host bound their number. */
  private final Map<Procedure, Timer> procedures = new ConcurrentHashMap<>();

  private record Procedure(String path, String type, String outcome) {}

  private record Sink(Counter delivered, Counter rejected) {}

  private final Map<String, Sink> sinks = new ConcurrentHashMap<>();

  /** Registers with this registry. */
  public Meters(MeterRegistry registry) {
    this(registry, new CurrentTrace());
  }

  Meters(MeterRegistry registry, CurrentTrace trace) {
    this.registry = registry;
    this.trace = trace;
    this.losses =
        new Ledger(
            registry,
            "observer.dropped",
            "Given to the server and not kept where it belongs, in records, replay batches or"
                + " unread requests");
    this.clientLosses =
        new Ledger(
            registry,
            "observer.client.dropped",
            "Lost in browsers before it came to the server, as they say");
    for (Kind kind : Kind.values()) {
      for (DropReason reason : DropReason.values()) {
        dropped(reason, kind.wireName(), 0);
      }
      for (ClientDrop.Reason reason : ClientDrop.Reason.values()) {
        clientLosses.add(reason.wireName(), kind.wireName(), 0);
      }
    }
    for (Source source : Source.values()) {
      errors(source, 0);
    }
    dropped(DropReason.SPOOL_DAMAGED, "unknown", 0);
    dropped(DropReason.SPOOL_UNFINISHED, "unknown", 0);
    for (String cause : List.of("age", "bytes")) {
      expired("record", cause, 0);
      expired("replay_batch", cause, 0);
    }
    ended("quiet", 0);
    ended("crowded", 0);
  }

  /**
   * One answered request.
   *
   * @param path the route's template
   * @param parent the trace of the request, if it named one
   */
  public void request(
      String path, String method, int status, Duration duration, @Nullable TraceParent parent) {
    Timer timer =
        requests.computeIfAbsent(
            new Request(path, method, status),
            key ->
                Timer.builder("observer.http.requests")
                    .description(
                        "From the head of an HTTP request to the end of its answer, by route")
                    .serviceLevelObjectives(REQUEST_BUCKETS)
                    .tags("path", path, "method", method, "status", Integer.toString(status))
                    .register(registry));
    trace.during(parent, () -> timer.record(duration));
  }

  /**
   * Records that were acknowledged, or captured and on the disk; {@code type} is the event type or
   * the error's level.
   */
  public void accepted(Source source, Kind kind, String type, long count) {
    if (kind == Kind.ERROR) {
      errors(source, count);
    }
    Counter.builder("observer.records.accepted")
        .description(
            "Records acknowledged, by event type or, for errors, level: they were on disk before the answer")
        .tags("kind", kind.wireName(), "type", type)
        .register(registry)
        .increment((double) count);
  }

  private void errors(Source source, long count) {
    Counter.builder("observer.errors")
        .description("Errors kept, by source: client for browsers, server for this JVM")
        .tag("source", source.wireName())
        .register(registry)
        .increment((double) count);
  }

  /** Watches what the host captured and is not yet on the disk. */
  public <T> void captureQueue(T queue, ToDoubleFunction<T> bytes) {
    Gauge.builder("observer.capture.queue.bytes", queue, bytes)
        .description("Captured by the host and not yet on the disk, by estimate")
        .register(registry);
  }

  /**
   * One call of a procedure.
   *
   * @param procedure its path; {@code none} if there is no such procedure
   * @param outcome {@code success}, or the code of the error in lower case
   */
  public void procedure(
      String procedure, String type, String outcome, Duration duration, TraceParent parent) {
    Timer timer =
        procedures.computeIfAbsent(
            new Procedure(procedure, type, outcome),
            key ->
                Timer.builder("observer.procedure")
                    .description("Time of one call of a procedure, by outcome")
                    .serviceLevelObjectives(REQUEST_BUCKETS)
                    .tags("procedure", procedure, "type", type, "outcome", outcome)
                    .register(registry));
    trace.during(parent, () -> timer.record(duration));
  }

  /** Something that was not kept where it belongs. */
  public void dropped(DropReason reason, String kind, long count) {
    losses.add(reason.label(), kind, count);
  }

  /** The losses since start, by {@code reason/kind}. */
  public Map<String, Long> losses() {
    return losses.losses();
  }

  /** Something that was lost before it came to us, in a batch that is acknowledged. */
  public void droppedByClient(ClientDrop drop) {
    clientLosses.add(drop.reason().wireName(), drop.kind().wireName(), drop.count());
  }

  /** What browsers said since start that they lost, by {@code reason/kind}. */
  public Map<String, Long> clientLosses() {
    return clientLosses.losses();
  }

  /** One acknowledged replay batch. */
  public void replayBatch(int events, long storedBytes) {
    counter("observer.replay.batches", "Replay batches acknowledged").increment();
    counter("observer.replay.events", "rrweb events in acknowledged replay batches")
        .increment((double) events);
    counter("observer.replay.bytes", "Gzipped bytes of acknowledged replay batches")
        .increment((double) storedBytes);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  /** Watches a lane of the spool. */
  public <T> void lane(
      String lane,
      T spool,
      ToDoubleFunction<T> bytes,
      ToDoubleFunction<T> files,
      ToDoubleFunction<T> oldestSeconds) {
    gauge("observer.spool.bytes", "Bytes acknowledged and not yet delivered", lane, spool, bytes);
    gauge("observer.spool.files", "Files acknowledged and not yet delivered", lane, spool, files);
    gauge(
        "observer.spool.oldest.seconds",
        "Age of the oldest file not yet delivered",
        lane,
        spool,
        oldestSeconds);
  }

  private <T> void gauge(
      String name, String description, String lane, T spool, ToDoubleFunction<T> value) {
    Gauge.builder(name, spool, value).description(description).tag("lane", lane).register(registry);
  }

  /** Whether those of an Observer are in a registry, going by one that none is without. */
  static boolean areIn(MeterRegistry registry) {
    return registry.find(DISK_FREE).meter() != null;
  }

  /** Watches the disk that the spool and the embedded store are on. */
  public <T> void disk(T disk, ToDoubleFunction<T> freeBytes, ToDoubleFunction<T> totalBytes) {
    Gauge.builder(DISK_FREE, disk, freeBytes)
        .description("Bytes left for this process on the disk of data-dir; NaN if it does not say")
        .register(registry);
    Gauge.builder("observer.disk.total.bytes", disk, totalBytes)
        .description("Bytes of the disk of data-dir in all; NaN if it does not say")
        .register(registry);
  }

  /** One attempt to deliver. */
  public void delivery(String sink, boolean success, Duration duration) {
    Timer.builder("observer.delivery")
        .description("Time of one delivery attempt, by sink and outcome")
        .tags("sink", sink, "outcome", success ? "success" : "failure")
        .register(registry)
        .record(duration);
  }

  /** Records or batches that a sink took. */
  public void delivered(String sink, long count) {
    sink(sink).delivered().increment((double) count);
  }

  /** Records or batches that a sink will never take. */
  public void rejected(String sink, long count) {
    sink(sink).rejected().increment((double) count);
  }

  /**
   * Delivered records that a sink was asked for, as it may lose what it took; {@code outcome} is
   * {@code present}, {@code restored}, {@code hidden} where it does not show what it was given
   * again and again, or {@code unchecked} where too many were kept or it would not take them again.
   */
  public void checked(String sink, String outcome, long count) {
    if (count > 0) {
      Counter.builder("observer.checked.records")
          .description("Delivered records that a sink was asked for before their files were let go")
          .tags("sink", sink, "outcome", outcome)
          .register(registry)
          .increment((double) count);
    }
  }

  /** Watches the delivered files that are kept until their sink surely has them. */
  public <T> void kept(T files, ToDoubleFunction<T> bytes) {
    Gauge.builder("observer.kept.bytes", files, bytes)
        .description("Bytes of delivered files that are kept until their sink surely has them")
        .register(registry);
  }

  private Sink sink(String name) {
    return sinks.computeIfAbsent(
        name,
        key ->
            new Sink(
                sinkCounter(
                    key,
                    "observer.delivered.records",
                    "Records and replay batches delivered, by sink"),
                sinkCounter(
                    key,
                    "observer.rejected.records",
                    "Records and replay batches set aside because the sink refuses them")));
  }

  private Counter sinkCounter(String sink, String name, String description) {
    return Counter.builder(name).description(description).tag("sink", sink).register(registry);
  }

  /** Watches how many bytes a store takes on the disk. */
  public <T> void store(String sink, T store, ToDoubleFunction<T> bytes) {
    Gauge.builder("observer.store.bytes", store, bytes)
        .description(
            "Bytes that stored records or replay batches take on the disk; NaN until they were looked at")
        .tag("sink", sink)
        .register(registry);
  }

  /** Watches the recordings that may still go on. */
  public <T> void recordings(T recordings, ToDoubleFunction<T> open) {
    Gauge.builder("observer.recordings.open", recordings, open)
        .description("Recordings that may still go on")
        .register(registry);
  }

  /**
   * Recordings that ended; {@code cause} is {@code quiet}, or {@code crowded} when too many were.
   */
  public void ended(String cause, long count) {
    Counter.builder("observer.recordings.ended")
        .description("Recordings that ended, because they were quiet or too many were open")
        .tag("cause", cause)
        .register(registry)
        .increment((double) count);
  }

  /**
   * What retention deleted; {@code what} is {@code record} or {@code replay_batch}, {@code cause}
   * is {@code age} or {@code bytes}.
   */
  public void expired(String what, String cause, long count) {
    Counter.builder("observer.expired")
        .description(
            "Records and replay batches that retention deleted, for their age or the bytes of all")
        .tags("what", what, "cause", cause)
        .register(registry)
        .increment((double) count);
  }

  /** The label of a method: the ones we know, or {@code other}, as methods are free text. */
  public static String method(String method) {
    String upper = method.toUpperCase(Locale.ROOT);
    return switch (upper) {
      case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH" -> upper;
      default -> "other";
    };
  }
}
