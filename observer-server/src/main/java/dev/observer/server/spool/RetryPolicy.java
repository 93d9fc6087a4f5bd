package dev.observer.server.spool;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before a failed delivery is tried again: doubling from {@code first} up to
 * {@code max}, a random half taken off so that several servers do not knock together; longer if the
 * backend asked for it. There is no last try.
 */
public record RetryPolicy(Duration first, Duration max) {
  /** From 200 ms to 10 s: health is to recover within 30 s after a backend does. */
  public static final RetryPolicy STANDARD =
      new RetryPolicy(Duration.ofMillis(200), Duration.ofSeconds(10));

  /** The pause after so many failures in a row, from 1. */
  public Duration pause(int failures, @Nullable Duration asked, RandomGenerator random) {
    long doubled = first.toMillis() << Math.min(failures - 1, 20);
    long millis = Math.min(doubled, max.toMillis());
    Duration own = Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
    return asked != null && asked.compareTo(own) > 0 ? asked : own;
  }
}
