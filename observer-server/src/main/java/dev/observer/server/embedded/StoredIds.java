package dev.observer.server.embedded;

import dev.observer.event.Kind;
import dev.observer.event.StoredRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.duckdb.DuckDBConnection;

/**
 * Finds out which records of a batch are stored already, by their ids, exactly and without an index
 * in memory: what is looked at is bounded by DuckDB's knowledge of the least and greatest value in
 * each group of rows.
 *
 * <ul>
 *   <li>Ids that sort by time (UUIDv7, as ours): the groups that hold ids of that time. Of fresh
 *       ones that is the newest; of a queue that a browser kept for a week, those of a week ago.
 *   <li>Ids of recordings, which are made from their names: among the rows of that kind.
 *   <li>Any other: among what arrived in the {@link #WINDOW} before, 16 bytes a record.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class StoredIds {
  /** Longer than the 24 hours for which an id is promised to be known. */
  static final Duration WINDOW = Duration.ofDays(7);

  /** Ids that are closer together are looked up together. */
  private static final long NEAR_MILLIS = Duration.ofHours(1).toMillis();

  /** Whoever sends ids of many different times gets no more look-ups for it than this. */
  private static final int MAX_RUNS = 8;

  /** DuckDB orders UUIDs as their text does; {@link UUID#compareTo} compares signed halves. */
  private static final Comparator<UUID> ORDER =
      Comparator.comparing(UUID::getMostSignificantBits, Long::compareUnsigned)
          .thenComparing(UUID::getLeastSignificantBits, Long::compareUnsigned);

  private final DuckDBConnection connection;
  private final Map<UUID, Long> stored = new HashMap<>();

  private StoredIds(DuckDBConnection connection) {
    this.connection = connection;
  }

  /**
   * Which of these records' ids are stored, and when these arrived, in milliseconds since 1970; a
   * map of its own.
   */
  static Map<UUID, Long> of(List<StoredRecord> records, DuckDBConnection connection)
      throws SQLException {
    StoredIds ids = new StoredIds(connection);
    ids.lookUp(records);
    return ids.stored;
  }

  private void lookUp(List<StoredRecord> records) throws SQLException {
    List<UUID> byTime = new ArrayList<>(records.size());
    List<UUID> recordings = new ArrayList<>(0);
    List<UUID> others = new ArrayList<>(0);
    long arrived = Long.MAX_VALUE;
    for (StoredRecord record : records) {
      UUID id = UUID.fromString(record.eventId());
      arrived = Math.min(arrived, record.receivedAt());
      if (id.version() == 7) {
        byTime.add(id);
      } else {
        (record.kind() == Kind.REPLAY ? recordings : others).add(id);
      }
    }
    byTime.sort(ORDER);
    int from = 0;
    for (int run = 0; run < MAX_RUNS && from < byTime.size(); run++) {
      int to = endOfRun(byTime, from);
      List<UUID> near = byTime.subList(from, to);
      add("event_id BETWEEN ? AND ?", near, near.get(0), near.get(near.size() - 1));
      from = to;
    }
    others.addAll(byTime.subList(from, byTime.size()));
    add("kind = ?", recordings, Kind.REPLAY.wireName());
    add("received_at >= make_timestamp_ms(?)", others, arrived - WINDOW.toMillis());
  }

  private static int endOfRun(List<UUID> sorted, int from) {
    int to = from + 1;
    while (to < sorted.size()
        && millis(sorted.get(to)) - millis(sorted.get(to - 1)) <= NEAR_MILLIS) {
      to++;
    }
    return to;
  }

  private static long millis(UUID timeOrdered) {
    return timeOrdered.getMostSignificantBits() >>> 16;
  }

  /** Adds those of these ids that rows have that meet a condition. */
  private void add(String condition, List<UUID> ids, Object... bound) throws SQLException {
    if (ids.isEmpty()) {
      return;
    }
    String sql =
        "SELECT event_id, epoch_ms(received_at) FROM records WHERE "
            + condition
            + " AND event_id IN (SELECT unnest(?::UUID[]))";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < bound.length; i++) {
        statement.setObject(i + 1, bound[i]);
      }
      statement.setObject(bound.length + 1, connection.createArrayOf("UUID", ids.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          stored.put((UUID) rows.getObject(1), rows.getLong(2));
        }
      }
    }
  }
}
