package dev.observer.server.embedded;

import dev.observer.config.ObserverConfig;
import dev.observer.server.metrics.Meters;
import dev.observer.server.query.QueryException;
import dev.observer.server.sink.SinkException;
import dev.observer.server.task.RepeatedTask;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Deletes what is older than {@code retention.events} and {@code retention.replays}, by the time it
 * arrived, and the oldest of what is more than {@code retention.events-bytes} and {@code
 * retention.replays-bytes}, down to 95 % of them so that it need not begin again at once. It looks
 * once a minute, so what arrives in a minute may be there beyond the bytes.
 *
 * <p>Accepting goes no further than the spool and never waits for it. Delivery waits for a slice at
 * most, as there is a pause after each: 20,000 records are marked as deleted in some ten
 * milliseconds; the checkpoint that frees their space takes some tenths of a second. Replay files
 * are deleted without a lock.
 *
 * <p>Deleting needs no order on the disk: records are deleted in transactions, and a file that is
 * there again after a power cut is deleted again.
 */
public final class Retention implements AutoCloseable {
  private static final int RECORDS_AT_ONCE = 20_000;
  private static final int FILES_AT_ONCE = 500;
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Replay files are gone through so seldom, as that reads every directory, unless too many. */
  private static final int MINUTES_BETWEEN_WALKS = 10;

  private final ObserverConfig.Retention retention;
  private final DuckDbEventStore events;
  private final FileReplayStore replays;
  private final Meters meters;
  private final InstantSource clock;
  private int untilWalk;
  private volatile double eventsBytes = Double.NaN;

  private final RepeatedTask expiring =
      new RepeatedTask(
          "observer-retention", "what is past its retention cannot all be deleted", this::run);

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
    meters.store(events.name(), this, store -> store.eventsBytes);
    meters.store(replays.name(), replays, FileReplayStore::bytes);
  }

  /** Looks for what is to be deleted soon, and then again and again. */
  public void start() {
    expiring.start(Duration.ofSeconds(10), Duration.ofMinutes(1));
  }

  /** Deletes all that is to be deleted now; replays also where events could not be. */
  void run() throws SinkException, QueryException, IOException {
    try {
      expireEvents();
    } finally {
      expireReplays();
    }
  }

  private void expireEvents() throws SinkException, QueryException {
    long before = clock.millis() - retention.events().toMillis();
    int deleted = RECORDS_AT_ONCE;
    while (deleted == RECORDS_AT_ONCE && goOn()) {
      deleted = events.deleteReceivedBefore(before, RECORDS_AT_ONCE);
      meters.expired("record", "age", deleted);
    }
    Long limit = retention.eventsBytes();
    if (limit != null && events.bytes() > limit) {
      events.checkpoint(); // its log is many times what it holds
      shrinkEvents(limit);
    }
    eventsBytes = events.bytes();
  }

  private void shrinkEvents(long limit) throws SinkException, QueryException {
    if (events.bytes() <= limit) {
      return;
    }
    long excess = events.recordsBeyond(target(limit));
    boolean any = false;
    while (excess > 0 && goOn()) {
      int deleted = events.deleteOldest(Math.min(excess, RECORDS_AT_ONCE));
      meters.expired("record", "bytes", deleted);
      excess = deleted == 0 ? 0 : excess - deleted;
      any = true;
    }
    if (any) {
      events.checkpoint();
    }
  }

  private void expireReplays() throws IOException {
    Long limit = retention.replaysBytes();
    boolean full = limit != null && replays.bytes() > limit;
    if (untilWalk-- > 0 && !full) {
      return;
    }
    untilWalk = MINUTES_BETWEEN_WALKS - 1;
    NavigableMap<Long, Long> stored = replays.bytesByMinute();
    long before = clock.millis() - retention.replays().toMillis();
    if (!stored.isEmpty() && stored.firstKey() < before) {
      delete(before, Long.MAX_VALUE, "age");
      stored = replays.bytesByMinute();
    }
    if (limit != null && replays.bytes() > limit) {
      shrinkReplays(stored, target(limit));
    }
  }

  /** Deletes whole minutes, and of the last one as much as must be. */
  private void shrinkReplays(NavigableMap<Long, Long> stored, long target) throws IOException {
    long excess = stored.values().stream().mapToLong(Long::longValue).sum() - target;
    for (Map.Entry<Long, Long> minute : new TreeMap<>(stored).entrySet()) {
      if (excess <= minute.getValue()) {
        delete(minute.getKey(), Long.MAX_VALUE, "bytes");
        delete(minute.getKey() + FileReplayStore.MINUTE, excess, "bytes");
        return;
      }
      excess -= minute.getValue();
    }
  }

  private void delete(long before, long maxBytes, String cause) throws IOException {
    int[] deleted = {0};
    try {
      replays.deleteStoredBefore(
          before,
          maxBytes,
          () -> {
            deleted[0]++;
            return deleted[0] % FILES_AT_ONCE != 0 || goOn();
          });
    } finally {
      meters.expired("replay_batch", cause, deleted[0]);
    }
  }

  private static long target(long limit) {
    return limit - limit / 20;
  }

  /** Lets others have their turn; false when it is time to end. */
  private boolean goOn() {
    return expiring.pause(PAUSE);
  }

  @Override
  public void close() {
    expiring.close();
  }
}
