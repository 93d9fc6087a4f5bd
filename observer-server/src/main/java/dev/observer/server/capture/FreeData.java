package dev.observer.server.capture;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes free data of the host as JSON: bounded, whatever it holds, and without what may not be
 * kept. A value that cannot be read, such as one whose {@code toString} throws, is replaced by
 * words about that. Immutable, thread-safe.
 */
public final class FreeData {
  static final int MAX_DEPTH = 8;
  static final int MAX_ENTRIES = 200;
  static final int MAX_STRING_BYTES = 8 * 1024;
  static final int MAX_CHARACTERS = 32 * 1024;

  /** Stands in the place of a value that may not be kept. */
  static final String DENIED = "[denied]";

  /**
   * Parts of names, without punctuation; documented in docs/procedures.md, and pinned by its test.
   */
  static final List<String> DENIED_KEYS =
      List.of(
          "password",
          "passwd",
          "pwd",
          "passphrase",
          "passcode",
          "secret",
          "token",
          "jwt",
          "apikey",
          "accesskey",
          "privatekey",
          "credential",
          "authorization",
          "cookie",
          "csrf",
          "otp",
          "pincode",
          "creditcard",
          "cardnumber",
          "cvc",
          "cvv",
          "iban",
          "accountnumber",
          "ssn",
          "socialsecurity",
          "passport",
          "taxid",
          "email",
          "phone",
          "birth",
          "firstname",
          "lastname",
          "fullname",
          "street",
          "address");

  /** Denied where they are words of their own: {@code cardPin} and not {@code shipping}. */
  private static final List<String> DENIED_WORDS = List.of("pin");

  private static final Pattern BETWEEN_WORDS =
      Pattern.compile("\\P{L}+|(?<=\\p{Ll})(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})");

  /** What is written, and whether something of it was left out. */
  record Written(String json, boolean shortened) {}

  // Recycled by this factory and not by threads of the host, which would keep our classes.
  private static final JsonFactory JSON =
      JsonFactory.builder().recyclerPool(JsonRecyclerPools.newConcurrentDequePool()).build();

  private final List<String> denied;

  private FreeData(List<String> denied) {
    this.denied = denied;
  }

  /** Keeps the value of every key. */
  static FreeData all() {
    return new FreeData(List.of());
  }

  /**
   * Leaves out the values of keys that are commonly private, and of keys that contain a word of
   * these; and texts that have no key by which to tell.
   */
  public static FreeData sanitised(List<String> moreDenied) {
    return new FreeData(
        Stream.concat(DENIED_KEYS.stream(), moreDenied.stream().map(FreeData::plain)).toList());
  }

  private static String plain(String name) {
    StringBuilder plain = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isLetterOrDigit(c)) {
        plain.append(c);
      }
    }
    return plain.toString().toLowerCase(Locale.ROOT);
  }

  private boolean isDenied(String name) {
    if (denied.isEmpty()) {
      return false;
    }
    String plain = plain(name);
    return denied.stream().anyMatch(plain::contains)
        || BETWEEN_WORDS
            .splitAsStream(name)
            .anyMatch(word -> DENIED_WORDS.contains(word.toLowerCase(Locale.ROOT)));
  }

  Written write(Map<String, ?> data) {
    return written(data);
  }

  /** Whatever it is, as JSON. */
  public String text(Object data) {
    return written(data).json();
  }

  private Written written(Object data) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      Writing writing = new Writing(json);
      writing.value(data, 0);
      return new Written(flushed(json, text), writing.shortened);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  private static String flushed(JsonGenerator json, StringWriter text) throws IOException {
    json.flush();
    return text.toString();
  }

  /** The writing of one object. */
  private final class Writing {
    private final JsonGenerator json;
    private boolean shortened;
    private int entries;
    private int characters;
    private boolean named = denied.isEmpty();

    Writing(JsonGenerator json) {
      this.json = json;
    }

    private boolean room(int more) {
      characters += more;
      boolean room = ++entries <= MAX_ENTRIES && characters <= MAX_CHARACTERS;
      shortened |= !room;
      return room;
    }

    void map(Map<?, ?> map, int depth) throws IOException {
      boolean outer = named;
      named = true;
      json.writeStartObject();
      try {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String name = text(entry.getKey(), 256);
          Object value = entry.getValue(); // read first: no name may be left without a value
          if (!room(name.length())) {
            break;
          }
          json.writeFieldName(name);
          if (isDenied(name)) {
            json.writeString(DENIED);
          } else {
            value(value, depth);
          }
        }
      } catch (VirtualMachineError e) {
        throw e; // it may have come in the middle of a text
      } catch (Throwable e) {
        shortened = true; // a map that changes meanwhile, or that cannot be read
      }
      json.writeEndObject();
      named = outer;
    }

    private void list(Collection<?> list, int depth) throws IOException {
      json.writeStartArray();
      try {
        for (Object item : list) {
          if (!room(1)) {
            break;
          }
          value(item, depth);
        }
      } catch (VirtualMachineError e) {
        throw e;
      } catch (Throwable e) {
        shortened = true;
      }
      json.writeEndArray();
    }

    private void array(Object array, int depth) throws IOException {
      json.writeStartArray();
      for (int i = 0; i < Array.getLength(array) && room(1); i++) {
        value(Array.get(array, i), depth);
      }
      json.writeEndArray();
    }

    private void value(@Nullable Object value, int depth) throws IOException {
      if (value == null) {
        json.writeNull();
      } else if (value instanceof Boolean flag) {
        json.writeBoolean(flag);
      } else if (value instanceof Integer
          || value instanceof Long
          || value instanceof Short
          || value instanceof Byte) {
        json.writeNumber(((Number) value).longValue());
      } else if (value instanceof Double || value instanceof Float) {
        json.writeNumber(((Number) value).doubleValue());
      } else if (value instanceof BigDecimal number && number.precision() < 100) {
        json.writeNumber(number);
      } else if (value instanceof Optional<?> optional) {
        value(optional.orElse(null), depth);
      } else if (value instanceof Map<?, ?>
          || value instanceof Collection<?>
          || value.getClass().isArray()) {
        nested(value, depth + 1);
      } else {
        string(named ? text(value, MAX_STRING_BYTES) : DENIED);
      }
    }

    private void nested(Object value, int depth) throws IOException {
      if (depth > MAX_DEPTH) {
        shortened = true;
        json.writeString(BoundedText.CUT);
      } else if (value instanceof Map<?, ?> map) {
        map(map, depth);
      } else if (value instanceof Collection<?> list) {
        list(list, depth);
      } else {
        array(value, depth);
      }
    }

    private void string(String text) throws IOException {
      characters += text.length();
      json.writeString(text);
    }

    private String text(@Nullable Object value, int maxBytes) {
      String text;
      try {
        text = String.valueOf(value);
      } catch (Throwable e) {
        shortened = true;
        return "[its toString failed: " + e.getClass().getName() + "]";
      }
      if (text == null) {
        return "null";
      }
      shortened |= BoundedText.exceeds(text, maxBytes);
      return BoundedText.of(text, maxBytes);
    }
  }
}
