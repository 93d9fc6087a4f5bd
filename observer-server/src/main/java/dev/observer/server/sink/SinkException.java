package dev.observer.server.sink;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A backend did not take what it was given. Nothing is lost by it: a retryable failure is tried
 * again for ever, with growing pauses; anything else is set aside with the reason.
 */
public final class SinkException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;
  private final transient @Nullable Duration retryAfter;

  private SinkException(
      String message, @Nullable Throwable cause, boolean retryable, @Nullable Duration retryAfter) {
    super(message, cause);
    this.retryable = retryable;
    this.retryAfter = retryAfter;
  }

  /** The backend cannot take it now; the same bytes may be given again. */
  public static SinkException retryable(String message, @Nullable Throwable cause) {
    return new SinkException(message, cause, true, null);
  }

  /** The backend will never take this. */
  public static SinkException refused(String message) {
    return new SinkException(message, null, false, null);
  }

  /** Whether it may succeed later. */
  public boolean retryable() {
    return retryable;
  }

  /** How long the backend asked to be left alone, if it did. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
