package dev.observer.event;

import java.util.List;
import java.util.Map;

/**
 * What became of a batch.
 *
 * @param lines the accepted items in the order of the batch, each as its {@link StoredForm} without
 *     a line end; each is an array of its own, in which {@code received_at} may be set
 * @param types how many of them there are of each {@code event_type} or, for errors, {@code level}
 * @param refused how many items were not accepted
 * @param rejected why, in the order of the batch; an item may be wrong in several ways, and what is
 *     wrong with the context is said once. What is wrong with {@code dropped} comes last
 * @param dropped what the sender says it lost before; to be counted when the batch is acknowledged
 */
public record Batch(
    List<byte[]> lines,
    Map<String, Integer> types,
    int refused,
    List<Violation> rejected,
    List<ClientDrop> dropped) {
  /** Copies the lists and the map. */
  public Batch {
    lines = List.copyOf(lines);
    types = Map.copyOf(types);
    rejected = List.copyOf(rejected);
    dropped = List.copyOf(dropped);
  }
}
