package dev.observer.server.capture;

import java.io.Closeable;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Captures what ends a thread, waits at most {@value #PATIENCE_SECONDS} seconds until that is on
 * the disk, as the process may be about to end, and then does what was done before.
 */
final class UncaughtErrors implements UncaughtExceptionHandler, Closeable {
  private static final int PATIENCE_SECONDS = 2;
  private static final ErrorContext CONTEXT =
      ErrorContext.EMPTY.level(ErrorLevel.FATAL).handled(false);

  private volatile @Nullable Capture capture;
  private final @Nullable UncaughtExceptionHandler before;

  private UncaughtErrors(Capture capture, @Nullable UncaughtExceptionHandler before) {
    this.capture = capture;
    this.before = before;
  }

  static UncaughtErrors install(Capture capture) {
    UncaughtErrors handler =
        new UncaughtErrors(capture, Thread.getDefaultUncaughtExceptionHandler());
    Thread.setDefaultUncaughtExceptionHandler(handler);
    return handler;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable thrown) {
    Capture to = capture;
    try {
      if (to != null) {
        to.exception(thrown, Mechanism.UNCAUGHT, CONTEXT.property("thread", thread.getName()));
        to.flush(Duration.ofSeconds(PATIENCE_SECONDS));
      }
    } finally {
      if (before != null) {
        before.uncaughtException(thread, thrown);
      } else {
        print(thread, thrown);
      }
    }
  }

  /** What the JDK does when there is no handler. */
  @SuppressWarnings("SystemOut")
  private static void print(Thread thread, Throwable thrown) {
    System.err.print("Exception in thread \"" + thread.getName() + "\" ");
    thrown.printStackTrace(System.err);
  }

  /**
   * Puts the handler back that was there before. If another was installed on top of this one, this
   * one stays below it and passes everything on.
   */
  @Override
  public void close() {
    capture = null;
    if (Thread.getDefaultUncaughtExceptionHandler() == this) {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
