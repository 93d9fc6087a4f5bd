package dev.observer.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.observer.event.ItemReader.Item;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a batch of events or errors from the wire: bad items are refused one by one with their
 * pointers, the others get the context folded in and become {@link StoredRecord}s.
 *
 * <p>Validation is by hand, from the table in {@link Field}, and not by Jakarta Validation: it runs
 * for every event, where annotations cost as much as HTTP and parsing together, and it needs
 * pointers into the JSON that was sent rather than paths into objects.
 *
 * <p>Thread-safe.
 */
public final class BatchReader {
  static final long YEAR_2000 = 946_684_800_000L;
  static final long MAX_AHEAD = Duration.ofDays(1).toMillis();

  private static final Field[] FIELDS = Field.values();

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
   * @throws BatchException if nothing of it can be read; one bad item is no reason
   */
  public Batch read(Kind kind, byte[] body, int length, Arrival arrival) throws BatchException {
    checkUtf8(body, length);
    SurrogateEscapes.replaceLone(body, length);
    try (JsonParser parser = StrictParser.JSON.createParser(body, 0, length)) {
      return new Reading(kind, new StrictParser(parser, maxDepth), arrival).read();
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON");
    }
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
    private final StrictParser json;
    private final Arrival arrival;

    private final Envelope envelope;
    private @Nullable List<Item> items;

    Reading(Kind kind, StrictParser json, Arrival arrival) {
      this.kind = kind;
      this.json = json;
      this.arrival = arrival;
      this.envelope = new Envelope(json, maxStringBytes);
    }

    Batch read() throws BatchException {
      if (json.next() != JsonToken.START_OBJECT) {
        throw BatchException.invalid("", "must be an object");
      }
      while (json.next() == JsonToken.FIELD_NAME) {
        String name = json.name();
        JsonToken token = json.next();
        if (name.equals(kind.batchField())) {
          items = items(token);
        } else if (!envelope.read(name, token)) {
          json.skip();
        }
      }
      json.expectEnd();
      return fold();
    }

    private List<Item> items(JsonToken token) throws BatchException {
      if (token != JsonToken.START_ARRAY) {
        throw BatchException.invalid("/" + kind.batchField(), "must be a list");
      }
      List<Item> read = new ArrayList<>();
      ItemReader reader = new ItemReader(json, kind, maxStringBytes);
      while (json.next() != JsonToken.END_ARRAY) {
        if (read.size() == maxItems) {
          throw BatchException.tooLarge("more than " + maxItems + " items in one batch");
        }
        read.add(reader.read());
      }
      return read;
    }

    private Batch fold() throws BatchException {
      if (items == null || items.isEmpty()) {
        throw BatchException.invalid(
            "/" + kind.batchField(), items == null ? "is required" : "must not be empty");
      }
      Item context = envelope.context();
      if (context.refusesAll()) {
        return new Batch(List.of(), items.size(), context.violations());
      }
      List<StoredRecord> accepted = new ArrayList<>(items.size());
      // A set, because what is wrong with the context is wrong with every item, but said once.
      Set<Violation> rejected = new LinkedHashSet<>();
      for (int i = 0; i < items.size(); i++) {
        Item item = items.get(i);
        if (!item.violations().isEmpty()) {
          rejected.addAll(item.violations());
          continue;
        }
        List<Violation> violations = new ArrayList<>(0);
        StoredRecord record = fold(item, "/" + kind.batchField() + "/" + i + "/", violations);
        if (record == null) {
          rejected.addAll(violations);
        } else {
          accepted.add(record);
        }
      }
      return new Batch(accepted, items.size() - accepted.size(), List.copyOf(rejected));
    }

    private @Nullable StoredRecord fold(Item item, String pointer, List<Violation> violations) {
      StoredRecord.Builder record = StoredRecord.builder(kind);
      Item context = envelope.context();
      for (Field field : FIELDS) {
        Object value = item.get(field);
        if (value == null && field.origin() == Field.Origin.CONTEXT && field.in(kind)) {
          value = context.get(field);
        }
        if (value == ItemReader.REFUSED) {
          violations.addAll(context.violations());
          return null;
        }
        if (value != null) {
          record.set(field, value);
        }
      }
      require(record, pointer, violations);
      Long timestamp = (Long) record.get(Field.TIMESTAMP);
      if (timestamp != null) {
        record.set(Field.TIMESTAMP, corrected(timestamp, pointer, violations));
      }
      service(record, item, pointer, violations);
      if (!violations.isEmpty()) {
        return null;
      }
      record
          .set(Field.RECEIVED_AT, arrival.receivedAt())
          .set(Field.SOURCE, arrival.source().wireName())
          .set(Field.SDK_NAME, envelope.sdkName())
          .set(Field.SDK_VERSION, envelope.sdkVersion());
      if (record.get(Field.USER_AGENT) == null) {
        record.set(Field.USER_AGENT, arrival.userAgent());
      }
      if (kind == Kind.ERROR) {
        setDefault(record, Field.LEVEL, "error");
        setDefault(record, Field.MECHANISM, "manual");
        Fingerprint.set(record);
      }
      return record.build();
    }

    private void require(StoredRecord.Builder record, String pointer, List<Violation> violations) {
      require(record, Field.EVENT_ID, pointer, violations);
      require(record, Field.TIMESTAMP, pointer, violations);
      if (kind == Kind.ERROR) {
        require(record, Field.MESSAGE, pointer, violations);
      } else {
        require(record, Field.EVENT_TYPE, pointer, violations);
        Object type = record.get(Field.EVENT_TYPE);
        if ("page_view".equals(type)) {
          require(record, Field.URL, pointer, violations);
        } else if ("custom_event".equals(type)) {
          require(record, Field.EVENT_NAME, pointer, violations);
        }
      }
    }

    private void require(
        StoredRecord.Builder record, Field field, String pointer, List<Violation> violations) {
      if (record.get(field) == null) {
        violations.add(new Violation(pointer + field.wireName(), "is required"));
      }
    }

    private long corrected(long timestamp, String pointer, List<Violation> violations) {
      long time = envelope.corrected(timestamp, arrival.receivedAt());
      if (time < YEAR_2000) {
        violations.add(new Violation(pointer + "timestamp", "must not be before the year 2000"));
      } else if (time > arrival.receivedAt() + MAX_AHEAD) {
        violations.add(
            new Violation(pointer + "timestamp", "must not be more than a day in the future"));
      }
      return time;
    }

    private void service(
        StoredRecord.Builder record, Item item, String pointer, List<Violation> violations) {
      if (!violations.isEmpty()) {
        return; // what is refused must not take a place
      }
      if (!arrival.services().admitOrDefault(record)) {
        boolean own = item.get(Field.SERVICE_NAME) != null || item.get(Field.ENVIRONMENT) != null;
        violations.add(
            new Violation(
                own ? pointer + "service_name" : "/context/service_name", ServiceNames.TOO_MANY));
      }
    }

    private static void setDefault(StoredRecord.Builder record, Field field, String value) {
      if (record.get(field) == null) {
        record.set(field, value);
      }
    }
  }
}
