package dev.observer.event;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a batch of events or errors from the wire: bad items are refused one by one with their
 * pointers, the others get the context folded in and become lines of the {@link StoredForm}.
 *
 * <p>It goes from bytes to bytes, in one pass and a copy: acknowledged events per second, beside a
 * server that does not even parse, are what the product is judged by, and tokens, strings and
 * records for every event cost several times as much as HTTP. Validation is by hand for the same
 * reason, from the table in {@link Field}, and because it needs pointers into the JSON that was
 * sent, where Jakarta Validation has paths into objects.
 *
 * <p>Thread-safe.
 */
public final class BatchReader {
  static final long YEAR_2000 = 946_684_800_000L;
  static final long MAX_AHEAD = Duration.ofDays(1).toMillis();

  /** A small body may not become hundreds of megabytes because each item gets a large context. */
  private static final long MAX_SHARED_BYTES = 16L << 20;

  private final int maxItems;
  private final int maxDepth;
  private final int maxStringBytes;

  /**
   * Bounds what is read.
   *
   * @param maxItems of one batch
   * @param maxDepth of nesting, the batch itself being 1
   * @param maxStringBytes of one string in UTF-8
   */
  public BatchReader(int maxItems, int maxDepth, int maxStringBytes) {
    this.maxItems = maxItems;
    this.maxDepth = maxDepth;
    this.maxStringBytes = maxStringBytes;
  }

  /**
   * Reads a body of {@link Kind#EVENT}s or {@link Kind#ERROR}s.
   *
   * @param body UTF-8, inflated and bounded; its first {@code length} bytes are read, and lone
   *     surrogates in them replaced
   * @throws BatchException if nothing of it can be read, or the context of all items would take
   *     more than 16 MiB; one bad item is no reason
   */
  public Batch read(Kind kind, byte[] body, int length, Arrival arrival) throws BatchException {
    return read(kind, body, length, arrival, bytes -> true);
  }

  /**
   * Reads a body likewise, if there is room for what becomes of it.
   *
   * @param room asked once, before the context is folded into the items, whether there are so many
   *     bytes more than those of the body
   */
  public Batch read(Kind kind, byte[] body, int length, Arrival arrival, LongPredicate room)
      throws BatchException {
    checkUtf8(body, length);
    SurrogateEscapes.replaceLone(body, length);
    return new Reading(kind, new JsonCursor(body, length, maxDepth), length, arrival, room).read();
  }

  private static void checkUtf8(byte[] body, int length) throws BatchException {
    if (length >= 3
        && (body[0] & 0xFF) == 0xEF
        && (body[1] & 0xFF) == 0xBB
        && (body[2] & 0xFF) == 0xBF) {
      throw BatchException.malformed("the body is not JSON: it starts with a byte order mark");
    }
    Utf8Check utf8 = new Utf8Check();
    if (!utf8.accept(body, 0, length) || !utf8.complete()) {
      throw BatchException.malformed("the body is not JSON: it is not UTF-8");
    }
  }

  /** The reading of one body. */
  private final class Reading {
    private final Kind kind;
    private final JsonCursor json;
    private final Arrival arrival;
    private final LongPredicate room;
    private final Envelope envelope;
    private final JsonBytes fields;
    private final ClientDropReader dropped;
    private @Nullable List<Item> items;

    Reading(Kind kind, JsonCursor json, int length, Arrival arrival, LongPredicate room) {
      this.kind = kind;
      this.json = json;
      this.arrival = arrival;
      this.room = room;
      this.envelope = new Envelope(json, maxStringBytes);
      this.fields = new JsonBytes(length);
      this.dropped = new ClientDropReader(json);
    }

    Batch read() throws BatchException {
      if (json.peek() != '{') {
        json.skip();
        throw BatchException.invalid("", "must be an object");
      }
      json.enterObject();
      while (json.nextName()) {
        String name = json.value();
        if (name.equals(kind.batchField())) {
          items = items();
        } else if (name.equals(ClientDropReader.FIELD)) {
          dropped.read();
        } else if (!envelope.read(name)) {
          json.skip();
        }
      }
      json.expectEnd();
      return fold();
    }

