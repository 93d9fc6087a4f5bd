package dev.observer.event;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an object of a batch, the context or an item, and puts its fields in their stored form:
 * {@code "name":value}, with commas between. Unknown fields are dropped, and everything wrong is
 * noted with its pointer while reading goes on.
 *
 * <p>Two things are kept rather than put: the time of the object, for it may have to be moved, and
 * a {@code fingerprint}, from which one is made. Not thread-safe.
 */
final class FieldReader {
  private static final int FIELDS = Field.values().length;
  private static final long OURS = Fields.where(field -> field.origin() == Field.Origin.OURS);

  private final JsonCursor json;
  private final JsonBytes out;
  private final long allowed;
  private final ValueReader values;

  private final int[] from = new int[FIELDS];
  private final int[] to = new int[FIELDS];
  private long sent;
  private long refused;
  private long time = Rfc3339.INVALID;
  private @Nullable String type;
  private @Nullable String given;

  /**
   * Starts reading.
   *
   * @param out where fields are put
   * @param allowed the {@link Fields} that are not dropped
   * @param pointer to the object, or to the list in which the objects stand
   * @param maxStringBytes of one string in UTF-8
   */
  FieldReader(JsonCursor json, JsonBytes out, long allowed, String pointer, int maxStringBytes) {
    this.json = json;
    this.out = out;
    this.allowed = allowed;
    this.values = new ValueReader(json, out, pointer, maxStringBytes);
  }

  /** Forgets what was read, and reads element {@code index} of the list, which starts here. */
  void readElement(int index) throws BatchException {
    sent = 0;
    refused = 0;
    type = null;
    given = null;
    values.startElement(index);
    read();
  }

  /** Reads the object that starts here. */
  void read() throws BatchException {
    if (json.peek() != '{') {
      values.refuse("must be an object");
      return;
    }
    json.enterObject();
    while (json.nextName()) {
      Field field = json.field();
      if (field == null || !Fields.has(allowed, field)) {
        json.skip();
      } else {
        read(field);
      }
    }
  }

  /** Reads the value that starts here as one of this field. */
  void read(Field field) throws BatchException {
    values.startField(field);
    int refusals = values.refusals();
    int start = out.length();
    boolean right;
    if (field.origin() == Field.Origin.OURS) {
      right = values.refuse("is set by the server and must not be sent");
    } else if (field.type() instanceof FieldType.Time) {
      right = values.time();
      time = values.lastTime();
    } else {
      right = put(field);
    }
    if (values.refusals() > refusals) {
      refused |= Fields.of(field);
      out.truncate(start);
    } else if (right) {
      sent |= Fields.of(field);
    } else {
      out.truncate(start);
    }
  }

  private boolean put(Field field) throws BatchException {
    int start = out.length();
    out.putName(field);
    int valueStart = out.length();
    from[field.index()] = valueStart;
    boolean right = values.read(field.type());
    to[field.index()] = out.length();
    if (field == Field.EVENT_TYPE || field == Field.LEVEL) {
      type = right ? values.lastChoice() : null;
    } else if (right && field == Field.FINGERPRINT) {
      String list =
          new String(out.bytes(), valueStart, out.length() - valueStart, StandardCharsets.UTF_8);
      given = list.equals("[]") ? null : list; // which would be that of all errors
      out.truncate(start);
    }
    return right;
  }

  boolean has(Field field) {
    return Fields.has(sent, field);
  }

  /** Whether it is no object, or brings a field that only the server sets. */
  boolean refusesAll() {
    return refused == 0 ? !violations().isEmpty() : (refused & OURS) != 0;
  }

  /** The {@link Fields} that were read and are right. */
  long sent() {
    return sent;
  }

  /** The {@link Fields} that were sent and are wrong. */
  long refused() {
    return refused;
  }

  /** What is wrong; empty if everything read is right. */
  List<Violation> violations() {
    return values.violations();
  }

  /** The time of the object, in milliseconds since 1970, if it was sent. */
  long time() {
    return time;
  }

  /** The {@code event_type} or {@code level}, or null. */
  @Nullable String type() {
    return type;
  }

  /** The {@code fingerprint} that was given, as JSON, or null. */
  @Nullable String given() {
    return given;
  }

  /** What a text field means; empty if it was not sent. */
  String text(Field field) {
    if (!has(field)) {
      return "";
    }
    byte[] text = JsonCursor.resolved(out.bytes(), from[field.index()] + 1, to[field.index()] - 1);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Copies a field that was sent, with its name. */
  void copy(Field field, JsonBytes target) {
    target.putName(field).put(out.bytes(), from[field.index()], to[field.index()]);
  }
}
