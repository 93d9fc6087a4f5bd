package dev.observer.server.embedded;

import dev.observer.config.ObserverConfig;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is older than {@code retention.events} and {@code retention.replays}, by the time it
 * arrived: a little at a time, so that delivery never waits long, every ten minutes. Accepting does
 * not wait at all, as it goes no further than the spool.
 */
public final class Retention implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);
  private static final Duration EVERY = Duration.ofMinutes(10);
  private static final int RECORDS_AT_ONCE = 20_000;
  private static final int BATCHES_AT_ONCE = 1_000;

  private final ObserverConfig.Retention retention;
  private final DuckDbEventStore events;
  private final FileReplayStore replays;
  private final Meters meters;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "observer-retention");
            made.setDaemon(true);
            return made;
          });

  /** Prepares, and does nothing until {@link #start}. */
  public Retention(
      ObserverConfig.Retention retention,
      DuckDbEventStore events,
      FileReplayStore replays,
      Meters meters,
      InstantSource clock) {
    this.retention = retention;
    this.events = events;
    this.replays = replays;
    this.meters = meters;
    this.clock = clock;
  }

  /** Looks for what is too old a minute from now, and then again and again. */
  public void start() {
    var unused = thread.scheduleWithFixedDelay(this::run, 60, EVERY.toSeconds(), TimeUnit.SECONDS);
  }

  /** Deletes all that is too old now. */
  void run() {
    try {
      long before = clock.millis() - retention.events().toMillis();
      int deleted = RECORDS_AT_ONCE;
      while (deleted == RECORDS_AT_ONCE && !thread.isShutdown()) {
        deleted = events.deleteReceivedBefore(before, RECORDS_AT_ONCE);
        meters.expired("record", "age", deleted);
      }
      before = clock.millis() - retention.replays().toMillis();
      deleted = BATCHES_AT_ONCE;
      while (deleted == BATCHES_AT_ONCE && !thread.isShutdown()) {
        deleted = replays.deleteStoredBefore(before, BATCHES_AT_ONCE);
        meters.expired("replay_batch", "age", deleted);
      }
    } catch (SinkException | IOException | RuntimeException e) {
      log.warn("what is past its retention could not all be deleted; it is tried again", e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
