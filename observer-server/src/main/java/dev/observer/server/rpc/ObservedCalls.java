package dev.observer.server.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.server.capture.Capture;
import dev.observer.server.capture.ErrorContext;
import dev.observer.server.capture.FreeData;
import dev.observer.server.capture.Mechanism;
import dev.observer.server.capture.Scope;
import dev.observer.server.capture.Traces;
import dev.observer.server.metrics.Meters;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times each call by its outcome, and captures those that end with a mistake of the
 * server. Whatever is captured meanwhile belongs to the call. Thread-safe.
 */
public final class ObservedCalls implements ProcedureInterceptor {
  private static final ErrorContext UNHANDLED = ErrorContext.EMPTY.handled(false);

  private final Capture capture;
  private final Traces traces;
  private final Meters meters;
  private final @Nullable FreeData inputs;
  private final LongSupplier nanoTime;
  private final ObjectMapper mapper;

  /**
   * Observes with these.
   *
   * @param inputs writes what may be kept of inputs; null: nothing may
   */
  public ObservedCalls(
      Capture capture,
      Traces traces,
      Meters meters,
      @Nullable FreeData inputs,
      LongSupplier nanoTime) {
    this(capture, traces, meters, inputs, nanoTime, new ObjectMapper());
  }

  private ObservedCalls(
      Capture capture,
      Traces traces,
      Meters meters,
      @Nullable FreeData inputs,
      LongSupplier nanoTime,
      ObjectMapper mapper) {
    this.capture = capture;
    this.traces = traces;
    this.meters = meters;
    this.inputs = inputs;
    this.nanoTime = nanoTime;
    this.mapper = mapper;
  }

  /** The same, with inputs that this mapper reads. */
  ObservedCalls with(ObjectMapper mapper) {
    return new ObservedCalls(capture, traces, meters, inputs, nanoTime, mapper);
  }

  @Override
  public @Nullable Object intercept(ProcedureCall call, Callable<? extends @Nullable Object> body)
      throws Exception {
    HttpServerExchange exchange = call.exchange();
    return intercept(exchange == null ? traces.currentOrNew() : scope(exchange), call, body);
  }

  /** Observes a call that belongs to this scope. */
  @Nullable Object intercept(
      Scope around, ProcedureCall call, Callable<? extends @Nullable Object> body)
      throws Exception {
    Observation observation = begin(around, call);
    try {
      Object result = observation.within(body);
      observation.end(null);
      return result;
    } catch (Throwable e) {
      observation.end(e);
      throw e;
    }
  }

  /** That of the request, if it is in one already, or else a new one. */
  Scope scope(HttpServerExchange exchange) {
    Scope around = traces.current();
    return around == null ? traces.of(exchange) : around;
  }

  /** Begins to observe a call that belongs to this scope. */
  Observation begin(Scope around, ProcedureCall call) {
    return new Observation(
        call,
        around.calling(
            new Scope.Call(call.path(), call.type().wireName(), () -> kept(call.input()))));
  }

  /** What may be kept of an input, as JSON. */
  private @Nullable String kept(@Nullable Object input) {
    if (inputs == null || input == null) {
      return null;
    }
    Object tree =
        input instanceof JsonNode node && node.isNull()
            ? null
            : mapper.convertValue(input, Object.class);
    return tree == null ? null : inputs.text(tree);
  }

  /** A call that goes on. Ended once, by any thread. */
  final class Observation {
    private final ProcedureCall call;
    private final Scope scope;
    private final long start = nanoTime.getAsLong();

    private Observation(ProcedureCall call, Scope scope) {
      this.call = call;
      this.scope = scope;
    }

    /** Does something that belongs to the call, on this thread. */
    <T extends @Nullable Object> T within(Callable<T> body) throws Exception {
      try (Traces.Opened opened = traces.open(scope)) {
        return body.call();
      }
    }

    /** How it ended. */
    void end(@Nullable Throwable thrown) {
      ErrorCode code = thrown == null ? null : ProcedureException.of(thrown).code();
      meters.procedure(
          call.path(),
          call.type().wireName(),
          code == null ? "success" : code.label(),
          Duration.ofNanos(nanoTime.getAsLong() - start),
          scope.trace());
      if (thrown != null && code != null && code.isServers()) {
        capture.exception(thrown, Mechanism.PROCEDURE, UNHANDLED, scope);
      }
    }
  }
}
