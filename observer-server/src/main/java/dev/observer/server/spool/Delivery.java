package dev.observer.server.spool;

import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.SinkException;
import dev.observer.server.task.SafeLog;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The thread that empties a lane into its backend: the oldest files first, removed when the backend
 * has them, tried again for ever when it has not. Killed at any point, it delivers again what was
 * not removed, and the backend knows it already. It says in the log that it fails, at most once a
 * minute, and then that it works again.
 */
public final class Delivery<T> implements AutoCloseable {
  private static final SafeLog log = new SafeLog(Delivery.class);
  private static final Duration BREATH = Duration.ofSeconds(1);
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  /** What is to be delivered, oldest first. */
  interface Source<T> {
    /** Waits for the oldest that is not delivered; null once {@link #end} was called. */
    @Nullable T await() throws InterruptedException;

    /** Ends every {@link #await}, now and later. */
    void end();
  }

  /** Delivers and tells the lane; may deliver a part and then throw. */
  interface Step<T> {
    void deliver(T next) throws SinkException, IOException, InterruptedException;

    /** How long to rest after a delivery that took so long; zero to go on at once. */
    default Duration rest(Duration took) {
      return Duration.ZERO;
    }
  }

  private final String sink;
  private final Source<T> source;
  private final Step<T> step;
  private final RetryPolicy retry;
  private final Meters meters;
  private final LongSupplier nanoTime;
  private final RandomGenerator random =
      new SplittableRandom(); // the default is looked up, which fails in some class loaders
  private final Thread thread;
  private int failures;
  private long nextSaid;

  /** Whether the log says that it fails. */
  private boolean said;

  private final Object pause = new Object();
  private volatile boolean closed;
  private volatile long failingSince;
  private volatile @Nullable String failure;

  Delivery(String sink, Source<T> source, Step<T> step, RetryPolicy retry, Meters meters) {
    this(sink, source, step, retry, meters, System::nanoTime);
  }

  Delivery(
      String sink,
      Source<T> source,
      Step<T> step,
      RetryPolicy retry,
      Meters meters,
      LongSupplier nanoTime) {
    this.sink = sink;
    this.source = source;
    this.step = step;
    this.retry = retry;
    this.meters = meters;
    this.nanoTime = nanoTime;
    this.nextSaid = nanoTime.getAsLong();
    this.thread = new Thread(this::run, "observer-delivery-" + sink);
    this.thread.setDaemon(true);
    this.thread.start();
  }

  private void run() {
    while (!closed) {
      try {
        T next = source.await();
        if (next == null) {
          return;
        }
        sleep(deliver(next));
      } catch (InterruptedException e) {
        // by close(), which says so
      } catch (Throwable e) { // there is no memory even to fail properly
        LockSupport.parkNanos(BREATH.toNanos());
      }
    }
  }

  /** Tries once, and returns how long to wait then. */
  private Duration deliver(T next) throws InterruptedException {
    long start = nanoTime.getAsLong();
    Duration wait = null;
    try {
      step.deliver(next);
      recovered();
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable e) {
      wait = failed(e);
    }
    Duration took = Duration.ofNanos(nanoTime.getAsLong() - start);
    meters.delivery(sink, wait == null, took);
    return wait != null ? wait : step.rest(took);
  }

  private Duration failed(Throwable e) {
    long now = nanoTime.getAsLong();
    failures++;
    if (failures == 1) {
      failingSince = now;
    }
    failure = String.valueOf(e.getMessage());
    if (!said && now - nextSaid >= 0) {
      said = true;
      nextSaid = now + QUIET_NANOS;
      log.warn("delivery to {} fails; it is tried again until it succeeds", sink, e);
    }
    Duration asked = e instanceof SinkException refused ? refused.retryAfter() : null;
    return retry.pause(failures, asked, random);
  }

  private void recovered() {
    failures = 0;
    failure = null;
    if (said) {
      said = false;
      log.info("delivery to {} works again", sink);
    }
  }

  private void sleep(Duration wait) throws InterruptedException {
    synchronized (pause) {
      if (!closed && wait.toNanos() > 0) {
        TimeUnit.NANOSECONDS.timedWait(pause, wait.toNanos());
      }
    }
  }

  /** The name of the backend. */
  public String sink() {
    return sink;
  }

  /** How long the backend has been failing without a success; zero if it works. */
  public Duration failingFor() {
    return failure == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - failingSince);
  }

  /** What the backend said last, if it fails. */
  public @Nullable String failure() {
    return failure;
  }

  /**
   * Ends after the step that is under way, waiting for it at most {@code patience}; what is in the
   * lane stays there.
   */
  public void close(Duration patience) {
    closed = true;
    synchronized (pause) {
      pause.notifyAll();
    }
    source.end();
    try {
      thread.join(patience.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }
}
