package dev.observer.event;

import org.jspecify.annotations.Nullable;

/** What a record is about; one of the few labels of a record in Loki. */
public enum Kind {
  /** An error of the browser or of the JVM. */
  ERROR("error", "errors"),
  /** A page view or a custom event. */
  EVENT("event", "events"),
  /** The start or the end of a recording; the recording itself lies in the replay store. */
  REPLAY("replay", "");

  private final String wireName;
  private final String batchField;

  Kind(String wireName, String batchField) {
    this.wireName = wireName;
    this.batchField = batchField;
  }

  /** The value of the field {@code kind}. */
  public String wireName() {
    return wireName;
  }

  /** The field of a batch that holds items of this kind, such as {@code events}. */
  String batchField() {
    return batchField;
  }

  /** The kind with this wire name, or null. */
  public static @Nullable Kind of(String wireName) {
    for (Kind kind : values()) {
      if (kind.wireName.equals(wireName)) {
        return kind;
      }
    }
    return null;
  }
}
