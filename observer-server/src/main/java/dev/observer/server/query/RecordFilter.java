package dev.observer.server.query;

import dev.observer.event.Field;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which records are asked for; null leaves a condition out.
 *
 * @param values what a record must have, by its field
 * @param since inclusive, about {@code timestamp}, in milliseconds since 1970
 * @param until exclusive
 */
public record RecordFilter(Map<Field, String> values, @Nullable Long since, @Nullable Long until) {
  /** Copies the map. */
  public RecordFilter {
    values = Map.copyOf(values);
  }
}
