package dev.observer.server.task;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Does one thing again and again, on a daemon thread of its own, with a pause between the end of
 * one time and the start of the next. What fails is done again after the pause; a failure is logged
 * when it begins and when it is over. Thread-safe.
 */
public final class RepeatedTask implements AutoCloseable {
  private static final SafeLog log = new SafeLog(RepeatedTask.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** What is done. */
  public interface Work {
    /** Does it once; where that takes long, it looks at {@link #pause} in between. */
    void run() throws Exception;
  }

  private final Thread thread;
  private final String failure;
  private final Work work;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Duration first = Duration.ZERO;
  private volatile Duration every = Duration.ZERO;
  private volatile boolean failing;

  /**
   * Prepares, and does nothing until {@link #start}.
   *
   * @param name of the thread
   * @param failure what is logged when it fails, such as {@code Loki cannot be read}
   */
  public RepeatedTask(String name, String failure, Work work) {
    this.failure = failure;
    this.work = work;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** Starts, once: the first time after {@code first}, then with {@code every} in between. */
  public void start(Duration first, Duration every) {
    this.first = first;
    this.every = every;
    thread.start();
  }

  private void run() {
    Duration wait = first;
    boolean open = true;
    while (open) {
      try {
        open = pause(wait);
        wait = every;
        if (open) {
          work.run();
          over();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Throwable e) { // whatever it is: nobody would start this thread again
        if (!failing) {
          failing = true;
          log.warn("{}; it is tried again", failure, e);
        }
      }
    }
  }

  private void over() {
    if (failing) {
      failing = false;
      log.info("it is over: {}", failure);
    }
  }

  /** Waits for so long, or until it is closed; false when it is time to end. */
  public boolean pause(Duration duration) {
    try {
      return !closing.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether it is time to end. */
  public boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Ends after what is under way, which is interrupted when it takes longer than two seconds. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(PATIENCE.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
