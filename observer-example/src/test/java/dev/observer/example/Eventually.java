package dev.observer.example;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assertions;

/** Asks again until the answer is the one that must come. */
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BETWEEN = Duration.ofMillis(25);

  /** Asks a question that may fail. */
  public interface Question<T> {
    T ask() throws Exception;
  }

  private Eventually() {}

  /** The first answer that satisfies {@code expected}; fails with the last one when none comes. */
  public static <T> T get(String what, Question<T> question, Predicate<T> expected)
      throws Exception {
    return get(what, PATIENCE, question, expected);
  }

  /** The same, for what takes longer. */
  public static <T> T get(
      String what, Duration patience, Question<T> question, Predicate<T> expected)
      throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      T answer = question.ask();
      if (expected.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > deadline) {
        return Assertions.fail(
            "%s did not come within %s, but %.2000s".formatted(what, patience, answer));
      }
      LockSupport.parkNanos(BETWEEN.toNanos());
    }
  }
}