    private List<Item> items() throws BatchException {
      if (json.peek() != '[') {
        json.skip();
        throw BatchException.invalid("/" + kind.batchField(), "must be a list");
      }
      List<Item> read = new ArrayList<>();
      FieldReader reader =
          new FieldReader(
              json, fields, Fields.ofItems(kind), "/" + kind.batchField(), maxStringBytes);
      json.enterArray();
      while (json.nextElement()) {
        if (read.size() == maxItems) {
          throw BatchException.tooLarge("more than " + maxItems + " items in one batch");
        }
        read.add(item(reader, read.size()));
      }
      return read;
    }

    private Item item(FieldReader reader, int index) throws BatchException {
      int from = fields.length();
      reader.readElement(index);
      if (!reader.violations().isEmpty()) {
        fields.truncate(from);
        return Item.refused(reader.violations());
      }
      String type = reader.type();
      if (kind == Kind.ERROR) {
        type = type == null ? "error" : type;
        complete(reader, type);
      }
      return new Item(
          from,
          fields.length(),
          reader.sent(),
          reader.time(),
          type,
          reader.has(Field.SERVICE_NAME) ? reader.text(Field.SERVICE_NAME) : null,
          reader.has(Field.ENVIRONMENT) ? reader.text(Field.ENVIRONMENT) : null,
          List.of());
    }

    /** Adds what every error has. */
    private void complete(FieldReader error, String level) {
      if (!error.has(Field.LEVEL)) {
        fields.putName(Field.LEVEL).putString(level);
      }
      if (!error.has(Field.MECHANISM)) {
        fields.putName(Field.MECHANISM).putString("manual");
      }
      String given = error.given();
      String fingerprint =
          given != null
              ? Fingerprint.ofGiven(given)
              : Fingerprint.of(
                  error.text(Field.ERROR_TYPE),
                  error.text(Field.MESSAGE),
                  error.text(Field.STACK_TRACE));
      fields.putName(Field.FINGERPRINT).putString(fingerprint);
      fields.putName(Field.FINGERPRINT_VERSION).putAscii(String.valueOf(Fingerprint.VERSION));
    }

    private Batch fold() throws BatchException {
      if (items == null || items.isEmpty()) {
        throw BatchException.invalid(
            "/" + kind.batchField(), items == null ? "is required" : "must not be empty");
      }
      FieldReader context = envelope.context();
      if (context.refusesAll()) {
        return new Batch(List.of(), Map.of(), items.size(), context.violations(), dropped.drops());
      }
      StoredLines stored = new StoredLines(kind, envelope, arrival);
      long sharedBytes = (long) stored.sharedBytes() * items.size();
      if (sharedBytes > MAX_SHARED_BYTES) {
        throw BatchException.tooLarge("the context is too large for so many items");
      }
      if (!room.test(sharedBytes)) {
        throw BatchException.noRoom();
      }
      long correction = envelope.correction(arrival.receivedAt());
      if (correction != 0) {
        fields.moveTimes(correction); // those within items: of breadcrumbs
      }
      ItemChecks checks = new ItemChecks(kind, envelope, arrival, stored.contextFields());
      List<byte[]> lines = new ArrayList<>(items.size());
      Map<String, Integer> types = new HashMap<>();
      // A set, because what is wrong with the context is wrong with every item, but said once.
      Set<Violation> rejected = new LinkedHashSet<>();
      for (int i = 0; i < items.size(); i++) {
        Item item = items.get(i);
        long time = item.timestamp() + correction;
        List<Violation> violations = checks.violations(item, i, time);
        if (!violations.isEmpty()) {
          rejected.addAll(violations);
        } else {
          lines.add(stored.line(time, fields.bytes(), item.from(), item.to(), item.sent()));
          types.merge(String.valueOf(item.type()), 1, Integer::sum);
        }
      }
      rejected.addAll(dropped.violations());
      return new Batch(
          lines, types, items.size() - lines.size(), List.copyOf(rejected), dropped.drops());
    }
  }
}
