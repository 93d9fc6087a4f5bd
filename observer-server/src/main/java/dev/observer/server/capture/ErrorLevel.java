package dev.observer.server.capture;

import java.util.Locale;

/** How bad an error is. */
public enum ErrorLevel {
  DEBUG,
  INFO,
  WARNING,
  ERROR,
  FATAL;

  /** The value of the field {@code level}. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
