package dev.observer.server.metrics;

/** Every way in which something that was given to us is not kept where it belongs. */
public enum DropReason {
  /** An item, batch or body that is not as the wire has it; the answer said so. */
  INVALID("invalid"),
  /** A body with more bytes, items or nesting than allowed; the answer was 413. */
  TOO_LARGE("too_large"),
  /** No right write key, or a page that may not write; the answer was 401 or 403. */
  UNAUTHORIZED("unauthorized"),
  /** More requests from one address than allowed; the answer was 429, the sender still has it. */
  RATE_LIMITED("rate_limited"),
  /** The body did not arrive whole, or not within 30 s; there was no answer. */
  INCOMPLETE("incomplete"),
  /** The lane was full; the answer was 503 and the sender still has it. */
  LANE_FULL("lane_full"),
  /** Too much was arriving at once for the memory there is; the answer was 503 likewise. */
  BUSY("busy"),
  /** The disk did not take it; the answer was 503 and the sender still has it. */
  DISK_FAILED("disk_failed"),
  /**
   * A line or file of the spool that cannot be read as it was written; it is in {@code rejected}.
   */
  SPOOL_DAMAGED("spool_damaged"),
  /** The end of a spool file that was being written when the power went; set aside too. */
  SPOOL_UNFINISHED("spool_unfinished"),
  /** The backend will never take it; set aside in {@code rejected}. */
  SINK_REFUSED("sink_refused"),
  /** The host captured more than memory may hold while the spool could not keep it. */
  CAPTURE_FULL("capture_full"),
  /** The host captured something that could not be made a record. */
  CAPTURE_FAILED("capture_failed"),
  /** The host captured it when Observer was closed, or so shortly before that it was not kept. */
  CLOSED("closed");

  private final String label;

  DropReason(String label) {
    this.label = label;
  }

  /** The value of the label {@code reason}. */
  public String label() {
    return label;
  }
}
