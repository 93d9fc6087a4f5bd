package dev.observer.server.capture;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.util.ReentryGuard;
import ch.qos.logback.core.util.ReentryGuardFactory;
import dev.observer.server.capture.Captured.Failure;
import java.io.Closeable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * An appender of Logback's root that makes errors of what is logged as {@code ERROR}. It stays when
 * Logback is configured anew, and no thread waits in it for another. It does not take lines with
 * the marker {@value #NOT_CAPTURED}, nor Observer's own, nor what Undertow says about a request
 * that is captured anyway.
 */
final class LogErrors extends UnsynchronizedAppenderBase<ILoggingEvent> implements Closeable {
  static final String NOT_CAPTURED = "NOT_CAPTURED";

  private static final List<String> OWN = List.of("dev.observer.server.", "dev.observer.Observer");
  private static final String UNDERTOW_REQUESTS = "io.undertow.request";
  private static final ErrorContext CONTEXT = ErrorContext.EMPTY;

  /**
   * Null when closed: Logback keeps a copy of its list of appenders, with this, until the next
   * line.
   */
  private volatile @Nullable Capture capture;

  private final Traces traces;
  private final LoggerContext logback;
  private final Reattaching reattaching = new Reattaching();

  private LogErrors(Capture capture, Traces traces, LoggerContext logback) {
    this.capture = capture;
    this.traces = traces;
    this.logback = logback;
    setContext(logback);
    setName("observer-errors");
  }

  static LogErrors attach(Capture capture, Traces traces) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (!(factory instanceof LoggerContext logback)) {
      throw new IllegalStateException(
          "errors of the log can be captured from Logback only, and it goes to "
              + factory.getClass().getName());
    }
    LogErrors errors = new LogErrors(capture, traces, logback);
    errors.listen();
    errors.attach();
    return errors;
  }

  private void listen() {
    logback.removeListener(reattaching);
    logback.addListener(reattaching);
  }

  private void attach() {
    start();
    logback.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(this);
  }

  /** Every line of the host comes here, and most are no errors. */
  @Override
  public void doAppend(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      super.doAppend(event);
    }
  }

  /** Keeps a thread from coming to {@link #append} again while it is there. */
  @Override
  protected ReentryGuard buildReentryGuard() {
    return ReentryGuardFactory.makeGuard(ReentryGuardFactory.GuardType.THREAD_LOCAL);
  }

  @Override
  protected void append(ILoggingEvent event) {
    Capture into = capture;
    Throwable thrown =
        event.getThrowableProxy() instanceof ThrowableProxy proxy ? proxy.getThrowable() : null;
    if (into != null && !isExcluded(event, thrown, into)) {
      into.logged(() -> failure(event, thrown, into));
    }
  }

  private boolean isExcluded(ILoggingEvent event, @Nullable Throwable thrown, Capture into) {
    String logger = event.getLoggerName();
    return OWN.stream().anyMatch(logger::startsWith)
        || (logger.startsWith(UNDERTOW_REQUESTS)
            && (traces.current() != null || (thrown != null && into.endedRequest(thrown))))
        || isMarked(event.getMarkerList());
  }

  private static boolean isMarked(@Nullable List<Marker> markers) {
    return markers != null && markers.stream().anyMatch(marker -> marker.contains(NOT_CAPTURED));
  }

  private static ErrorContext context(ILoggingEvent event) {
    Map<String, String> mdc = new LinkedHashMap<>(event.getMDCPropertyMap());
    mdc.remove(Traces.TRACE_ID);
    mdc.remove(Traces.SPAN_ID);
    mdc.remove(Traces.SESSION_ID);
    return mdc.isEmpty() ? CONTEXT : CONTEXT.property("mdc", mdc);
  }

  private static Failure failure(ILoggingEvent event, @Nullable Throwable thrown, Capture into) {
    String message = into.bounded(String.valueOf(event.getFormattedMessage()));
    Map<String, String> about = new LinkedHashMap<>();
    about.put("logger", event.getLoggerName());
    about.put("thread", event.getThreadName());
    if (thrown != null) {
      about.put("log_message", message);
    }
    return new Failure(
        thrown, event.getLoggerName(), message, Mechanism.LOGBACK, context(event), about);
  }

  /** Logback does this before it is configured anew, and when it is stopped forgets who listens. */
  @Override
  public void stop() {
    super.stop();
    if (capture != null) {
      listen();
    }
  }

  @Override
  public void close() {
    capture = null;
    logback.removeListener(reattaching);
    logback.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender(this);
    stop();
  }

  /** A new configuration takes every appender away. */
  private final class Reattaching implements LoggerContextListener {
    @Override
    public boolean isResetResistant() {
      return true;
    }

    @Override
    public void onStart(LoggerContext context) {}

    @Override
    public void onReset(LoggerContext context) {
      attach();
    }

    @Override
    public void onStop(LoggerContext context) {}

    @Override
    public void onLevelChange(Logger logger, Level level) {}
  }
}
