package dev.observer.event;

import org.jspecify.annotations.Nullable;

/**
 * Makes the stored lines of one batch: what all of them share, our own fields and the context, is
 * put together once and copied into each. Their order is ours first, then the item's own fields as
 * they were sent, then those of the context that it does not bring. Not thread-safe.
 */
final class StoredLines {
  private static final Field[] FIELDS = Field.values();

  /** Our own fields, with {@code timestamp} at the end, to be written over. */
  private final byte[] head;

  private final JsonBytes context = new JsonBytes(512);
  private final int[] from = new int[FIELDS.length];
  private final int[] to = new int[FIELDS.length];
  private long contextFields;

  StoredLines(Kind kind, Envelope envelope, Arrival arrival) {
    head = head(kind, envelope, arrival);
    ServiceNames.Service own = arrival.services().own();
    for (Field field : FIELDS) {
      if (field.origin() != Field.Origin.CONTEXT || !field.in(kind)) {
        continue;
      }
      from[field.index()] = context.length();
      if (envelope.context().has(field)) {
        envelope.context().copy(field, context);
      } else if (field == Field.SERVICE_NAME) {
        put(context, field, own.name());
      } else if (field == Field.ENVIRONMENT) {
        put(context, field, own.environment());
      } else if (field == Field.USER_AGENT) {
        put(context, field, arrival.userAgent());
      }
      to[field.index()] = context.length();
      if (to[field.index()] > from[field.index()]) {
        contextFields |= Fields.of(field);
      }
    }
  }

  private static byte[] head(Kind kind, Envelope envelope, Arrival arrival) {
    JsonBytes head = new JsonBytes(256);
    head.put('{').putName(Field.RECEIVED_AT).putTime(arrival.receivedAt());
    put(head, Field.KIND, kind.wireName());
    put(head, Field.SOURCE, arrival.source().wireName());
    put(head, Field.SDK_NAME, envelope.sdkName());
    put(head, Field.SDK_VERSION, envelope.sdkVersion());
    return head.putName(Field.TIMESTAMP).putTime(0).copy();
  }

  private static void put(JsonBytes target, Field field, @Nullable String text) {
    if (text != null) {
      target.putName(field).putString(text);
    }
  }

  /** How many bytes of a line are not the item's own, at most. */
  int sharedBytes() {
    return head.length + context.length();
  }

  /** The {@link Fields} that every item has that does not bring them. */
  long contextFields() {
    return contextFields;
  }

  /**
   * One line.
   *
   * @param own holds the item's fields from {@code ownFrom} to {@code ownTo}, each after a comma
   * @param ownFields which these are
   */
  byte[] line(long timestamp, byte[] own, int ownFrom, int ownTo, long ownFields) {
    long shadowed = contextFields & ownFields;
    int ownLength = ownTo - ownFrom;
    int contextLength = context.length();
    for (long rest = shadowed; rest != 0; rest &= rest - 1) {
      int field = Long.numberOfTrailingZeros(rest);
      contextLength -= to[field] - from[field];
    }
    byte[] line = new byte[head.length + ownLength + contextLength + 1];
    System.arraycopy(head, 0, line, 0, head.length);
    Rfc3339.write(timestamp, line, head.length - 1 - Rfc3339.LENGTH);
    System.arraycopy(own, ownFrom, line, head.length, ownLength);
    int at = head.length + ownLength;
    int start = 0; // what lies between shadowed fields is copied
    for (long rest = shadowed; rest != 0; rest &= rest - 1) {
      int field = Long.numberOfTrailingZeros(rest);
      System.arraycopy(context.bytes(), start, line, at, from[field] - start);
      at += from[field] - start;
      start = to[field];
    }
    System.arraycopy(context.bytes(), start, line, at, context.length() - start);
    line[line.length - 1] = '}';
    return line;
  }
}
