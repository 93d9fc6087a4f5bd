package dev.observer.server.embedded;

import dev.observer.event.Kind;
import dev.observer.event.ServiceNames;
import dev.observer.event.StoredRecord;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.Page;
import dev.observer.server.query.QueryException;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.query.Session;
import dev.observer.server.query.SessionFilter;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the records of a DuckDB file, each asked on a connection of its own. Thread-safe.
 */
final class RecordQueries implements EventQuery {
  private static final String SESSION_COLUMNS =
      """
      session_id,
      max_by(visitor_id, "timestamp") FILTER (visitor_id IS NOT NULL) AS visitor_id,
      max_by(user_id, "timestamp") FILTER (user_id IS NOT NULL) AS user_id,
      epoch_ms(min("timestamp")) AS first_time,
      epoch_ms(max("timestamp")) AS last_time,
      count(*) FILTER (event_type = 'page_view') AS page_views,
      count(*) FILTER (event_type = 'custom_event' AND event_name NOT LIKE 'observer.%') AS custom_events,
      count(*) FILTER (kind = 'error') AS errors,
      min_by(url, "timestamp") FILTER (event_type = 'page_view') AS entry_url,
      bool_or(kind = 'replay') AS has_replay
      """;

  private static final String NEWEST_FIRST = " ORDER BY received_at DESC, arrival DESC";

  /** From one position to another, both included; DuckDB has no range of pairs. */
  private static final String FROM_FIRST =
      "received_at <= make_timestamp_ms(?) AND (received_at < make_timestamp_ms(?) OR arrival <= ?)";

  private static final String TO_LAST =
      "received_at >= make_timestamp_ms(?) AND (received_at > make_timestamp_ms(?) OR arrival >= ?)";

  /** What one page has at most, unless its first record alone has more. */
  private static final long MAX_PAGE_CHARACTERS = 8 << 20;

  /** Connections to read with. */
  interface Connections {
    DuckDBConnection open() throws SQLException;
  }

  private final Connections connections;
  private final LongSupplier lastArrival;

  /**
   * Asks on these connections.
   *
   * @param lastArrival the last that is committed
   */
  RecordQueries(Connections connections, LongSupplier lastArrival) {
    this.connections = connections;
    this.lastArrival = lastArrival;
  }

  @Override
  public Map<String, Long> arrivals(List<StoredRecord> records) throws QueryException {
    Map<String, Long> arrivals = new HashMap<>();
    try (DuckDBConnection reading = connections.open()) {
      StoredIds.of(records, reading).forEach((id, time) -> arrivals.put(id.toString(), time));
    } catch (SQLException e) {
      throw new QueryException("the embedded store could not answer", e);
    }
    return arrivals;
  }

  @Override
  public Page<StoredRecord> records(RecordFilter filter, int limit, Page.@Nullable Position after)
      throws QueryException {
    Conditions where = new Conditions();
    // A page is asked for twice, and what comes in between is not in it.
    where.add("arrival <= ?", lastArrival.getAsLong());
    filter.values().forEach((field, value) -> where.add(field.wireName() + " = ?", value));
    where.addIfSet("\"timestamp\" >= make_timestamp_ms(?)", filter.since());
    where.addIfSet("\"timestamp\" < make_timestamp_ms(?)", filter.until());
    if (after != null) {
      where.add(
          "(received_at, arrival) < (make_timestamp_ms(?)::TIMESTAMP_MS, ?::BIGINT)",
          after.time(),
          Long.parseLong(after.tie()));
    }
    // What is in a page is asked for first without its text, of which there may be very much: a
    // page of any number of records fits into memory.
    List<Page.Position> positions = new ArrayList<>();
    long[] characters = new long[1];
    int[] fitting = new int[1];
    query(
        "SELECT arrival, epoch_ms(received_at), coalesce("
            + RecordTable.CHARACTERS
            + ", 0) FROM records"
            + where
            + NEWEST_FIRST
            + " LIMIT "
            + (limit + 1),
        where,
        row -> {
          characters[0] += row.getLong(3);
          boolean fits = characters[0] <= MAX_PAGE_CHARACTERS || positions.isEmpty();
          positions.add(new Page.Position(row.getLong(2), Long.toString(row.getLong(1))));
          if (fits && positions.size() <= limit) {
            fitting[0]++;
          }
        });
    if (positions.isEmpty()) {
      return new Page<>(List.of(), null);
    }
    Page.Position first = positions.get(0);
    Page.Position last = positions.get(fitting[0] - 1);
    where.add(FROM_FIRST, first.time(), first.time(), Long.parseLong(first.tie()));
    where.add(TO_LAST, last.time(), last.time(), Long.parseLong(last.tie()));
    List<StoredRecord> records = new ArrayList<>();
    query(
        "SELECT " + RecordTable.selection() + " FROM records" + where + NEWEST_FIRST,
        where,
        row -> records.add(RecordTable.read(row)));
    return new Page<>(records, positions.size() > fitting[0] ? last : null);
  }

