package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.observer.server.BrokenLog;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.SinkException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

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

  /** Fails before each thing that it delivers, as a backend does that takes so much a second. */
  private static final class Throttled implements Delivery.Source<Integer> {
    private final int last;
    private int next;
    private boolean failed;
    private boolean ended;

    Throttled(int last) {
      this.last = last;
    }

    @Override
    public synchronized @Nullable Integer await() throws InterruptedException {
      while (next == last && !ended) {
        notifyAll();
        wait();
      }
      return ended ? null : next;
    }

    synchronized void deliver(Integer thing) throws SinkException {
      failed = !failed;
      if (failed) {
        throw SinkException.retryable("not so much", null);
      }
      next = thing + 1;
    }

    synchronized void awaitLast() throws InterruptedException {
      while (next < last) {
        wait();
      }
    }

    @Override
    public synchronized void end() {
      ended = true;
      notifyAll();
    }
  }

  @Test
  @Timeout(10)
  void failureAndEndOfIt_areInTheLog_atMostOnceAMinute() throws Exception {
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(Delivery.class);
    Level level = logger.getLevel();
    logger.setLevel(Level.INFO);
    said.start();
    logger.addAppender(said);
    Meters meters = new Meters(new SimpleMeterRegistry());
    Throttled source = new Throttled(100);
    AtomicLong nanoTime = new AtomicLong(-5);
    Delivery.Step<Integer> step =
        thing -> {
          if (thing == 50) {
            nanoTime.set(Duration.ofMinutes(1).toNanos() - 5);
          }
          source.deliver(thing);
        };
    try (Delivery<Integer> delivery =
        new Delivery<>("things", source, step, QUICK, meters, nanoTime::get)) {
      source.awaitLast();
      assertEquals(Duration.ZERO, delivery.failingFor());
    } finally {
      logger.detachAppender(said);
      logger.setLevel(level);
    }
    String fails = "delivery to things fails; it is tried again until it succeeds";
    String works = "delivery to things works again";
    assertEquals(
        List.of(fails, works, fails, works),
        said.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
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
