package dev.observer.event;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one object of a batch, the context or an item, field by field: known fields are checked by
 * their {@link FieldType}, unknown ones dropped, and everything wrong is noted with its pointer
 * while reading goes on. Not thread-safe.
 */
final class ItemReader {
  /** One bad item says at most so many things about itself. */
  private static final int MAX_VIOLATIONS = 10;

  private static final int MAX_NUMBER_LENGTH = 400;

  /** Stands for a value that was sent and is wrong; a violation says how. */
  static final Object REFUSED = new Object();

  /**
   * What was read.
   *
   * @param values what was sent; {@link #REFUSED} where it is wrong
   * @param violations empty if everything read is right
   */
  record Item(EnumMap<Field, Object> values, List<Violation> violations) {
    @Nullable Object get(Field field) {
      return values.get(field);
    }

    /** Whether it is no object, or brings a field that only the server sets. */
    boolean refusesAll() {
      boolean someField = false;
      for (Map.Entry<Field, Object> sent : values.entrySet()) {
        if (sent.getValue() == REFUSED) {
          if (sent.getKey().origin() == Field.Origin.OURS) {
            return true;
          }
          someField = true;
        }
      }
      return !someField && !violations.isEmpty();
    }
  }

  private final StrictParser json;
  private final int maxStringBytes;
  private final @Nullable Kind kind;
  private List<Violation> violations = new ArrayList<>();

  /**
   * Reads fields of items of {@code kind}, or of the context of a batch where it is null.
   *
   * @param maxStringBytes of one string in UTF-8
   */
  ItemReader(StrictParser json, @Nullable Kind kind, int maxStringBytes) {
    this.json = json;
    this.kind = kind;
    this.maxStringBytes = maxStringBytes;
  }

  /** Reads the object whose start is the current token. */
  Item read() throws BatchException {
    violations = new ArrayList<>(0);
    EnumMap<Field, Object> values = new EnumMap<>(Field.class);
    if (json.parser().currentToken() != JsonToken.START_OBJECT) {
      refused("must be an object");
      return new Item(values, violations);
    }
    while (json.next() == JsonToken.FIELD_NAME) {
      Field field = Field.of(json.name());
      json.next();
      if (field == null || !applies(field)) {
        json.skip();
      } else if (field.origin() == Field.Origin.OURS) {
        values.put(field, refused("is set by the server and must not be sent"));
      } else {
        Object value = value(field.type());
        if (value != null) {
          values.put(field, value);
        }
      }
    }
    return new Item(values, violations);
  }

  /** Reads the current value as one of this field; what is wrong goes to {@code problems}. */
  @Nullable Object value(Field field, List<Violation> problems) throws BatchException {
    violations = problems;
    return value(field.type());
  }

  private boolean applies(Field field) {
    return switch (field.origin()) {
      case OURS, CONTEXT -> kind == null || field.in(kind) || field.origin() == Field.Origin.OURS;
      case ITEM -> kind != null && field.in(kind);
      case DERIVED -> false;
    };
  }

  /** Notes that the current value is refused. */
  private void refuse(String reason) {
    if (violations.size() < MAX_VIOLATIONS) {
      String pointer = StrictParser.pointer(json.parser().getParsingContext());
      violations.add(new Violation(pointer, reason));
    }
  }

