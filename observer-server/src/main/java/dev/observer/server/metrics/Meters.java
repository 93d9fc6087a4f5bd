package dev.observer.server.metrics;

import dev.observer.event.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/**
 * Every meter of ours, and the loss ledger. No label value comes from a client. Thread-safe.
 *
 * <p>Losses are counted here as well as in the registry, because the ledger is part of {@code
 * /health} whatever registry a host brings.
 */
public final class Meters {
  private final MeterRegistry registry;
  private final Map<String, LongAdder> losses = new ConcurrentHashMap<>();

  /** Looked up for every request, which the registry makes dearer; routes bound their number. */
  private final Map<String, Timer> requests = new ConcurrentHashMap<>();

  /** Registers with this registry. */
  public Meters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** One answered request; {@code path} is the route's template. */
  public void request(String path, String method, int status, Duration duration) {
    requests
        .computeIfAbsent(
            path + ' ' + method + ' ' + status,
            key ->
                Timer.builder("observer.http.requests")
                    .description("Time to answer an HTTP request, by route, method and status")
                    .tags("path", path, "method", method, "status", Integer.toString(status))
                    .register(registry))
        .record(duration);
  }

  /** Records that were acknowledged; {@code type} is the event type or the error's level. */
  public void accepted(Kind kind, String type, long count) {
    Counter.builder("observer.records.accepted")
        .description("Records acknowledged: they were on disk before the answer")
        .tags("kind", kind.wireName(), "type", type)
        .register(registry)
        .increment((double) count);
  }

  /** Something that was not kept where it belongs. */
  public void dropped(DropReason reason, String kind, long count) {
    if (count == 0) {
      return;
    }
    losses.computeIfAbsent(reason.label() + "/" + kind, key -> new LongAdder()).add(count);
    Counter.builder("observer.dropped")
        .description("Records and batches not kept, by reason")
        .tags("reason", reason.label(), "kind", kind)
        .register(registry)
        .increment((double) count);
  }

  /** The losses since start, by {@code reason/kind}. */
  public Map<String, Long> losses() {
    Map<String, Long> sums = new TreeMap<>();
    losses.forEach((key, sum) -> sums.put(key, sum.sum()));
    return sums;
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
    Counter.builder("observer.delivered.records")
        .description("Records and replay batches delivered, by sink")
        .tag("sink", sink)
        .register(registry)
        .increment((double) count);
  }

  /** Records or batches that a sink will never take. */
  public void rejected(String sink, long count) {
    Counter.builder("observer.rejected.records")
        .description("Records and replay batches set aside because the sink refuses them")
        .tag("sink", sink)
        .register(registry)
        .increment((double) count);
  }

  /** Records or replay batches deleted because they are past their retention. */
  public void expired(String what, long count) {
    Counter.builder("observer.expired")
        .description("Records and replay batches deleted at the end of their retention")
        .tag("what", what)
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
