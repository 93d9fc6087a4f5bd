package dev.observer.server.loki;

import dev.observer.event.Field;
import dev.observer.event.Kind;
import dev.observer.event.StoredRecord;
import dev.observer.server.loki.LokiAnswers.Row;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the ids that Loki has with those of the embedded store, and reads the lines of what the
 * store does not have: what an instance wrote behind what was read, because Loki had lost it, say;
 * what the store lost, because its file is that of yesterday. Only ids are asked for at first.
 *
 * <p>The last two hours are gone through every ten minutes, and everything that the store keeps, a
 * slice at a time from the newest to the oldest and then again, in about a fiftieth of the time.
 * What retention deleted from the store is older than what it has, and is left alone. Not
 * thread-safe.
 */
final class Reconciliation {
  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final String IDS =
      LokiFollower.LINES + " | line_format \"{{.event_id}} {{.kind}}\"";
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** What is newer may just be read. */
  private static final Duration FRESH = Duration.ofMinutes(1);

  private static final Duration RECENT = Duration.ofHours(2);
  private static final long RECENT_MILLIS = Duration.ofMinutes(10).toMillis();
  private static final Duration SLICE = Duration.ofHours(6);
  private static final long SLICE_MILLIS = Duration.ofMinutes(1).toMillis();

  /** How many times as long as a slice took it rests after it. */
  private static final long REST = 50;

  /** Takes lines that the store may not have. */
  interface Taking {
    void take(List<Row> rows) throws SinkException;
  }

  private final LokiPages pages;
  private final EventQuery query;
  private final Taking taking;
  private final InstantSource clock;
  private long recentDue;
  private long sliceDue;

  /** Everything newer was gone through, or will be from the start; 0 at first. */
  private long slice;

  Reconciliation(LokiPages pages, EventQuery query, Taking taking, InstantSource clock) {
    this.pages = pages;
    this.query = query;
    this.taking = taking;
    this.clock = clock;
    this.recentDue = clock.millis() + FRESH.toMillis();
    this.sliceDue = clock.millis() + RECENT_MILLIS;
  }

  /**
   * Goes through what is due.
   *
   * @param oldest what is older is left alone, in nanoseconds since 1970
   */
  void goOn(long oldest) throws IOException, SinkException, QueryException, InterruptedException {
    long now = clock.millis();
    long fresh = (now - FRESH.toMillis()) * NANOS_PER_MILLI;
    if (now >= recentDue) {
      reconcile(Math.max(oldest, fresh - RECENT.toNanos()), fresh);
      recentDue = clock.millis() + RECENT_MILLIS;
    }
    if (now >= sliceDue) {
      long to = slice > oldest ? Math.min(slice, fresh) : fresh;
      long from = Math.max(oldest, to - SLICE.toNanos());
      long start = clock.millis();
      reconcile(from, to);
      slice = from;
      long end = clock.millis();
      sliceDue = end + Math.max(SLICE_MILLIS, REST * (end - start));
    }
  }

  /** Goes through a time, which may be empty. */
  void reconcile(long from, long to)
      throws IOException, SinkException, QueryException, InterruptedException {
    long start = from;
    while (start < to && !Thread.currentThread().isInterrupted()) {
      LokiPages.Page ids = pages.page(IDS, start, to, Integer.MAX_VALUE, true);
      int unknown = unknown(ids.rows());
      if (unknown > 0) {
        log.debug("{} records that Loki has are not in the embedded store", unknown);
        pages.<SinkException>read(
            LokiFollower.LINES,
            ids.rows().get(0).nanos(),
            ids.next(),
            true,
            (rows, next) -> {
              taking.take(rows);
              return true;
            });
      }
      start = ids.next();
    }
  }

  private int unknown(List<Row> rows) throws QueryException {
    List<StoredRecord> asked = new ArrayList<>();
    for (Row row : rows) {
      String[] parts = row.line().split(" ", 2);
      Kind kind = parts.length == 2 ? Kind.of(parts[1]) : null;
      if (kind != null && UUID.matcher(parts[0]).matches()) {
        long arrived = row.nanos() / NANOS_PER_MILLI;
        asked.add(
            StoredRecord.builder(kind)
                .set(Field.EVENT_ID, parts[0])
                .set(Field.TIMESTAMP, arrived)
                .set(Field.RECEIVED_AT, arrived)
                .build());
      }
    }
    Set<String> known = asked.isEmpty() ? Set.of() : query.arrivals(asked).keySet();
    return (int) asked.stream().filter(record -> !known.contains(record.eventId())).count();
  }
}
