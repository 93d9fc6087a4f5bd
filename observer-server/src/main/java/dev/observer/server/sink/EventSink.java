package dev.observer.server.sink;

import java.util.List;

/**
 * Where records are delivered to. Implementations are thread-safe, and idempotent: of two records
 * with one {@code event_id} the first stays, however often and in whatever batches they come.
 */
public interface EventSink extends AutoCloseable {
  /** A short name for meters and health, such as {@code embedded}. */
  String name();

  /**
   * Stores records; all of them are durable when it returns. They come in the order of the spool,
   * each with an id of its own; after a failure, the same come again.
   *
   * @throws SinkException if that is not known; some may be stored all the same
   */
  void append(List<SpooledRecord> records) throws SinkException;

  @Override
  void close();
}
