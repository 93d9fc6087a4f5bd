package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.observer.server.BrokenLog;
import dev.observer.server.metrics.Meters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));

  private final Deque<Error> troubles = new ArrayDeque<>();
  private final BlockingQueue<String> delivered = new LinkedBlockingQueue<>();

  /** Three things, the first of which costs an error to look for. */
  private final class Things implements Delivery.Source<String> {
    private final Deque<String> waiting = new ArrayDeque<>(List.of("", "a", "b"));

    @Override
    public synchronized @Nullable String await() {
      if ("".equals(waiting.peek())) {
        waiting.remove();
        throw new OutOfMemoryError("none to wait with");
      }
      return waiting.peek();
    }

    synchronized void deliver(String thing) {
      Error trouble = troubles.poll();
      if (trouble != null) {
        throw trouble;
      }
      waiting.remove();
      delivered.add(thing);
    }

    @Override
    public void end() {}
  }

  @Test
  void whateverIsThrown_alsoByTheLog_itIsTriedAgain() throws Exception {
    troubles.add(new OutOfMemoryError("none"));
    troubles.add(new NoClassDefFoundError("gone"));
    Things things = new Things();
    Meters meters = new Meters(new SimpleMeterRegistry());
    try (BrokenLog log = new BrokenLog(Delivery.class);
        Delivery<String> delivery =
            new Delivery<>("things", things, things::deliver, QUICK, meters)) {
      for (String thing : List.of("a", "b")) {
        String next = delivered.poll(10, TimeUnit.SECONDS);
        assertEquals(thing, Objects.requireNonNull(next, log + ": " + delivery.failure()));
      }
      assertNull(delivery.failure());
    }
  }
}
