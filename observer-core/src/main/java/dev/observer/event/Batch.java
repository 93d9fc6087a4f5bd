package dev.observer.event;

import java.util.List;

/**
 * What became of a batch.
 *
 * @param accepted in the order of the batch
 * @param refused how many items were not accepted
 * @param rejected why, in the order of the batch; an item may be wrong in several ways, and what is
 *     wrong with the context is said once
 */
public record Batch(List<StoredRecord> accepted, int refused, List<Violation> rejected) {
  /** Copies both lists. */
  public Batch {
    accepted = List.copyOf(accepted);
    rejected = List.copyOf(rejected);
  }
}
