package dev.observer.event;

/**
 * Why something was refused.
 *
 * @param pointer a JSON pointer (RFC 6901) into the request, at most {@value #MAX_POINTER}
 *     characters
 * @param reason what is allowed, in words that never repeat what was sent
 */
public record Violation(String pointer, String reason) {
  static final int MAX_POINTER = 512;

  /** Shortens a pointer that a client made long, so that an answer stays small. */
  public Violation {
    if (pointer.length() > MAX_POINTER) {
      pointer = pointer.substring(0, MAX_POINTER - 1) + "…";
    }
  }
}
