package dev.observer.event;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Walks through JSON (RFC 8259) that lies in memory, value by value, making no objects of it: what
 * is asked for is handed out as a place in the bytes, what is not is passed over, and both are
 * checked strictly, as {@link JsonScanner} does. Written by hand, because acknowledged events per
 * second are what the server is for: Jackson makes a string and a token of everything, which costs
 * four times as much as reading what is needed from the bytes.
 *
 * <p>The bytes must be UTF-8 and without lone surrogates. Nothing here recurses, so that depth is
 * bounded by {@code maxDepth} alone. Not thread-safe.
 */
final class JsonCursor {
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private final byte[] json;
  private final int length;
  private final Nesting nesting;
  private int at;

  /** Whether a container was opened and nothing read in it. */
  private boolean fresh;

  private boolean lineBreaks;
  private int longestText;
  private int longestNumber;

  private byte[] text;
  private int textFrom;
  private int textTo;
  private boolean escaped;
  private long nameHash;

  /** Begins before the first value of the first {@code length} bytes. */
  JsonCursor(byte[] json, int length, int maxDepth) {
    this.json = json;
    this.length = length;
    this.nesting = new Nesting(maxDepth);
    this.text = json;
  }

  /** Passes over white space; the byte after it. */
  byte peek() throws BatchException {
    int i = at;
    while (i < length) {
      byte b = json[i];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        at = i;
        return b;
      }
      lineBreaks |= b != ' ';
      i++;
    }
    throw endsTooEarly();
  }

  /** Where the cursor stands in the bytes. */
  int position() {
    return at;
  }

  byte[] bytes() {
    return json;
  }

  /** Begins the object that starts here. */
  void enterObject() throws BatchException {
    nesting.openObject();
    at++;
    fresh = true;
  }

  /** Begins the array that starts here. */
  void enterArray() throws BatchException {
    nesting.openArray();
    at++;
    fresh = true;
  }

  /** Reads a name of the open object, up to its value; false at the object's end. */
  boolean nextName() throws BatchException {
    if (!next('}')) {
      return false;
    }
    if (peek() != '"') {
      throw unexpected();
    }
    int position = at;
    string();
    resolve();
    nameHash = NameHash.of(text, textFrom, textTo);
    nesting.name(nameHash, position);
    if (peek() != ':') {
      throw unexpected();
    }
    at++;
    return true;
  }

  /** Goes on to the next element of the open array; false at the array's end. */
  boolean nextElement() throws BatchException {
    return next(']');
  }

  private boolean next(char end) throws BatchException {
    byte b = peek();
    if (b == end) {
      at++;
      nesting.close();
      fresh = false;
      return false;
    }
    if (fresh) {
      fresh = false;
    } else if (b == ',') {
      at++;
    } else {
      throw unexpected();
    }
    return true;
  }

  /** Checks and passes over the value that starts here. */
  void skip() throws BatchException {
    int outside = nesting.depth();
    boolean more;
    do {
      switch (peek()) {
        case '{' -> enterObject();
        case '[' -> enterArray();
        default -> scalar();
      }
      more = false;
      while (!more && nesting.depth() > outside) {
        more = nesting.inArray() ? nextElement() : nextName();
      }
    } while (more);
  }

  /**
   * Checks and passes over the value that starts here, and watches for what may be wrong in it.
   *
   * @return whether no name or string takes more than {@code maxText} bytes, and no number more
   *     than {@code maxNumber}, as they are written
   */
  boolean skipWithin(int maxText, int maxNumber) throws BatchException {
    longestText = 0;
    longestNumber = 0;
    lineBreaks = false;
    skip();
    return longestText <= maxText && longestNumber <= maxNumber;
  }

  /** Whether the last {@link #skipWithin} passed white space that is no blank. */
  boolean sawLineBreaks() {
    return lineBreaks;
  }

  /** Refuses anything but white space from here to the end. */
  void expectEnd() throws BatchException {
    while (at < length) {
      byte b = json[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        throw BatchException.malformed("the body is not JSON: something follows the object");
      }
      at++;
    }
  }

  /** The field that is called as the last name, or null. */
  @Nullable Field field() {
    return FieldNames.find(text, textFrom, textTo, nameHash);
  }

  /** What the last name or string means. */
  String value() {
    resolve();
    return new String(text, textFrom, textTo - textFrom, StandardCharsets.UTF_8);
  }

  /** Reads the string that starts here; the quotes around it are passed over as well. */
  void string() throws BatchException {
    int start = at + 1;
    int i = textEnd(json, start, length);
    escaped = false;
    while (i < length && json[i] != '"') {
      at = i;
      if (json[i] != '\\') {
        throw unexpected();
      }
      escaped = true;
      i = textEnd(json, afterEscape(i), length);
    }
    if (i >= length) {
      throw endsTooEarly();
    }
    text = json;
    textFrom = start;
    textTo = i;
    at = i + 1;
    if (i - start > longestText) {
      longestText = i - start;
    }
  }

  /** Makes {@link #text} what the last string means, its escapes resolved. */
  void resolve() {
    if (escaped) {
      text = resolved(json, textFrom, textTo);
      textFrom = 0;
      textTo = text.length;
      escaped = false;
    }
  }

  /** Holds the last string, from {@link #textFrom} to {@link #textTo}. */
  byte[] text() {
    return text;
  }

  int textFrom() {
    return textFrom;
  }

  int textTo() {
    return textTo;
  }

  /** Where text goes on differently: at a quote, a backslash, a control character or the end. */
  static int textEnd(byte[] bytes, int from, int to) {
    int i = from;
    while (i + 8 <= to) {
      long word = (long) EIGHT_BYTES.get(bytes, i);
      long quote = word ^ ONES * '"';
      long backslash = word ^ ONES * '\\';
      long found =
          (((quote - ONES) & ~quote)
                  | ((backslash - ONES) & ~backslash)
                  | ((word - ONES * ' ') & ~word))
              & HIGH_BITS;
      if (found != 0) {
        return i + (Long.numberOfTrailingZeros(found) >>> 3);
      }
      i += 8;
    }
    while (i < to) {
      byte b = bytes[i];
      if (b == '"' || b == '\\' || (b >= 0 && b < ' ')) {
        return i;
      }
      i++;
    }
    return to;
  }

  private int afterEscape(int backslash) throws BatchException {
    at = backslash + 1;
    switch (here()) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
        return at + 1;
      }
      case 'u' -> {
        for (int digit = 0; digit < 4; digit++) {
          at++;
          if (Character.digit(here(), 16) < 0) {
            throw unexpected();
          }
        }
        return at + 1;
      }
      default -> throw unexpected();
    }
  }

  /** What the inside of a checked string means, in UTF-8. */
  static byte[] resolved(byte[] json, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
    int i = from;
    while (i < to) {
      int plain = textEnd(json, i, to);
      out.write(json, i, plain - i);
      if (plain == to) {
        break;
      }
      i = plain + 2;
      switch (json[plain + 1]) {
        case 'b' -> out.write('\b');
        case 'f' -> out.write('\f');
        case 'n' -> out.write('\n');
        case 'r' -> out.write('\r');
        case 't' -> out.write('\t');
        case 'u' -> {
          char[] units = {unit(json, i), 0};
          i += 4;
          int count = 1;
          if (Character.isHighSurrogate(units[0]) && i + 6 <= to && json[i + 1] == 'u') {
            units[1] = unit(json, i + 2);
            i += 6;
            count = 2;
          }
          out.writeBytes(new String(units, 0, count).getBytes(StandardCharsets.UTF_8));
        }
        default -> out.write(json[plain + 1]);
      }
    }
    return out.toByteArray();
  }

  private static char unit(byte[] json, int from) {
    int unit = 0;
    for (int i = from; i < from + 4; i++) {
      unit = unit << 4 | Character.digit(json[i], 16);
    }
    return (char) unit;
  }

  private void scalar() throws BatchException {
    switch (json[at]) {
      case '"' -> string();
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      default -> number();
    }
  }

  private void literal(String expected) throws BatchException {
    for (int i = 0; i < expected.length(); i++) {
      if (here() != expected.charAt(i)) {
        throw unexpected();
      }
      at++;
    }
  }

  private void number() throws BatchException {
    int start = at;
    if (here() == '-') {
      at++;
    }
    if (here() == '0') {
      at++;
    } else {
      digits();
    }
    if (at < length && json[at] == '.') {
      at++;
      digits();
    }
    if (at < length && (json[at] | 0x20) == 'e') {
      at++;
      if (here() == '+' || here() == '-') {
        at++;
      }
      digits();
    }
    if (at - start > longestNumber) {
      longestNumber = at - start;
    }
  }

  private void digits() throws BatchException {
    byte first = here();
    if (first < '0' || first > '9') {
      throw unexpected();
    }
    do {
      at++;
    } while (at < length && json[at] >= '0' && json[at] <= '9');
  }

  private byte here() throws BatchException {
    if (at >= length) {
      throw endsTooEarly();
    }
    return json[at];
  }

  private static BatchException endsTooEarly() {
    return BatchException.malformed("the body is not JSON: it ends too early");
  }

  private BatchException unexpected() {
    return BatchException.malformed(
        String.format(
            Locale.ROOT, "the body is not JSON: 0x%02x is not expected at byte %d", json[at], at));
  }
}
