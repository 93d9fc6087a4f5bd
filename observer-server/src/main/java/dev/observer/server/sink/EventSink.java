package dev.observer.server.sink;

import dev.observer.event.StoredRecord;
import java.util.List;

/**
 * Where records are delivered to. Implementations are thread-safe, and idempotent: of two records
 * with one {@code event_id} the first stays, however often and in whatever batches they come.
 */
public interface EventSink extends AutoCloseable {
  /** A short name for meters and health, such as {@code embedded}. */
  String name();

  /**
   * Stores records in this order; all of them are durable when it returns.
   *
   * @throws SinkException if that is not known; some may be stored all the same
   */
  void append(List<StoredRecord> records) throws SinkException;

  @Override
  void close();
}
