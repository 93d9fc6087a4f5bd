package dev.observer;

import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.server.capture.ErrorContext;
import dev.observer.server.capture.Identity;
import dev.observer.server.capture.Mechanism;
import dev.observer.server.capture.WatchHandler;
import dev.observer.server.disk.ReadToken;
import dev.observer.server.http.Entrance;
import dev.observer.server.metrics.TraceParent;
import dev.observer.server.rpc.ProcedureInterceptor;
import dev.observer.server.rpc.Procedures;
import io.micrometer.core.instrument.MeterRegistry;
import io.undertow.server.HttpHandler;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * An Observer server in this process: takes errors, events and replays from browsers and from this
 * application, keeps them, and shows them.
 *
 * <pre>{@code
 * try (Observer observer = Observer.start(ObserverConfig.builder().serviceName("shop").build())) {
 *   …
 * }
 * }</pre>
 *
 * <p>What is acknowledged is on the disk of {@code data-dir}: it survives the end of the process
 * and a power cut, and is delivered at least once and stored once. What the application captures
 * ({@link #captureException}, {@link #track}) is handed over in memory and acknowledged by {@link
 * #flush}. Thread-safe.
 *
 * <p>Several may run in one process, each with a data directory of its own.
 */
public final class Observer implements AutoCloseable {
  private final ObserverConfig config;
  private final Assembly parts;
  private final Entrance entrance;
  private final Entrance adminEntrance;
  private final Listeners listeners;
  private final Closing closing;
  private boolean closed;

  private Observer(
      ObserverConfig config, @Nullable MeterRegistry joined, boolean listening, Closing closing)
      throws IOException {
    this.config = config;
    this.parts = Assembly.of(config, joined, closing);
    this.entrance = new Entrance(parts.routes().handler(), parts.routes()::refusing);
    this.adminEntrance = new Entrance(parts.routes().adminHandler(), exchange -> false);
    this.listeners =
        Listeners.open(config, listening ? entrance : null, adminEntrance, Listeners.IDLE, closing);
    parts.token().keep(); // now, or a start that fails would use up the one showing of the link
    this.closing = closing;
  }

  /**
   * Starts a server that listens on {@code http.host} and {@code http.port}, and where {@code
   * admin.port} is set on {@code admin.host} and that too. The start that makes the read token
   * prints one line to standard output, the link to the console with the token: it is a secret, so
   * it goes to whoever started the process and not to a log.
   *
   * @throws ConfigException if a setting is wrong; it lists all that are
   * @throws UncheckedIOException if the data directory cannot be used, or another process uses it,
   *     or a port is taken, or MinIO answers and refuses what it is asked; a MinIO that does not
   *     answer is no error
   */
  public static Observer start(ObserverConfig config) {
    return started(config, null);
  }

  /**
   * Starts likewise, with Observer's meters also in a registry that the application has. They leave
   * it when Observer is closed.
   *
   * @throws IllegalStateException if another Observer is in it: a registry takes one at a time
   */
  public static Observer start(ObserverConfig config, MeterRegistry joined) {
    return started(config, joined);
  }

  private static Observer started(ObserverConfig config, @Nullable MeterRegistry joined) {
    Observer observer = start(config, joined, true);
    observer
        .firstToken()
        .ifPresent(
            token ->
                System.out.println(
                    "Observer console   "
                        + observer.adminUri()
                        + observer.consolePath()
                        + "#"
                        + token));
    return observer;
  }

  /**
   * Starts everything but the listener of {@code http.port}, for a host that has an Undertow of its
   * own: {@link #handler} is to be put in front of the host's handler. A listener of {@code
   * admin.port} is ours even so, and the handler then serves none of what is there.
   *
   * @throws ConfigException if a setting is wrong; it lists all that are
   * @throws UncheckedIOException if the data directory cannot be used, or another process uses it,
   *     or {@code admin.port} is taken
   */
  public static Observer mount(ObserverConfig config) {
    return start(config, null, false);
  }

  /**
   * Starts likewise, with Observer's meters also in a registry that the application has. They leave
   * it when Observer is closed.
   *
   * @throws IllegalStateException if another Observer is in it: a registry takes one at a time
   */
  public static Observer mount(ObserverConfig config, MeterRegistry joined) {
    return start(config, joined, false);
  }

  private static Observer start(
      ObserverConfig config, @Nullable MeterRegistry joined, boolean listening) {
    config.requireValid();
    Closing closing = new Closing();
    try {
      return new Observer(config, joined, listening, closing);
    } catch (IOException e) {
      closing.closeAll();
      throw new UncheckedIOException("Observer cannot start: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      closing.closeAll();
      throw e;
    }
  }

  /** The address of the server's root, such as {@code http://127.0.0.1:8080}. */
  public URI uri() {
    URI address = listeners.uri();
    if (address == null) {
      throw new IllegalStateException("a mounted Observer has the address of its host");
    }
    return address;
  }

  /**
   * The address of the root below which it is read and administered: that of the listener of {@code
   * admin.port}, such as {@code http://127.0.0.1:9090}, or else {@link #uri()}.
   */
  public URI adminUri() {
    URI address = listeners.adminUri();
    return address == null ? uri() : address;
  }

  /** The path of the console, such as {@code /api/observer/console/}. */
  public String consolePath() {
    return config.http().basePath() + "/console/";
  }

  /**
   * The read token, if this start made it: the one chance for a host that mounts Observer to show
   * it to whoever started it, as {@code consolePath() + "#" + token}. Later it is found in {@code
   * data-dir/keys/read-token}.
   */
  public Optional<String> firstToken() {
    ReadToken token = parts.token();
    return token.made() ? Optional.of(token.value()) : Optional.empty();
  }

  /**
   * Serves what is Observer's, and passes everything else on. Where {@code admin.port} is set that
   * is only what browsers of visitors use: ingest, the script, plain health.
   *
   * @param next the host's own handler
   */
  public HttpHandler handler(HttpHandler next) {
    return parts.routes().handler(entrance, next);
  }

  /**
   * Reports an error, with the trace, the session and the request of this thread, as far as there
   * are any. Never throws and never waits: the throwable is handed over, and read by another thread
   * some milliseconds later. It is durable when {@link #flush} has returned true; if the process is
   * killed before, or memory for 64 MiB of such is full because the disk does not take them, it is
   * lost, in the latter case counted in {@code observer_dropped_total}.
   *
   * @return the id of its record, to be shown to whoever asks about it. A throwable that another
   *     mechanism has captured in the same trace keeps its id and is one record. Empty if it could
   *     not be captured
   */
  public String captureException(Throwable thrown) {
    return captureException(thrown, ErrorContext.EMPTY);
  }

  /** Reports an error likewise, with what is known about it. */
  public String captureException(Throwable thrown, ErrorContext context) {
    return parts.capture().exception(thrown, Mechanism.MANUAL, context);
  }

  /** Reports that something happened, as {@link #track(String, Map, Identity)} does. */
  public void track(String name) {
    track(name, Map.of(), Identity.UNKNOWN);
  }

  /** Reports that something happened, as {@link #track(String, Map, Identity)} does. */
  public void track(String name, Map<String, ?> properties) {
    track(name, properties, Identity.UNKNOWN);
  }

  /**
   * Reports that something happened: a custom event. Never throws and never waits; promises what
   * {@link #captureException} promises.
   *
   * @param name not blank, or it is dropped as {@code invalid}
   * @param properties as {@link ErrorContext#properties} takes them; copied
   */
  public void track(String name, Map<String, ?> properties, Identity identity) {
    parts.capture().event(name, properties, identity);
  }

  /**
   * Waits until everything that was captured before is on the disk.
   *
   * @return false if it is not within {@code patience}, or never will be
   */
  public boolean flush(Duration patience) {
    return parts.capture().flush(patience);
  }

  /**
   * Captures what ends a thread of this process, waits up to two seconds until that is durable, and
   * goes on to the handler that was there before.
   *
   * @return takes the handler back; closing Observer does too
   */
  public Closeable captureUncaught() {
    return parts.capture().uncaught();
  }

  /**
   * Captures what is logged through Logback as {@code ERROR}, with its MDC, except lines with the
   * marker {@code NOT_CAPTURED} and those of loggers that are not additive, which do not come to
   * Logback's root. Logback may be configured anew afterwards, or stopped before that.
   *
   * @return takes the appender away; closing Observer does too
   * @throws IllegalStateException if the log does not go to Logback
   */
  public Closeable captureLogs() {
    return parts.capture().logs();
  }

  /**
   * Watches routes of the application: each request is in the trace that its {@code traceparent}
   * names or in a new one, also in the MDC ({@code trace_id}, {@code span_id}, {@code session_id})
   * and over dispatches to Undertow's workers; it is counted and timed by its route's template; and
   * the exception that nobody caught is captured.
   */
  public HttpHandler watch(HttpHandler next) {
    return new WatchHandler(
        next, parts.capture(), parts.traces(), parts.meters(), System::nanoTime);
  }

  /** Procedures in Java that the official tRPC client calls: add yours and mount its handler. */
  public Procedures procedures() {
    return new Procedures(parts.calls());
  }

  /**
   * Observes calls of any other style, as those of {@link #procedures} are: each is counted and
   * timed by path, type and outcome, and when it ends with a mistake of the server it is captured
   * with its input, as far as that may be kept.
   */
  public ProcedureInterceptor interceptor() {
    return parts.calls();
  }

  /** An executor whose tasks run in the trace, and with the ids in the MDC, of who gave them. */
  public Executor propagating(Executor executor) {
    return parts.traces().carry(executor);
  }

  /** An executor service whose tasks run likewise. */
  public ExecutorService propagating(ExecutorService executor) {
    return parts.traces().carry(executor);
  }

  /** The header {@code traceparent} that takes the trace of this thread to another service. */
  public Optional<String> traceparent() {
    return Optional.ofNullable(parts.traces().trace()).map(TraceParent::header);
  }

  /** The registry behind {@code /metrics}, for meters of your own. */
  public MeterRegistry meterRegistry() {
    return parts.registry();
  }

  /**
   * Stops taking requests, finishes those it has, and lets go of the data directory, within ten
   * seconds. What is not delivered by then is delivered after the next start. Idempotent.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    entrance.shut();
    adminEntrance.shut();
    try {
      entrance.awaitEmpty(Duration.ofSeconds(2));
      adminEntrance.awaitEmpty(Duration.ofMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closing.closeAll();
  }
}
