package dev.observer.event;

import java.util.List;
import java.util.Locale;

/**
 * What a sender lost on its own side before the server ever saw it, as an entry of {@code dropped}
 * in a batch says: {@code {"reason": "queue_full", "kind": "error", "count": 3}}.
 *
 * @param reason why, as far as we know that reason
 * @param kind of what was lost
 * @param count how many items or, of replays, batches; 1 to {@value #MAX_COUNT}
 */
public record ClientDrop(Reason reason, Kind kind, int count) {
  /** So many entries of one batch are read; there are fewer reasons times kinds. */
  static final int MAX_ENTRIES = 64;

  /** More than a page can lose between two batches. */
  static final int MAX_COUNT = 1_000_000;

  /** Every way in which a sender loses something; closed, because it becomes a label. */
  public enum Reason {
    /** The queue was full while the server could not be reached. */
    QUEUE_FULL,
    /** What the queue keeps beyond the page could not be stored. */
    STORAGE_FAILED,
    /** It waited so long that it was given up. */
    EXPIRED,
    /** Alone it is more than the server takes. */
    TOO_LARGE,
    /** The server took the batch, but not this item; it counted that as {@code invalid} itself. */
    REJECTED,
    /** The server refused the whole request for good. */
    REFUSED,
    /** It was waiting when the page ended or the SDK was closed. */
    CLOSED,
    /** The application's {@code beforeSend} dropped it. */
    BEFORE_SEND,
    /** The application's {@code beforeSend} failed. */
    BEFORE_SEND_ERROR,
    /** Capturing failed. */
    CAPTURE_ERROR,
    /** The recorder failed, and went on when it could. */
    RECORDER_ERROR,
    /** The recorder could not be loaded. */
    RECORDER_UNAVAILABLE,
    /** A part of the SDK other than the recorder could not be loaded. */
    CHUNK_UNAVAILABLE,
    /** A reason that this server does not know, from an SDK that is newer. */
    OTHER;

    private static final List<Reason> ALL = List.of(values());

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The word on the wire, and the value of the label {@code reason}. */
    public String wireName() {
      return wireName;
    }

    /** The reason of this name, or {@link #OTHER}. */
    static Reason of(String wireName) {
      return ALL.stream()
          .filter(reason -> reason.wireName.equals(wireName))
          .findFirst()
          .orElse(OTHER);
    }
  }
}
