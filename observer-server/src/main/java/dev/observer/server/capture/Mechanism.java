package dev.observer.server.capture;

import java.util.Locale;

/** Who noticed an error. */
public enum Mechanism {
  /** Your code, by {@code captureException}. */
  MANUAL,
  /** A line in the log. */
  LOGBACK,
  /** Nobody: a thread ended with it. */
  UNCAUGHT,
  /** A route of your server, which ended with it. */
  HTTP,
  /** A procedure, which ended with it. */
  PROCEDURE;

  /** The value of the field {@code mechanism}. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
