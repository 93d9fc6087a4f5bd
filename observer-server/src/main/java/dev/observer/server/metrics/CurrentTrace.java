package dev.observer.server.metrics;

import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells the registry which trace a value belongs to while it is recorded, so that the value can
 * become an exemplar. Only a trace that is sampled: another would lead nowhere. Thread-safe, each
 * thread has its own.
 */
final class CurrentTrace implements SpanContext {
  @SuppressWarnings("ThreadLocalUsage") // one for each registry, and no trace stays in it
  private final ThreadLocal<@Nullable TraceParent> current = new ThreadLocal<>();

  /** Records something that belongs to this trace, or to none. */
  void during(@Nullable TraceParent trace, Runnable recording) {
    if (trace == null || !trace.sampled()) {
      recording.run();
      return;
    }
    current.set(trace);
    try {
      recording.run();
    } finally {
      current.set(null); // its entry stays for the next: every request of a host passes here
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    TraceParent trace = current.get();
    return trace == null ? null : trace.traceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    TraceParent trace = current.get();
    return trace == null ? null : trace.spanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return current.get() != null;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // Nobody here keeps spans.
  }
}
