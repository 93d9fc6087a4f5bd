package dev.observer.server.capture;

import dev.observer.config.ObserverConfig;
import dev.observer.event.Uuid7;
import dev.observer.server.capture.Captured.Event;
import dev.observer.server.capture.Captured.Failure;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.metrics.TraceParent;
import dev.observer.server.spool.EventLane;
import dev.observer.server.task.SafeLog;
import java.io.Closeable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Errors and events of the host. No method throws, and none but {@link #flush} and {@link #close}
 * waits: what is captured is handed over in memory, on the disk some milliseconds later, and
 * durable when {@link #flush} has said so. Thread-safe.
 */
public final class Capture {
  private static final SafeLog log = new SafeLog(Capture.class);

  private final Traces traces;
  private final Meters meters;
  private final InstantSource clock;
  private final int maxStringBytes;
  private final HandOver handOver;
  private final FreeData free = FreeData.all();
  private final Uuid7 ids;
  private final Seen seen = new Seen();
  private final List<Closeable> hooks = new CopyOnWriteArrayList<>();

  /**
   * Starts the thread that writes.
   *
   * @param version of Observer
   */
  public Capture(
      ObserverConfig config,
      String version,
      EventLane lane,
      Traces traces,
      Meters meters,
      InstantSource clock) {
    this.traces = traces;
    this.meters = meters;
    this.clock = clock;
    this.ids = new Uuid7();
    CaptureSettings settings = CaptureSettings.of(config, version);
    this.maxStringBytes = settings.maxStringBytes();
    this.handOver = new HandOver(lane, new RecordWriter(settings), meters);
  }

  /**
   * An error.
   *
   * @return the id of its record; that of the first one if another mechanism has captured the same
   *     throwable in this trace before; empty if it could not be captured
   */
  public String exception(@Nullable Throwable thrown, Mechanism mechanism, ErrorContext context) {
    return exception(thrown, mechanism, context, null);
  }

  /** An error that belongs to this scope, whatever the thread does; null: to the thread's. */
  public String exception(
      @Nullable Throwable thrown,
      Mechanism mechanism,
      ErrorContext context,
      @Nullable Scope scope) {
    if (thrown == null) {
      meters.dropped(DropReason.INVALID, "error", 1);
      return "";
    }
    return error(() -> new Failure(thrown, "", "", mechanism, context, Map.of()), scope);
  }

  /** A line of the log. */
  void logged(Supplier<Failure> line) {
    error(line, null);
  }

  private String error(Supplier<Failure> failure, @Nullable Scope scope) {
    try {
      return scope == null
          ? error(failure.get(), traces.trace(), traces.current())
          : error(failure.get(), scope.trace(), scope);
    } catch (Throwable e) { // by code of the host
      return failed("error", e);
    }
  }

  private String error(Failure failure, @Nullable TraceParent trace, @Nullable Scope scope) {
    String eventId = ids.next().toString();
    Throwable thrown = failure.thrown();
    if (thrown != null) {
      String traceId = trace == null ? null : trace.traceId();
      String before = seen.before(thrown, failure.mechanism(), traceId, eventId);
      if (before != null) {
        return before;
      }
    }
    boolean kept = false;
    try {
      ErrorContext context = failure.context();
      kept =
          handOver.offer(
              captured(eventId, failure, context.identity(), context.properties(), trace, scope));
    } finally {
      if (!kept && thrown != null) {
        seen.forget(thrown, eventId);
      }
    }
    return kept ? eventId : "";
  }

  /** A request is about to end with this, and its end captures it. */
  void endsRequest(Throwable thrown) {
    seen.endsRequest(thrown);
  }

  /** Whether a request was about to end with this; once. */
  boolean endedRequest(Throwable thrown) {
    return seen.endedRequest(thrown);
  }

  /** No more of a text than is kept, and one character, by which the writer sees that it is cut. */
  String bounded(String text) {
    return text.length() > maxStringBytes ? text.substring(0, maxStringBytes + 1) : text;
  }

  /** A custom event; one without a name is dropped as {@code invalid}. */
  public void event(@Nullable String name, Map<String, ?> properties, Identity identity) {
    try {
      if (name == null || name.isBlank()) {
        meters.dropped(DropReason.INVALID, "event", 1);
        return;
      }
      handOver.offer(
          captured(
              ids.next().toString(),
              new Event(bounded(name)),
              identity,
              properties,
              traces.trace(),
              traces.current()));
    } catch (Throwable e) { // by code of the host
      failed("event", e);
    }
  }

  private Captured captured(
      String eventId,
      Captured.What what,
      Identity given,
      Map<String, ?> properties,
      @Nullable TraceParent trace,
      @Nullable Scope scope) {
    Identity identity = given;
    if (given.sessionId() == null && scope != null && scope.sessionId() != null) {
      identity = new Identity(given.userId(), given.visitorId(), scope.sessionId());
    }
    return new Captured(
        eventId,
        clock.millis(),
        what,
        identity,
        properties.isEmpty() ? null : free.write(properties),
        trace,
        scope == null ? null : scope.place(),
        call(what, scope));
  }

  private Captured.@Nullable Call call(Captured.What what, @Nullable Scope scope) {
    Scope.Call call = scope == null ? null : scope.procedure();
    if (call == null || what instanceof Event) {
      return null; // events say nothing of it
    }
    try {
      return new Captured.Call(call.path(), call.type(), call.input().get());
    } catch (Throwable e) { // by code of the host
      log.warn("the input of a procedure could not be read", e);
      return new Captured.Call(call.path(), call.type(), null);
    }
  }

  private String failed(String kind, Throwable e) {
    meters.dropped(DropReason.CAPTURE_FAILED, kind, 1);
    log.warn("something could not be captured", e);
    return "";
  }

  /** Waits until all that was captured before is on the disk; false if it is not in time. */
  public boolean flush(Duration patience) {
    return handOver.flush(patience);
  }

  /** Captures what ends a thread of this process, until closed. */
  public Closeable uncaught() {
    return hook(UncaughtErrors.install(this));
  }

  /**
   * Captures what is logged as an error, until closed.
   *
   * @throws IllegalStateException if the log does not go to Logback
   */
  public Closeable logs() {
    try {
      return hook(LogErrors.attach(this, traces));
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "errors of the log can be captured from Logback only, and it is not there", e);
    }
  }

  private Closeable hook(Closeable hook) {
    hooks.add(hook);
    return () -> {
      hooks.remove(hook);
      hook.close();
    };
  }

  /** Takes hooks back, and writes what was captured, within {@code patience}. Idempotent. */
  public void close(Duration patience) {
    for (Closeable hook : hooks) {
      try {
        hook.close();
      } catch (java.io.IOException | RuntimeException e) {
        log.warn("a hook of capture did not close cleanly", e);
      }
    }
    hooks.clear();
    handOver.close(patience);
  }
}
