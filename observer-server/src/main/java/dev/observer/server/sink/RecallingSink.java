package dev.observer.server.sink;

import java.util.List;

/**
 * A sink that may lose what it took, when its machine loses power, say, and that can be asked what
 * it has. Implementations are thread-safe.
 */
public interface RecallingSink extends EventSink {
  /**
   * Counts how often it may have ended and begun again: a number that grows when it takes records
   * after it did not answer, or not as one that is well does.
   */
  long restarts();

  /**
   * Those of these records that it was given and does not have any more.
   *
   * @throws SinkException if it does not say
   */
  List<SpooledRecord> missing(List<SpooledRecord> records) throws SinkException;

  /**
   * Stores records that it was given before, however far it came since; as {@link #append} in all
   * else.
   */
  void restore(List<SpooledRecord> records) throws SinkException;

  /**
   * Whether it is to be given this record again, if it does not show it: not where it may have it
   * all the same, and would refuse it.
   */
  default boolean wouldTakeAgain(SpooledRecord record) {
    return true;
  }
}
