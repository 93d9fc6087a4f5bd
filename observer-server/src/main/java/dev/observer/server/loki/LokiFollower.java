package dev.observer.server.loki;

import dev.observer.config.ObserverConfig;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.sink.FollowingStore;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads Loki into the embedded store, so that it shows what other processes wrote, and has
 * everything again when its file was lost.
 *
 * <p>First it catches up: from the oldest that is kept to the moment of the start, all streams
 * together in the order of their times, so that records have the order in which they arrived. Then
 * it follows the streams of other instances, each from where it was left, because one that was cut
 * off for a while writes behind the others; its own records come from the spool. How far it came is
 * stored with the records. Within a stream times only grow, so nothing comes behind a position.
 *
 * <p>While Loki does not answer it tries again. Thread-safe.
 */
public final class LokiFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LokiFollower.class);
  private static final Duration EVERY = Duration.ofSeconds(3);

  /** How far back the first line of a stream is looked for that was not there before. */
  private static final long NEW = Duration.ofDays(1).toNanos();

  /** Streams whose newest line is older are looked for only now and then. */
  private static final long RECENT = Duration.ofHours(1).toNanos();

  private static final int NOW_AND_THEN = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Loki refuses to look at more than 30 days and an hour at once. */
  private static final long WINDOW = Duration.ofDays(30).toNanos();

  /** Others' clocks may be ahead. */
  private static final long AHEAD = Duration.ofMinutes(10).toNanos();

  private static final int PAGE = 2_000;

  /** Under this name the position is that of all streams. */
  private static final String ALL = "";

  private static final String KINDS = "kind=~\"error|event|replay\"";

  private final LokiClient client;
  private final FollowingStore store;
  private final String instance;
  private final Duration retention;
  private final InstantSource clock;
  private final long startedAt;
  private final Map<String, Long> positions = new HashMap<>();
  private int page = PAGE;
  private int rounds;
  private boolean known;
  private boolean caughtUp;
  private volatile boolean failing;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "observer-loki-follower");
            made.setDaemon(true);
            return made;
          });

  /**
   * Prepares, and does nothing until {@link #start}.
   *
   * @param instance our own
   * @param retention what is older is not read
   */
  public LokiFollower(
      URI url,
      ObserverConfig.Loki settings,
      String instance,
      Duration retention,
      FollowingStore store,
      InstantSource clock) {
    this.client = new LokiClient(url, settings);
    this.store = store;
    this.instance = instance;
    this.retention = retention;
    this.clock = clock;
    this.startedAt = clock.millis() * NANOS_PER_MILLI;
  }

  /** Reads now, and then again and again. */
  public void start() {
    var unused =
        thread.scheduleWithFixedDelay(this::run, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run() {
    try {
      follow();
      if (failing) {
        failing = false;
        log.info("Loki can be read again");
      }
    } catch (IOException | SinkException | RuntimeException e) {
      if (!failing) {
        failing = true;
        log.warn("Loki cannot be read; what others wrote is shown when it can", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() throws IOException, SinkException, InterruptedException {
    if (!known) {
      positions.putAll(store.positions());
      caughtUp = positions.getOrDefault(ALL, 0L) == Long.MAX_VALUE;
      known = true;
    }
    if (!caughtUp) {
      catchUp();
    }
    long oldest = oldest();
    long now = clock.millis() * NANOS_PER_MILLI + AHEAD;
    String others = "{" + KINDS + ",instance!=" + LokiAnswers.quoted(instance) + "}";
    long from = Math.max(oldest, now - (rounds++ % NOW_AND_THEN == 0 ? NEW : RECENT));
    for (String stream : LokiAnswers.streams(client.series(others, from, now, PATIENCE))) {
      long position = positions.getOrDefault(stream, now - NEW);
      read(stream, Math.max(position + 1, oldest), now, false);
    }
  }

  private long oldest() {
    return (clock.millis() - retention.toMillis()) * NANOS_PER_MILLI;
  }

  private void catchUp() throws IOException, SinkException, InterruptedException {
    long from = Math.max(oldest(), positions.getOrDefault(ALL, 0L));
    int records = read("{" + KINDS + "}", from, startedAt, true);
    move(List.of(), Map.of(ALL, Long.MAX_VALUE));
    caughtUp = true;
    log.info("caught up with Loki: {} lines were read", records);
  }

  /**
   * Reads from one time up to another.
   *
   * @param all whether these are all streams; several may then have a line at one time, so that a
   *     page may end within it and the next begins with it again
   */
  private int read(String selector, long from, long to, boolean all)
      throws IOException, SinkException, InterruptedException {
    int count = 0;
    long start = from;
    while (start < to && !thread.isShutdown()) {
      long end = Math.min(to, start + WINDOW);
      List<LokiAnswers.Row> rows = page(selector, start, end);
      count += rows.size();
      boolean full = rows.size() >= page;
      long last = rows.isEmpty() ? end : rows.get(rows.size() - 1).nanos();
      long next = !full ? end : all && last > start ? last : last + 1;
      Map<String, Long> moved = new HashMap<>();
      rows.forEach(row -> moved.put(row.stream(), row.nanos()));
      if (all) {
        moved.put(ALL, next);
      }
      move(records(rows), moved);
      start = next;
    }
    return count;
  }

  /** Sorted by time; smaller when Loki does not manage so many. */
  private List<LokiAnswers.Row> page(String selector, long start, long end)
      throws IOException, InterruptedException {
    while (true) {
      byte[] content = client.query(selector, start, end, page, PATIENCE);
      if (content != null) {
        List<LokiAnswers.Row> rows = LokiAnswers.rows(content);
        rows.sort(Comparator.comparingLong(LokiAnswers.Row::nanos));
        return rows;
      }
      if (page == 1) {
        throw new IOException("Loki does not even answer with a single line");
      }
      page = Math.max(1, page / 4);
    }
  }

  private static List<StoredRecord> records(List<LokiAnswers.Row> rows) {
    List<StoredRecord> records = new ArrayList<>();
    for (LokiAnswers.Row row : rows) {
      try {
        StoredRecord record = StoredForm.read(row.line().getBytes(StandardCharsets.UTF_8));
        UUID.fromString(record.eventId());
        records.add(record);
      } catch (IOException | IllegalArgumentException e) {
        log.debug("a line of {} is not of ours", row.stream(), e);
      }
    }
    return records;
  }

  private void move(List<StoredRecord> records, Map<String, Long> moved) throws SinkException {
    if (!moved.isEmpty()) {
      store.follow(records, moved);
      positions.putAll(moved);
    }
  }

  /** Ends after the page that is under way, or within two seconds. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
