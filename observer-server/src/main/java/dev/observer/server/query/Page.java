package dev.observer.server.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list, newest first.
 *
 * @param next where the following page begins, or null if this is the last
 */
public record Page<T>(List<T> items, @Nullable Position next) {
  /** Copies the list. */
  public Page {
    items = List.copyOf(items);
  }

  /**
   * A place in a list: everything up to and including it has been seen.
   *
   * @param time in milliseconds since 1970
   * @param tie tells apart what has one time, and whatever else the store needs to go on
   */
  public record Position(long time, String tie) {}
}
