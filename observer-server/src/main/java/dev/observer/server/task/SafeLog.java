package dev.observer.server.task;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a thread that must not end. What the host logs with may find no memory or be broken:
 * then a line is lost and nothing else. Thread-safe.
 */
public final class SafeLog {
  private final Logger log;

  /** The log of a class. */
  public SafeLog(Class<?> speaker) {
    log = LoggerFactory.getLogger(speaker);
  }

  /** As {@link Logger#info(String)}. */
  public void info(String message) {
    try {
      log.info(message);
    } catch (Throwable e) {
      // lost
    }
  }

  /** As {@link Logger#info(String, Object)}. */
  public void info(String message, @Nullable Object about) {
    try {
      log.info(message, about);
    } catch (Throwable e) {
      // lost
    }
  }

  /** As {@link Logger#warn(String, Object)}; a throwable is shown with its stack. */
  public void warn(String message, @Nullable Object about) {
    try {
      log.warn(message, about);
    } catch (Throwable e) {
      // lost
    }
  }

  /** As {@link Logger#warn(String, Object, Object)}. */
  public void warn(String message, @Nullable Object about, Throwable why) {
    try {
      log.warn(message, about, why);
    } catch (Throwable e) {
      // lost
    }
  }

  /** As {@link Logger#error(String, Throwable)}. */
  public void error(String message, Throwable why) {
    try {
      log.error(message, why);
    } catch (Throwable e) {
      // lost
    }
  }
}
