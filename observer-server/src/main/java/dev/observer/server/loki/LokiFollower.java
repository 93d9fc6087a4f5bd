package dev.observer.server.loki;

import dev.observer.config.ObserverConfig;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.loki.LokiAnswers.Row;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.sink.FollowingStore;
import dev.observer.server.sink.SinkException;
import dev.observer.server.task.RepeatedTask;
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
import java.util.PriorityQueue;
import java.util.Set;
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
 * stored with the records. Within a stream times only grow, except where an instance restores what
 * Loki lost; for that, and for what the store lost, {@link Reconciliation} looks at what was read
 * before.
 *
 * <p>While Loki does not answer it tries again. Thread-safe.
 */
public final class LokiFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LokiFollower.class);
  private static final Duration EVERY = Duration.ofSeconds(3);
  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * Streams whose newest line is older than an hour are looked for now and then, those whose newest
   * line is older than a day seldom: after a long outage an instance writes what arrived then.
   */
  private static final int NOW_AND_THEN = 60;

  private static final int SELDOM = 20 * NOW_AND_THEN;

  /** Others' clocks may be ahead. */
  private static final long AHEAD = Duration.ofMinutes(10).toNanos();

  private static final int PAGE = 2_000;

  /** Lines of all streams that are held at once. */
  private static final int HELD = 20_000;

  /** Under this name the position is that of all streams. */
  private static final String ALL = "";

  private static final String KINDS = "kind=~\"error|event|replay\"";

  /** Selects the lines of all instances. */
  static final String LINES = "{" + KINDS + "}";

  /** Of a stream that was not there before, the first line is mostly this new. */
  private static final Duration NEW = Duration.ofDays(1);

  private final LokiPages pages;
  private final FollowingStore store;
  private final String instance;
  private final Duration retention;
  private final InstantSource clock;
  private final long startedAt;
  private final Map<String, Long> positions = new HashMap<>();
  private final Reconciliation reconciliation;
  private int rounds;

  /** Whether the last round failed: the next looks back an hour, and then that is made up for. */
  private boolean failed;

  private boolean known;
  private boolean caughtUp;
  private boolean foreign;
  private final RepeatedTask following =
      new RepeatedTask(
          "observer-loki-follower", "what others wrote cannot be read in Loki", this::follow);

  /**
   * Prepares, and does nothing until {@link #start}.
   *
   * @param instance our own
   * @param retention what is older is not read
   * @param query asks the same store
   */
  public LokiFollower(
      URI url,
      ObserverConfig.Loki settings,
      String instance,
      Duration retention,
      FollowingStore store,
      EventQuery query,
      InstantSource clock) {
    this.pages = new LokiPages(new LokiClient(url, settings), PAGE);
    this.store = store;
    this.instance = instance;
    this.retention = retention;
    this.clock = clock;
    this.startedAt = clock.millis() * NANOS_PER_MILLI;
    this.reconciliation = new Reconciliation(pages, query, this::take, clock);
  }

  /** Reads now, and then again and again. */
  public void start() {
    following.start(Duration.ZERO, EVERY);
  }

  /** Reads what is new, and looks at some of what is old. */
  void follow() throws IOException, SinkException, QueryException, InterruptedException {
    if (!known) {
      positions.putAll(store.positions());
      caughtUp = positions.getOrDefault(ALL, 0L) == Long.MAX_VALUE;
      known = true;
    }
    if (!caughtUp) {
      catchUp();
    }
    if (caughtUp) {
      followOthers();
      reconciliation.goOn(Math.max(oldest(), nanos(store.oldestArrival())));
    }
  }

  /** Looks at everything from one time to another. */
  void reconcile(long from, long to)
      throws IOException, SinkException, QueryException, InterruptedException {
    reconciliation.reconcile(from, to);
  }

  private long oldest() {
    return nanos(clock.millis() - retention.toMillis());
  }

  private static long nanos(long millis) {
    return millis > Long.MAX_VALUE / NANOS_PER_MILLI ? Long.MAX_VALUE : millis * NANOS_PER_MILLI;
  }

  private void catchUp() throws IOException, SinkException, InterruptedException {
    long from = pages.start(LINES, Math.max(oldest(), positions.getOrDefault(ALL, 0L)), startedAt);
    int[] lines = {0};
    pages.<SinkException>read(
        LINES,
        from,
        startedAt,
        true,
        (rows, next) -> {
          lines[0] += rows.size();
          Map<String, Long> moved = ends(rows);
          moved.put(ALL, next);
          move(rows, moved);
          return !following.isClosing();
        });
    if (!following.isClosing()) {
      move(List.of(), Map.of(ALL, Long.MAX_VALUE));
      caughtUp = true;
      log.info("caught up with Loki: {} lines were read", lines[0]);
    }
  }

  private static Map<String, Long> ends(List<Row> rows) {
    Map<String, Long> ends = new HashMap<>();
    rows.forEach(row -> ends.put(row.stream(), row.nanos()));
    return ends;
  }

  private void followOthers() throws IOException, SinkException, InterruptedException {
    boolean after = failed;
    failed = true;
    Duration back =
        after || rounds % NOW_AND_THEN != 0
            ? Duration.ofHours(1)
            : rounds % SELDOM == 0 ? retention : Duration.ofDays(1);
    long oldest = oldest();
    long now = nanos(clock.millis()) + AHEAD;
    long from = Math.max(oldest, now - AHEAD - back.toNanos());
    String others = "{" + KINDS + ",instance!=" + LokiAnswers.quoted(instance) + "}";
    PriorityQueue<Reading> streams = new PriorityQueue<>(Comparator.comparingLong(Reading::next));
    Set<String> found = pages.streams(others, from, now);
    long recent = Math.max(oldest, now - NEW.toNanos());
    Set<String> old = Set.of();
    if (!positions.keySet().containsAll(found)) { // where Loki fails at much, any may be old
      old = after ? found : pages.streams(others, oldest, recent);
    }
    for (String stream : found) {
      long start = old.contains(stream) ? oldest : recent;
      Long position = positions.get(stream);
      streams.add(new Reading(stream, position == null ? start : Math.max(position + 1, oldest)));
    }
    while (!streams.isEmpty() && streams.peek().next() < now && !following.isClosing()) {
      readTogether(streams, now);
    }
    failed = false;
    if (!after) {
      rounds++;
    }
  }

  /**
   * A stream that is being read.
   *
   * @param next in nanoseconds since 1970
   */
  private record Reading(String stream, long next) {}

  /**
   * Reads a page of each, the one that is farthest behind first, as far as all were read, so that
   * what arrived together is stored in its order.
   */
  private void readTogether(PriorityQueue<Reading> streams, long now)
      throws IOException, SinkException, InterruptedException {
    int most = Math.max(100, HELD / streams.size());
    long until = now;
    List<Row> rows = new ArrayList<>();
    List<Reading> read = new ArrayList<>();
    while (!streams.isEmpty() && streams.peek().next() < until) {
      Reading reading = streams.remove();
      LokiPages.Page page = pages.page(reading.stream(), reading.next(), until, most, false);
      until = Math.min(until, page.next());
      rows.addAll(page.rows());
      read.add(reading);
    }
    long end = until;
    rows.removeIf(row -> row.nanos() >= end);
    rows.sort(Comparator.comparingLong(Row::nanos));
    move(rows, ends(rows));
    read.forEach(reading -> streams.add(new Reading(reading.stream(), end)));
  }

  private void move(List<Row> rows, Map<String, Long> moved) throws SinkException {
    if (!moved.isEmpty()) {
      store.follow(records(rows), moved);
      positions.putAll(moved);
    }
  }

  private void take(List<Row> rows) throws SinkException {
    store.follow(records(rows), Map.of());
  }

  private List<StoredRecord> records(List<Row> rows) {
    List<StoredRecord> records = new ArrayList<>();
    for (Row row : rows) {
      try {
        records.add(StoredForm.read(row.line().getBytes(StandardCharsets.UTF_8)));
      } catch (IOException | RuntimeException e) {
        if (!foreign) {
          foreign = true;
          log.warn("a line of {} is no record; it and others like it are not shown", row.stream());
        }
        log.debug("a line of {} is no record", row.stream(), e);
      }
    }
    return records;
  }

  /** Ends after the page that is under way, or within two seconds. */
  @Override
  public void close() {
    following.close();
  }
}
