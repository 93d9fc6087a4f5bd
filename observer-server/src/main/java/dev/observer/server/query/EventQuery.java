package dev.observer.server.query;

import dev.observer.event.ServiceNames;
import dev.observer.event.StoredRecord;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be asked of stored records. Implementations are thread-safe. */
public interface EventQuery {
  /**
   * Records by {@code received_at}, then arrival, newest first.
   *
   * @param after the {@link Page#next} of the page before, or null for the first
   */
  Page<StoredRecord> records(RecordFilter filter, int limit, Page.@Nullable Position after)
      throws QueryException;

  /**
   * Sessions by their first time, newest first. Later pages show them as they were when the first
   * was asked for, so that none is met twice because it got an older record meanwhile.
   */
  Page<Session> sessions(SessionFilter filter, int limit, Page.@Nullable Position after)
      throws QueryException;

  /** One session, or null if no record names it. */
  @Nullable Session session(String sessionId) throws QueryException;

  /** The {@code session_replay_started} records of a session, oldest first. */
  List<StoredRecord> recordings(String sessionId) throws QueryException;

  /**
   * When the stored records with the ids of these arrived, in milliseconds since 1970, by id; an id
   * of which none is stored is not in it.
   */
  Map<String, Long> arrivals(List<StoredRecord> records) throws QueryException;

  /**
   * The pairs of service name and environment that stored records carry, those of the newest
   * records first, at most so many. It goes through all records.
   */
  List<ServiceNames.Service> services(int limit) throws QueryException;
}
