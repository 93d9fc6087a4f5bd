package dev.observer.server.capture;

import dev.observer.server.metrics.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import org.jspecify.annotations.Nullable;

/** The current span of OpenTelemetry. Only loaded where its API is on the class path. */
final class OpenTelemetrySpan {
  private OpenTelemetrySpan() {}

  static @Nullable TraceParent current() {
    SpanContext span = Span.current().getSpanContext();
    return span.isValid()
        ? new TraceParent(span.getTraceId(), span.getSpanId(), span.isSampled())
        : null;
  }
}
