package dev.observer.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sums of what was lost, by reason and kind, and a counter in the registry for each. They are kept
 * here as well, because the ledger is part of {@code /health} whatever registry a host brings.
 *
 * <p>A counter is best opened before anything is lost: for a series that begins with 1, {@code
 * increase()} shows nothing. Thread-safe.
 */
final class Ledger {
  private final MeterRegistry registry;
  private final String meter;
  private final String description;
  private final Map<String, LongAdder> sums = new ConcurrentHashMap<>();

  Ledger(MeterRegistry registry, String meter, String description) {
    this.registry = registry;
    this.meter = meter;
    this.description = description;
  }

  void add(String reason, String kind, long count) {
    sums.computeIfAbsent(reason + "/" + kind, key -> open(reason, kind)).add(count);
  }

  private LongAdder open(String reason, String kind) {
    LongAdder sum = new LongAdder();
    FunctionCounter.builder(meter, sum, LongAdder::doubleValue)
        .description(description)
        .tags("reason", reason, "kind", kind)
        .register(registry);
    return sum;
  }

  /** What was lost since start, by {@code reason/kind}. */
  Map<String, Long> losses() {
    Map<String, Long> losses = new TreeMap<>();
    sums.forEach(
        (key, sum) -> {
          if (sum.sum() > 0) {
            losses.put(key, sum.sum());
          }
        });
    return losses;
  }
}