  @Override
  public Page<Session> sessions(SessionFilter filter, int limit, Page.@Nullable Position after)
      throws QueryException {
    // Later pages count what the first one counted: a session that gets an older record meanwhile
    // would move down the list and be met again.
    long horizon = after == null ? lastArrival.getAsLong() : SessionPlace.of(after).horizon();
    Conditions where = new Conditions();
    where.add("arrival <= ?", horizon);
    Conditions having = new Conditions();
    filter
        .values()
        .forEach((field, value) -> having.add("bool_or(" + field.wireName() + " = ?)", value));
    having.addIfSet("max(\"timestamp\") >= make_timestamp_ms(?)", filter.since());
    having.addIfSet("min(\"timestamp\") < make_timestamp_ms(?)", filter.until());
    if (after != null) {
      having.add(
          "(min(\"timestamp\"), session_id) < (make_timestamp_ms(?)::TIMESTAMP_MS, ?)",
          after.time(),
          SessionPlace.of(after).sessionId());
    }
    // Which sessions is asked first, with as little as decides it: everything of every session
    // takes five times as long as that and everything of one page.
    String page =
        "SELECT session_id FROM records"
            + where
            + " AND session_id IS NOT NULL GROUP BY session_id"
            + having.toString().replaceFirst("^ WHERE ", " HAVING ")
            + " ORDER BY min(\"timestamp\") DESC, session_id DESC LIMIT "
            + (limit + 1);
    String sql =
        "SELECT "
            + SESSION_COLUMNS
            + " FROM records WHERE session_id IN ("
            + page
            + ")"
            + where.toString().replaceFirst("^ WHERE ", " AND ")
            + " GROUP BY session_id ORDER BY first_time DESC, session_id DESC";
    List<Session> sessions = new ArrayList<>();
    query(sql, where.and(having).and(where), row -> sessions.add(session(row)));
    if (sessions.size() <= limit) {
      return new Page<>(sessions, null);
    }
    Session last = sessions.get(limit - 1);
    return new Page<>(
        sessions.subList(0, limit),
        new Page.Position(
            last.firstTime(), new SessionPlace(horizon, last.sessionId()).toString()));
  }

  /**
   * The tie of a place in the list of sessions.
   *
   * @param horizon the last arrival that counts
   */
  private record SessionPlace(long horizon, String sessionId) {
    static SessionPlace of(Page.Position position) {
      String[] parts = position.tie().split(":", 2);
      return new SessionPlace(Long.parseLong(parts[0]), parts[1]);
    }

    @Override
    public String toString() {
      return horizon + ":" + sessionId;
    }
  }

  @Override
  public @Nullable Session session(String sessionId) throws QueryException {
    Conditions where = new Conditions();
    where.add("session_id = ?", sessionId);
    List<Session> sessions = new ArrayList<>();
    query(
        "SELECT " + SESSION_COLUMNS + " FROM records" + where + " GROUP BY session_id",
        where,
        row -> sessions.add(session(row)));
    return sessions.isEmpty() ? null : sessions.get(0);
  }

  private static Session session(ResultSet row) throws SQLException {
    return new Session(
        row.getString("session_id"),
        row.getString("visitor_id"),
        row.getString("user_id"),
        row.getLong("first_time"),
        row.getLong("last_time"),
        row.getLong("page_views"),
        row.getLong("custom_events"),
        row.getLong("errors"),
        row.getString("entry_url"),
        row.getBoolean("has_replay"));
  }

  @Override
  public List<StoredRecord> recordings(String sessionId) throws QueryException {
    Conditions where = new Conditions();
    where.add("session_id = ?", sessionId);
    where.add("kind = ?", Kind.REPLAY.wireName());
    where.add("event_type = ?", "session_replay_started");
    List<StoredRecord> records = new ArrayList<>();
    query(
        "SELECT "
            + RecordTable.selection()
            + " FROM records"
            + where
            + " ORDER BY \"timestamp\", arrival",
        where,
        row -> records.add(RecordTable.read(row)));
    return records;
  }

  @Override
  public List<ServiceNames.Service> services(int limit) throws QueryException {
    Conditions where = new Conditions();
    where.add("service_name IS NOT NULL");
    where.add("environment IS NOT NULL");
    List<ServiceNames.Service> services = new ArrayList<>();
    query(
        "SELECT service_name, environment FROM records"
            + where
            + " GROUP BY ALL ORDER BY max(arrival) DESC LIMIT "
            + limit,
        where,
        row -> services.add(new ServiceNames.Service(row.getString(1), row.getString(2))));
    return services;
  }

  /** Takes one row. */
  interface RowReader {
    void read(ResultSet row) throws SQLException, IOException;
  }

  void query(String sql, Conditions conditions, RowReader reader) throws QueryException {
    try (Connection reading = connections.open();
        PreparedStatement statement = reading.prepareStatement(sql)) {
      conditions.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    } catch (SQLException | IOException e) {
      throw new QueryException("the embedded store could not answer", e);
    }
  }
}
