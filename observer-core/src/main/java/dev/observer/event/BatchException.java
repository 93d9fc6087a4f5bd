package dev.observer.event;

import java.util.List;

/** A batch that is refused as a whole; {@link #reason()} decides the status of the answer. */
public final class BatchException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a whole batch was refused. */
  public enum Reason {
    /** Not JSON as we read it (400). */
    MALFORMED,
    /** More items, nesting or members than allowed (413). */
    TOO_LARGE,
    /** There is no memory for it now (503). */
    NO_ROOM,
    /** JSON, but not a batch: a field of the envelope is missing or wrong (400). */
    INVALID
  }

  private final Reason reason;
  private final transient List<Violation> violations;

  BatchException(Reason reason, String detail, List<Violation> violations) {
    super(detail);
    this.reason = reason;
    this.violations = List.copyOf(violations);
  }

  static BatchException invalid(String pointer, String reason) {
    return new BatchException(
        Reason.INVALID,
        "the batch cannot be read: " + pointer + " " + reason,
        List.of(new Violation(pointer, reason)));
  }

  static BatchException tooLarge(String detail) {
    return new BatchException(Reason.TOO_LARGE, detail, List.of());
  }

  static BatchException noRoom() {
    return new BatchException(Reason.NO_ROOM, "there is no room for the batch now", List.of());
  }

  static BatchException malformed(String detail) {
    return new BatchException(Reason.MALFORMED, detail, List.of());
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** Where, if a place can be named. */
  public List<Violation> violations() {
    return violations;
  }
}
