package dev.observer.server.capture;

import dev.observer.config.ObserverConfig;
import dev.observer.event.Uuid7;
import dev.observer.server.capture.Captured.Event;
import dev.observer.server.capture.Captured.Failure;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.metrics.TraceParent;
import dev.observer.server.spool.EventLane;
import java.io.Closeable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Errors and events of the host. No method throws, and none but {@link #flush} and {@link #close}
 * waits: what is captured is handed over in memory, on the disk some milliseconds later, and
 * durable when {@link #flush} has said so. Thread-safe.
 */
public final class Capture {
  private static final Logger log = LoggerFactory.getLogger(Capture.class);

  private final Traces traces;
  private final Meters meters;
  private final InstantSource clock;
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
    this.handOver =
        new HandOver(lane, new RecordWriter(CaptureSettings.of(config, version)), meters);
  }

  /**
   * An error.
   *
   * @return the id of its record; that of the first one if another mechanism has captured the same
   *     throwable in this trace before; empty if it could not be captured
   */
  public String exception(@Nullable Throwable thrown, Mechanism mechanism, ErrorContext context) {
    return exception(thrown, mechanism, context, traces.trace(), traces.current());
  }

  /** An error that belongs to this scope, whatever the thread does. */
  public String exception(
      @Nullable Throwable thrown, Mechanism mechanism, ErrorContext context, Scope scope) {
    return exception(thrown, mechanism, context, scope.trace(), scope);
  }

  private String exception(
      @Nullable Throwable thrown,
      Mechanism mechanism,
      ErrorContext context,
      @Nullable TraceParent trace,
      @Nullable Scope scope) {
    try {
      if (thrown == null) {
        meters.dropped(DropReason.INVALID, "error", 1);
        return "";
      }
      return error(new Failure(thrown, "", "", mechanism, context, Map.of()), trace, scope);
    } catch (RuntimeException | StackOverflowError e) {
      return failed("error", e);
    }
  }

  /** A line of the log. */
  void logged(Failure failure) {
    try {
      error(failure, traces.trace(), traces.current());
    } catch (RuntimeException | StackOverflowError e) {
      failed("error", e);
    }
  }

  private String error(Failure failure, @Nullable TraceParent trace, @Nullable Scope scope) {
    String eventId = ids.next().toString();
    if (failure.thrown() != null) {
      String before =
          seen.before(
              failure.thrown(),
              failure.mechanism(),
              trace == null ? null : trace.traceId(),
              eventId);
      if (before != null) {
        return before;
      }
    }
    ErrorContext context = failure.context();
    handOver.offer(
        captured(eventId, failure, context.identity(), context.properties(), trace, scope));
    return eventId;
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
              new Event(name),
              identity,
              properties,
              traces.trace(),
              traces.current()));
    } catch (RuntimeException | StackOverflowError e) {
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
    } catch (RuntimeException | StackOverflowError e) {
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