  /** Reads the current value: null where it is JSON's null, {@link #REFUSED} where it is wrong. */
  private @Nullable Object value(FieldType type) throws BatchException {
    JsonToken token = json.parser().currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (type instanceof FieldType.Flag) {
      if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
        return token == JsonToken.VALUE_TRUE;
      }
      return refused("must be true or false");
    }
    if (type instanceof FieldType.Whole whole) {
      return whole(whole, token);
    }
    if (type instanceof FieldType.Properties) {
      return token == JsonToken.START_OBJECT ? free() : refused("must be an object");
    }
    if (type instanceof FieldType.Texts texts) {
      return texts(texts, token);
    }
    if (type instanceof FieldType.Objects objects) {
      return objects(objects, token);
    }
    if (token != JsonToken.VALUE_STRING) {
      return refused("must be a string");
    }
    return text(type, json.text());
  }

  private Object text(FieldType type, String text) throws BatchException {
    if (type instanceof FieldType.Text rule) {
      if (!rule.blankAllowed() && text.isBlank()) {
        return refused("must not be blank");
      }
      if (rule.maxCharacters() > 0
          && text.codePointCount(0, text.length()) > rule.maxCharacters()) {
        return refused("must have at most " + rule.maxCharacters() + " characters");
      }
      return withinLimit(text) ? text : tooLong();
    }
    if (type instanceof FieldType.Token token) {
      return token.matches(text) ? text : refused(token.allowed());
    }
    if (type instanceof FieldType.Uuid) {
      String uuid = Uuid7.normalize(text);
      return uuid != null ? uuid : refused("must be a UUID");
    }
    if (type instanceof FieldType.Time) {
      long time = Rfc3339.parse(text);
      return time != Rfc3339.INVALID ? time : refused("must be a time as in RFC 3339");
    }
    if (type instanceof FieldType.Choice choice) {
      return choice.values().contains(text)
          ? text
          : refused("must be one of " + choice.values().stream().sorted().toList());
    }
    throw new IllegalStateException("not a type of text: " + type);
  }

  /** Notes that the current value is refused, and passes over it. */
  private Object refused(String reason) throws BatchException {
    refuse(reason);
    json.skip();
    return REFUSED;
  }

  private Object tooLong() throws BatchException {
    return refused("must have at most " + maxStringBytes + " bytes");
  }

  private Object whole(FieldType.Whole rule, JsonToken token) throws BatchException {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      String digits = json.text();
      if (digits.length() <= 10) {
        long value = Long.parseLong(digits);
        if (value >= 0 && value <= rule.max()) {
          return value;
        }
      }
    }
    return refused("must be a whole number from 0 to " + rule.max());
  }

  private boolean withinLimit(String text) {
    if (text.length() <= maxStringBytes / 3) {
      return true;
    }
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes <= maxStringBytes;
  }

  private Object texts(FieldType.Texts rule, JsonToken token) throws BatchException {
    if (token != JsonToken.START_ARRAY) {
      return refused("must be a list of strings");
    }
    return fragment(
        out -> {
          out.writeStartArray();
          int size = 0;
          while (json.next() != JsonToken.END_ARRAY) {
            if (json.parser().currentToken() != JsonToken.VALUE_STRING) {
              refused("must be a string");
            } else if (++size > rule.maxSize()) {
              refused("must have at most " + rule.maxSize() + " elements");
            } else {
              string(json.text(), out);
            }
          }
          out.writeEndArray();
        });
  }

  private Object objects(FieldType.Objects rule, JsonToken token) throws BatchException {
    if (token != JsonToken.START_ARRAY) {
      return refused("must be a list of objects");
    }
    return fragment(
        out -> {
          out.writeStartArray();
          while (json.next() != JsonToken.END_ARRAY) {
            if (json.parser().currentToken() == JsonToken.START_OBJECT) {
              members(rule, out);
            } else {
              refused("must be an object");
            }
          }
          out.writeEndArray();
        });
  }

  private void members(FieldType.Objects rule, JsonGenerator out)
      throws BatchException, IOException {
    out.writeStartObject();
    while (json.next() == JsonToken.FIELD_NAME) {
      String name = json.name();
      FieldType type = null;
      for (FieldType.Member member : rule.members()) {
        if (member.name().equals(name)) {
          type = member.type();
        }
      }
      json.next();
      if (type == null) {
        json.skip();
        continue;
      }
      Object value = value(type);
      if (value != null && value != REFUSED) {
        out.writeFieldName(name);
        if (value instanceof Json fragment) {
          out.writeRawValue(fragment.text());
        } else if (value instanceof Long time) {
          out.writeString(Rfc3339.format(time));
        } else {
          out.writeString((String) value);
        }
      }
    }
    out.writeEndObject();
  }

  /** Copies the object that starts here, as it is. */
  private Json free() throws BatchException {
    return fragment(
        out -> {
          int outside = json.depth() - 1;
          copy(json.parser().currentToken(), out);
          while (json.depth() > outside) {
            JsonToken token = json.next();
            if (token == null) {
              throw BatchException.malformed("the body is not JSON: it ends too early");
            }
            copy(token, out);
          }
        });
  }

  private void copy(JsonToken token, JsonGenerator out) throws BatchException, IOException {
    switch (token) {
      case START_OBJECT -> out.writeStartObject();
      case END_OBJECT -> out.writeEndObject();
      case START_ARRAY -> out.writeStartArray();
      case END_ARRAY -> out.writeEndArray();
      case FIELD_NAME -> {
        String name = json.name();
        if (!withinLimit(name)) {
          refuse("must have a name of at most " + maxStringBytes + " bytes");
        }
        out.writeFieldName(name);
      }
      case VALUE_STRING -> string(json.text(), out);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        String digits = json.text();
        if (digits.length() > MAX_NUMBER_LENGTH) {
          refuse("must have at most " + MAX_NUMBER_LENGTH + " digits");
          out.writeNumber(0);
        } else {
          out.writeNumber(digits);
        }
      }
      case VALUE_TRUE -> out.writeBoolean(true);
      case VALUE_FALSE -> out.writeBoolean(false);
      default -> out.writeNull();
    }
  }

  private void string(String text, JsonGenerator out) throws IOException {
    if (withinLimit(text)) {
      out.writeString(text);
    } else {
      refuse("must have at most " + maxStringBytes + " bytes");
      out.writeString("");
    }
  }

  private interface Writing {
    void to(JsonGenerator out) throws BatchException, IOException;
  }

  private static Json fragment(Writing writing) throws BatchException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = StrictParser.JSON.createGenerator(text)) {
      writing.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return new Json(text.toString());
  }
}
