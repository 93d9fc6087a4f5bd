package dev.observer.event;

import java.util.EnumMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record as it is stored: an item with the context of its batch folded in and our own fields
 * added. It is what lies in the spool, is a line in Loki and a row in the embedded store.
 *
 * <p>Immutable. Values are {@link String}, {@link Long} (times in milliseconds since 1970, whole
 * numbers), {@link Boolean} or {@link Json}.
 */
public final class StoredRecord {
  private final Kind kind;
  private final EnumMap<Field, Object> values;

  private StoredRecord(Kind kind, EnumMap<Field, Object> values) {
    this.kind = kind;
    this.values = values;
  }

  /** What the record is about. */
  public Kind kind() {
    return kind;
  }

  /** The value of a field, or null. */
  public @Nullable Object value(Field field) {
    return values.get(field);
  }

  /** The value of a text field, or null. */
  public @Nullable String text(Field field) {
    return (String) values.get(field);
  }

  /** The value of a time or number field, or null. */
  public @Nullable Long number(Field field) {
    return (Long) values.get(field);
  }

  /** The id; every record has one. */
  public String eventId() {
    return Objects.requireNonNull(text(Field.EVENT_ID));
  }

  /** When it happened, in milliseconds since 1970; every record has it. */
  public long timestamp() {
    return Objects.requireNonNull(number(Field.TIMESTAMP));
  }

  /** When it arrived, in milliseconds since 1970; every record has it. */
  public long receivedAt() {
    return Objects.requireNonNull(number(Field.RECEIVED_AT));
  }

  /** A record of this kind, to be filled. */
  public static Builder builder(Kind kind) {
    return new Builder(kind);
  }

  /** A record with the same values, to be changed. */
  public Builder toBuilder() {
    Builder builder = new Builder(kind);
    builder.values.putAll(values);
    return builder;
  }

  @Override
  public String toString() {
    return kind.wireName() + " " + values.get(Field.EVENT_ID);
  }

  /** Collects the values of one record. Not thread-safe. */
  public static final class Builder {
    private final Kind kind;
    private final EnumMap<Field, Object> values = new EnumMap<>(Field.class);

    private Builder(Kind kind) {
      this.kind = kind;
      values.put(Field.KIND, kind.wireName());
    }

    /** Sets a field; null removes it. */
    public Builder set(Field field, @Nullable Object value) {
      if (value == null) {
        values.remove(field);
      } else {
        values.put(field, value);
      }
      return this;
    }

    @Nullable Object get(Field field) {
      return values.get(field);
    }

    /** Builds the record; the builder can go on. */
    public StoredRecord build() {
      for (Field required : new Field[] {Field.EVENT_ID, Field.TIMESTAMP, Field.RECEIVED_AT}) {
        if (!values.containsKey(required)) {
          throw new IllegalStateException(required.wireName() + " is missing");
        }
      }
      return new StoredRecord(kind, new EnumMap<>(values));
    }
  }
}
