package dev.observer.server.rpc;

/**
 * Something that a subscription tells, with an id by which it can go on: a client that comes back
 * after a break gives the last id it got as {@code lastEventId} in the input.
 *
 * @param id not empty, on one line
 */
public record Tracked<T>(String id, T data) {
  /** Checks the id. */
  public Tracked {
    if (id.isEmpty() || id.indexOf('\n') >= 0 || id.indexOf('\r') >= 0 || id.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("an id must be a text on one line");
    }
  }
}
