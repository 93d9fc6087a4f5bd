package dev.observer.example.traffic;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** How time passes for a visitor. Belongs to one thread. */
sealed interface Time {
  Instant now();

  /** Lets that much time go by. */
  void pass(Duration time) throws InterruptedException;

  /**
   * A visit that takes as long as it takes.
   *
   * @param haste how many times faster the visitor is than people are
   */
  record Present(InstantSource clock, int haste) implements Time {
    @Override
    public Instant now() {
      return clock.instant();
    }

    @Override
    public void pass(Duration time) throws InterruptedException {
      Thread.sleep(time.toMillis() / haste);
    }
  }

  /** A visit that is told afterwards, in no time. */
  final class Past implements Time {
    private Instant now;

    Past(Instant start) {
      now = start;
    }

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public void pass(Duration time) {
      now = now.plus(time);
    }
  }
}
