package dev.observer.server.capture;

import dev.observer.server.metrics.TraceParent;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The trace of what each thread does now. It is also in the MDC, as {@value #TRACE_ID}, {@value
 * #SPAN_ID} and {@value #SESSION_ID}, so that lines of the log carry it.
 *
 * <p>Where OpenTelemetry's API is on the class path and has a current span, that says the ids.
 * Making spans is not our job. Thread-safe.
 */
public final class Traces {
  static final String TRACE_ID = "trace_id";
  static final String SPAN_ID = "span_id";
  static final String SESSION_ID = "session_id";

  private static final HttpString TRACEPARENT = new HttpString(TraceParent.HEADER);
  private static final HttpString BAGGAGE = new HttpString("baggage");
  private static final String SESSION_MEMBER = SESSION_ID + "=";

  @SuppressWarnings("ThreadLocalUsage") // one for each Observer, and no scope stays in it
  private final ThreadLocal<@Nullable Scope> current = new ThreadLocal<>();

  private final Supplier<@Nullable TraceParent> spans;

  /** Asks OpenTelemetry where its API is there. */
  public Traces() {
    this(openTelemetry());
  }

  Traces(Supplier<@Nullable TraceParent> spans) {
    this.spans = spans;
  }

  private static Supplier<@Nullable TraceParent> openTelemetry() {
    try {
      OpenTelemetrySpan.current();
      return OpenTelemetrySpan::current;
    } catch (LinkageError e) {
      return () -> null; // it is not there
    }
  }

  /** A scope that was opened; closing it, on the same thread, puts back what was before. */
  public final class Opened implements AutoCloseable {
    private final Scope scope;
    private final @Nullable Scope before;
    private final @Nullable String traceId;
    private final @Nullable String spanId;
    private final @Nullable String sessionId;

    private Opened(Scope scope) {
      this.scope = scope;
      before = current.get();
      current.set(scope);
      traceId = MDC.get(TRACE_ID);
      spanId = MDC.get(SPAN_ID);
      MDC.put(TRACE_ID, scope.trace().traceId());
      MDC.put(SPAN_ID, scope.trace().spanId());
      if (scope.sessionId() == null) {
        sessionId = null;
      } else {
        sessionId = MDC.get(SESSION_ID);
        MDC.put(SESSION_ID, scope.sessionId());
      }
    }

    @Override
    public void close() {
      current.set(before); // without removing its entry: every request of a host passes here
      putBack(TRACE_ID, traceId);
      putBack(SPAN_ID, spanId);
      if (scope.sessionId() != null) {
        putBack(SESSION_ID, sessionId);
      }
    }

    private static void putBack(String key, @Nullable String value) {
      if (value == null) {
        MDC.remove(key);
      } else {
        MDC.put(key, value);
      }
    }
  }

  /** Opens a scope on this thread. */
  public Opened open(Scope scope) {
    return new Opened(scope);
  }

  /** The scope of this thread, or null. */
  public @Nullable Scope current() {
    return current.get();
  }

  /**
   * The scope of a request: in the trace of OpenTelemetry's span, else in that of its {@code
   * traceparent}, else in a new one. The session is what its {@code baggage} calls {@code
   * session_id}.
   */
  public Scope of(HttpServerExchange exchange) {
    TraceParent trace = spans.get();
    if (trace == null) {
      trace = TraceParent.parse(exchange.getRequestHeaders().getFirst(TRACEPARENT));
    }
    if (trace == null) {
      trace = TraceParent.begin(ThreadLocalRandom.current());
    }
    return new Scope(
        trace, session(exchange.getRequestHeaders().getFirst(BAGGAGE)), exchange, null);
  }

  private static @Nullable String session(@Nullable String baggage) {
    if (baggage == null) {
      return null;
    }
    for (String member : baggage.split(",", 64)) {
      String pair = member.strip();
      if (pair.startsWith(SESSION_MEMBER)) {
        int end = pair.indexOf(';');
        return BoundedText.id(
            pair.substring(SESSION_MEMBER.length(), end < 0 ? pair.length() : end).strip());
      }
    }
    return null;
  }

  /** The scope of this thread, or a new one for what is no request. */
  public Scope currentOrNew() {
    Scope scope = current.get();
    if (scope != null) {
      return scope;
    }
    TraceParent trace = trace();
    return new Scope(
        trace == null ? TraceParent.begin(ThreadLocalRandom.current()) : trace,
        BoundedText.id(MDC.get(SESSION_ID)),
        null,
        null);
  }

  /**
   * The trace of this thread, or null: OpenTelemetry's, that of the scope, or that which the host
   * put into the MDC.
   */
  public @Nullable TraceParent trace() {
    TraceParent span = spans.get();
    if (span != null) {
      return span;
    }
    Scope scope = current.get();
    if (scope != null) {
      return scope.trace();
    }
    String traceId = MDC.get(TRACE_ID);
    String spanId = MDC.get(SPAN_ID);
    return traceId == null || spanId == null
        ? null
        : TraceParent.parse("00-" + traceId + "-" + spanId + "-01");
  }

  /** A task that runs in the scope of the thread that calls this. */
  public Runnable carry(Runnable task) {
    Scope scope = current.get();
    return scope == null ? task : () -> run(scope, task);
  }

  private void run(Scope scope, Runnable task) {
    try (Opened opened = open(scope)) {
      task.run();
    }
  }

  /** An executor whose tasks run in the scope of whoever gave them to it. */
  public Executor carry(Executor executor) {
    return task -> executor.execute(carry(task));
  }

  /** An executor service whose tasks run in the scope of whoever gave them to it. */
  public ExecutorService carry(ExecutorService executor) {
    return new CarryingService(executor);
  }

  /**
   * Where an exchange goes on when its handler dispatches, in this scope. Undertow forgets it with
   * each dispatch, so it is set again before the task runs.
   *
   * @param executor that the handler named; null: the workers
   */
  Executor dispatching(HttpServerExchange exchange, Scope scope, @Nullable Executor executor) {
    return task ->
        (executor == null ? exchange.getConnection().getWorker() : executor)
            .execute(
                () -> {
                  exchange.setDispatchExecutor(dispatching(exchange, scope, null));
                  run(scope, task);
                });
  }

  private final class CarryingService extends AbstractExecutorService {
    private final ExecutorService executor;

    CarryingService(ExecutorService executor) {
      this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
      executor.execute(carry(task));
    }

    @Override
    public void shutdown() {
      executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return executor.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return executor.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return executor.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return executor.awaitTermination(timeout, unit);
    }
  }
}
