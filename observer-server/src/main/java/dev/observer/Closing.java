package dev.observer;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be closed, the last that was opened first. Not thread-safe. */
final class Closing {
  private static final Logger log = LoggerFactory.getLogger(Closing.class);

  private final Deque<Closeable> parts = new ArrayDeque<>();

  void add(Closeable part) {
    parts.push(part);
  }

  /** Closes all, also when one fails. */
  void closeAll() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (IOException | RuntimeException | Error e) {
        log.warn("a part of Observer did not close cleanly", e);
      }
    }
  }
}
