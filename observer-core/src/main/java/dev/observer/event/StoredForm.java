package dev.observer.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON text of a {@link StoredRecord}: one object on one line. It starts with {@code
 * received_at}, so that whoever puts records in their final order can set it in place ({@link
 * #setReceivedAt}), then comes {@code kind}. The order of the rest means nothing: a record that was
 * made here has that of {@link Field}, one that was sent that of {@link StoredLines}, with text
 * escaped as it was sent.
 */
public final class StoredForm {
  /** Reads stored records, which were checked before, and writes them. */
  static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES) // they would be kept for ever
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
          .build();

  private static final String START = "{\"received_at\":\"";
  private static final Field[] FIELDS = Field.values();
  private static final EnumMap<Field, SerializedString> NAMES = new EnumMap<>(Field.class);

  static {
    for (Field field : FIELDS) {
      NAMES.put(field, new SerializedString(field.wireName()));
    }
  }

  private StoredForm() {}

  /** The UTF-8 bytes of a record, without a line end. */
  public static byte[] write(StoredRecord record) {
    try (ByteArrayBuilder bytes = new ByteArrayBuilder(512)) {
      try (JsonGenerator json = JSON.createGenerator(bytes)) {
        write(record, json);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  /** Writes a record as an object to a generator. */
  public static void write(StoredRecord record, JsonGenerator json) throws IOException {
    write(record, Set.of(), json);
  }

  private static void write(StoredRecord record, Set<Field> without, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    for (Field field : FIELDS) {
      Object value = record.value(field);
      if (value == null || without.contains(field)) {
        continue;
      }
      json.writeFieldName(Objects.requireNonNull(NAMES.get(field)));
      if (value instanceof String text) {
        json.writeString(text);
      } else if (value instanceof Json fragment) {
        json.writeRawValue(fragment.text());
      } else if (value instanceof Boolean flag) {
        json.writeBoolean(flag);
      } else if (value instanceof Long number) {
        if (field.type() instanceof FieldType.Time) {
          json.writeString(Rfc3339.format(number));
        } else {
          json.writeNumber(number);
        }
      } else {
        throw new IllegalStateException(field.wireName() + " holds a " + value.getClass());
      }
    }
    json.writeEndObject();
  }

  /** A record as an object, without the fields that are kept elsewhere. */
  public static String writeWithout(Set<Field> elsewhere, StoredRecord record) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      write(record, elsewhere, json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return text.toString();
  }

  /** Reads what {@link #writeWithout} wrote into a record. */
  public static void readInto(StoredRecord.Builder record, String text) throws IOException {
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        Field field = Field.of(parser.currentName());
        JsonToken token = parser.nextToken();
        if (field == null) {
          parser.skipChildren();
        } else {
          record.set(field, value(parser, token, field));
        }
      }
    }
  }

  /** Overwrites {@code received_at} in a written line. */
  public static void setReceivedAt(byte[] line, long epochMillis) {
    Rfc3339.write(epochMillis, line, START.length());
  }

  /**
   * Reads a line written by {@link #write}; fields of a later version are dropped.
   *
   * @throws IOException if it is not a stored record
   */
  public static StoredRecord read(byte[] line) throws IOException {
    try (JsonParser parser = JSON.createParser(line)) {
      return read(parser);
    }
  }

  private static StoredRecord read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("not an object");
    }
    StoredRecord.@Nullable Builder record = null;
    long receivedAt = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Field field = Field.of(parser.currentName());
      JsonToken token = parser.nextToken();
      if (field == Field.RECEIVED_AT) {
        receivedAt = time(parser.getText());
      } else if (field == Field.KIND) {
        Kind kind = Kind.of(parser.getText());
        if (kind == null) {
          throw new IOException("unknown kind");
        }
        record = StoredRecord.builder(kind).set(Field.RECEIVED_AT, receivedAt);
      } else if (field == null || record == null) {
        parser.skipChildren();
      } else {
        record.set(field, value(parser, token, field));
      }
    }
    if (record == null) {
      throw new IOException("kind is missing");
    }
    if (parser.nextToken() != null) {
      throw new IOException("something follows the record");
    }
    try {
      return record.build();
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Object value(JsonParser parser, JsonToken token, Field field) throws IOException {
    return switch (token) {
      case VALUE_STRING ->
          field.type() instanceof FieldType.Time ? time(parser.getText()) : parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case START_OBJECT, START_ARRAY -> new Json(copy(parser));
      default -> throw new IOException(field.wireName() + " has an unexpected value");
    };
  }

  private static long time(String text) throws IOException {
    long time = Rfc3339.parse(text);
    if (time == Rfc3339.INVALID) {
      throw new IOException("not a time");
    }
    return time;
  }

  /** Copies what starts here; numbers by their text, as no type of number keeps all of them. */
  private static String copy(JsonParser parser) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      int depth = 0;
      do {
        JsonToken token = parser.currentToken();
        if (token.isNumeric()) {
          json.writeNumber(parser.getText());
        } else {
          json.copyCurrentEvent(parser);
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      } while (depth > 0 && parser.nextToken() != null);
    }
    return text.toString();
  }
}
