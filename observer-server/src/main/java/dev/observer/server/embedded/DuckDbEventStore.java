package dev.observer.server.embedded;

import dev.observer.event.ServiceNames;
import dev.observer.event.StoredRecord;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.Page;
import dev.observer.server.query.QueryException;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.query.Session;
import dev.observer.server.query.SessionFilter;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.FollowingStore;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in one DuckDB file. Rows go in through the Appender, a batch a transaction, and are on
 * the disk when {@link #append} returns: DuckDB syncs its log at each commit, and we the name of
 * that log when it is a new one.
 *
 * <p>Of two records with one id the first stays: before a batch is written, its ids are looked up
 * among the stored ones; {@link StoredIds} says how, and what it costs.
 *
 * <p>Thread-safe: one writer at a time, each query on a connection of its own.
 */
public final class DuckDbEventStore implements EventSink, EventQuery, FollowingStore {
  private static final Logger log = LoggerFactory.getLogger(DuckDbEventStore.class);

  private final Path file;
  private final WriteAheadLog wal;
  private final Properties settings;
  private volatile DuckDBConnection writer;

  /** Whether the last write failed: DuckDB may then refuse everything until it is opened anew. */
  private boolean suspect;

  private boolean closed;
  private volatile long nextArrival;
  private final RecordQueries queries =
      new RecordQueries(() -> (DuckDBConnection) writer.duplicate(), () -> nextArrival - 1);

  private DuckDbEventStore(Path file, Properties settings) throws SQLException, IOException {
    this.file = file;
    this.wal = new WriteAheadLog(file);
    this.settings = settings;
    this.writer = connect(file, settings, wal);
    this.nextArrival = lastArrival(writer) + 1;
  }

  /**
   * Opens or makes the store in this file; a second process that tries gets an exception.
   *
   * @param memory DuckDB's limit, such as {@code 256MB}; queries beyond it go to disk
   */
  public static DuckDbEventStore open(Path file, String memory) throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    NativeLibrary.sweep(temporary, System.currentTimeMillis());
    Properties settings = new Properties();
    settings.setProperty("memory_limit", memory);
    // Writing gains nothing from a second thread, and a query asked of the console may take a core
    // but not the machine, which is the host's.
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 4);
    settings.setProperty("threads", Integer.toString(threads));
    // A checkpoint rewrites what changed and stalls the writer; with the 16 MB of the default every
    // few pushes would make one.
    settings.setProperty("wal_autocheckpoint", "256MB");
    // Or a query with an unknown function would fetch an extension from the network.
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    try {
      return new DuckDbEventStore(file, settings);
    } catch (SQLException e) {
      throw cannotOpen(file, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw cannotOpen(file, e.toString(), e); // its message may be no more than the path
    } catch (LinkageError e) {
      throw new IOException(
          "DuckDB unpacks its library, 70 MB, into the temporary directory "
              + temporary
              + " and cannot load it from there: "
              + (e.getCause() == null ? e : e.getCause()),
          e);
    }
  }

  private static IOException cannotOpen(Path file, String why, Exception e) {
    return new IOException("the event store " + file + " cannot be opened: " + why, e);
  }

  private static DuckDBConnection connect(Path file, Properties settings, WriteAheadLog wal)
      throws SQLException, IOException {
    wal.syncFound();
    try {
      return connect(file, settings);
    } catch (SQLException e) {
      if (wal.cutOff(e)) {
        return connect(file, settings);
      }
      throw e;
    }
  }

  private static DuckDBConnection connect(Path file, Properties settings) throws SQLException {
    // Not by the JDK's registry, which looks for drivers once in the life of a process, and so does
    // not find the one of a host that was loaded anew.
    DuckDBConnection connection =
        (DuckDBConnection) new DuckDBDriver().connect("jdbc:duckdb:" + file, settings);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET preserve_insertion_order = false");
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute(RecordTable.create());
      statement.execute(RecordTable.addCharacters());
      statement.execute(
          "CREATE TABLE IF NOT EXISTS positions (stream VARCHAR PRIMARY KEY, position BIGINT)");
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static long lastArrival(DuckDBConnection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet last = statement.executeQuery("SELECT coalesce(max(arrival), 0) FROM records")) {
      last.next();
      return last.getLong(1);
    }
  }

  /** After a full disk, say, DuckDB goes on only when its last connection was closed. */
  private void reopenIfSuspect() throws SQLException {
    if (closed) {
      throw new SQLException("the embedded store is closed");
    }
    if (suspect) {
      writer.close();
      writer = connect(file, settings);
      wal.mayBeAnother();
      nextArrival = lastArrival(writer) + 1;
      suspect = false;
      log.info("the embedded store was opened anew after a failure");
    }
  }

  @Override
  public String name() {
    return "embedded";
  }

  @Override
  public void append(List<SpooledRecord> records) throws SinkException {
    store(records.stream().map(SpooledRecord::record).toList(), Map.of());
  }

  @Override
  public void follow(List<StoredRecord> records, Map<String, Long> positions) throws SinkException {
    store(records.stream().filter(RecordTable::holds).toList(), positions);
  }

  private synchronized void store(List<StoredRecord> records, Map<String, Long> positions)
      throws SinkException {
    if (records.isEmpty() && positions.isEmpty()) {
      return;
    }
    try {
      reopenIfSuspect();
      long arrival = write(records);
      write(positions);
      writer.commit();
      wal.syncName();
      nextArrival = arrival;
    } catch (SQLException | IOException | RuntimeException e) {
      rollback(e);
      throw SinkException.retryable("the embedded store did not take a batch", e);
    }
  }

  /** Returns the next arrival, which counts when it is committed. */
  private long write(List<StoredRecord> records) throws SQLException {
    long arrival = nextArrival;
    if (records.isEmpty()) {
      return arrival;
    }
    Set<UUID> known = new HashSet<>(StoredIds.of(records, writer).keySet());
    try (DuckDBAppender rows = writer.createAppender(DuckDBConnection.DEFAULT_SCHEMA, "records")) {
      for (StoredRecord record : records) {
        if (known.add(UUID.fromString(record.eventId()))) {
          RecordTable.append(record, arrival++, rows);
        }
      }
    }
    return arrival;
  }

  private void write(Map<String, Long> positions) throws SQLException {
    if (positions.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        writer.prepareStatement("INSERT OR REPLACE INTO positions VALUES (?, ?)")) {
      for (Map.Entry<String, Long> position : positions.entrySet()) {
        statement.setString(1, position.getKey());
        statement.setLong(2, position.getValue());
        statement.executeUpdate();
      }
    }
  }

  @Override
  public synchronized Map<String, Long> positions() throws SinkException {
    Map<String, Long> positions = new HashMap<>();
    try {
      reopenIfSuspect();
      try (Statement statement = writer.createStatement();
          ResultSet rows = statement.executeQuery("SELECT stream, position FROM positions")) {
        while (rows.next()) {
          positions.put(rows.getString(1), rows.getLong(2));
        }
      }
      writer.commit();
      return positions;
    } catch (SQLException e) {
      rollback(e);
      throw SinkException.retryable("the embedded store does not say how far it came", e);
    }
  }

  @Override
  public long oldestArrival() throws SinkException {
    List<Long> oldest = new ArrayList<>();
    try {
      queries.query(
          "SELECT coalesce(epoch_ms(min(received_at)), " + Long.MAX_VALUE + ") FROM records",
          new Conditions(),
          row -> oldest.add(row.getLong(1)));
      return oldest.get(0);
    } catch (QueryException e) {
      throw SinkException.retryable("the embedded store does not say how far back it goes", e);
    }
  }

  /**
   * Deletes records that arrived before a time, at most so many. Their space is free after the next
   * checkpoint: see {@link #bytes}.
   *
   * @return how many were deleted
   */
  public synchronized int deleteReceivedBefore(long epochMillis, int limit) throws SinkException {
    return delete(
        "rowid IN (SELECT rowid FROM records WHERE received_at < make_timestamp_ms(?)"
            + " ORDER BY received_at LIMIT "
            + limit
            + ")",
        epochMillis);
  }

  /**
   * Deletes the oldest records by the order in which they arrived, at most so many, and at least
   * one if there is any.
   *
   * @return how many were deleted
   */
  public synchronized int deleteOldest(long limit) throws SinkException {
    return delete("arrival < (SELECT min(arrival) FROM records) + ?", limit);
  }

  private int delete(String condition, long value) throws SinkException {
    try {
      reopenIfSuspect();
      try (PreparedStatement statement =
          writer.prepareStatement("DELETE FROM records WHERE " + condition)) {
        statement.setLong(1, value);
        int deleted = statement.executeUpdate();
        writer.commit();
        return deleted;
      }
    } catch (SQLException e) {
      rollback(e);
      throw SinkException.retryable("old records could not be deleted", e);
    }
  }

  /**
   * Moves the log into the file, and frees the blocks of row groups whose records are all deleted.
   * It rewrites what changed since the last one, so it takes longer the rarer it is.
   */
  public synchronized void checkpoint() throws SinkException {
    try {
      reopenIfSuspect();
      try (Connection connection = writer.duplicate();
          Statement statement = connection.createStatement()) {
        statement.execute("CHECKPOINT");
      }
      wal.mayBeAnother();
    } catch (SQLException e) {
      suspect = true;
      throw SinkException.retryable("the embedded store could not be tidied up", e);
    }
  }

  /**
   * Bytes that the records take on the disk: the blocks in use, and the log. The file is larger by
   * the blocks that are free, which are used again; it shrinks when they are at its end. A deleted
   * record takes its bytes until a checkpoint finds that none of its row group of 122,880 is left,
   * or so few that they fit into their neighbours.
   */
  public long bytes() throws QueryException {
    try {
      return blocks().bytes() + wal.bytes();
    } catch (IOException e) {
      throw new QueryException("the log of the embedded store could not be looked at", e);
    }
  }

  /**
   * How many records would have to go so that the others take at most so many bytes, if all are
   * alike, and apart from the log.
   */
  public long recordsBeyond(long bytes) throws QueryException {
    Blocks blocks = blocks();
    // Deleted ones that are not freed yet take their share, so they need not be deleted again.
    double each = (double) blocks.bytes() / Math.max(1, blocks.rows());
    return Math.max(0, blocks.records() - (long) (bytes / Math.max(1, each)));
  }

  /**
   * What the file holds.
   *
   * @param rows of which some are deleted and not freed yet
   * @param records that are not deleted
   */
  private record Blocks(long bytes, long rows, long records) {}

  private Blocks blocks() throws QueryException {
    List<Blocks> blocks = new ArrayList<>();
    queries.query(
        "SELECT used_blocks * block_size, (SELECT estimated_size FROM duckdb_tables() WHERE"
            + " table_name = 'records'), (SELECT count(*) FROM records)"
            + " FROM pragma_database_size() WHERE database_name = current_database()",
        new Conditions(),
        row -> blocks.add(new Blocks(row.getLong(1), row.getLong(2), row.getLong(3))));
    return blocks.get(0);
  }

  private void rollback(Exception cause) {
    suspect = true;
    try {
      writer.rollback();
    } catch (SQLException again) {
      cause.addSuppressed(again);
    }
  }

  @Override
  public Map<String, Long> arrivals(List<StoredRecord> records) throws QueryException {
    return queries.arrivals(records);
  }

  @Override
  public Page<StoredRecord> records(RecordFilter filter, int limit, Page.@Nullable Position after)
      throws QueryException {
    return queries.records(filter, limit, after);
  }

  @Override
  public Page<Session> sessions(SessionFilter filter, int limit, Page.@Nullable Position after)
      throws QueryException {
    return queries.sessions(filter, limit, after);
  }

  @Override
  public @Nullable Session session(String sessionId) throws QueryException {
    return queries.session(sessionId);
  }

  @Override
  public List<StoredRecord> recordings(String sessionId) throws QueryException {
    return queries.recordings(sessionId);
  }

  @Override
  public List<ServiceNames.Service> services(int limit) throws QueryException {
    return queries.services(limit);
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      writer.close();
    } catch (SQLException e) {
      log.warn(
          "the embedded store did not close cleanly; its log is replayed at the next start", e);
    }
  }
}
