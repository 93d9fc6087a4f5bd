package dev.observer.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An item that was read, and waits for the context, which may stand after it.
 *
 * @param from where its fields begin in the bytes of all items, in stored form
 * @param to where they end
 * @param sent which {@link Fields} it brings
 * @param timestamp as it was sent, in milliseconds since 1970
 * @param type its {@code event_type} or {@code level}
 * @param service what it calls itself, if it does
 * @param environment likewise
 * @param violations if there are any, nothing else of it counts
 */
record Item(
    int from,
    int to,
    long sent,
    long timestamp,
    @Nullable String type,
    @Nullable String service,
    @Nullable String environment,
    List<Violation> violations) {

  static Item refused(List<Violation> violations) {
    return new Item(0, 0, 0, 0, null, null, null, violations);
  }
}
