package dev.observer.server.query;

import dev.observer.event.Field;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions are asked for; null leaves a condition out.
 *
 * @param values what some record of the session must have, by its field, be it one record or many
 * @param since sessions that went on at or after this time, in milliseconds since 1970
 * @param until sessions that began before this time
 */
public record SessionFilter(Map<Field, String> values, @Nullable Long since, @Nullable Long until) {
  /** Copies the map. */
  public SessionFilter {
    values = Map.copyOf(values);
  }
}
