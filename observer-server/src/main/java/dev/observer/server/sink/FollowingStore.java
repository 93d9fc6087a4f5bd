package dev.observer.server.sink;

import dev.observer.event.StoredRecord;
import java.util.List;
import java.util.Map;

/**
 * A store that is filled from the streams of another one, and knows how far it came in each. What
 * it has it does not take again.
 */
public interface FollowingStore {
  /** How far each stream was read, by the name it was given. */
  Map<String, Long> positions() throws SinkException;

  /**
   * When the oldest record arrived, in milliseconds since 1970; {@link Long#MAX_VALUE} if there is
   * none.
   */
  long oldestArrival() throws SinkException;

  /**
   * Stores records in this order, and how far streams were read, both or neither. Those that it
   * cannot hold, because somebody else wrote them, are left out.
   *
   * @param positions of the streams that moved
   */
  void follow(List<StoredRecord> records, Map<String, Long> positions) throws SinkException;
}
