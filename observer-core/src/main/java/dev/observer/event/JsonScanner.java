package dev.observer.event;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Checks JSON (RFC 8259) byte by byte as it arrives, and keeps nothing of it: memory grows with the
 * nesting and with the number of names in open objects, both bounded, and not with the text.
 * Jackson's parser, fed the same way, holds every string whole, and a recording may be one string
 * of 60 MB.
 *
 * <p>Names are compared by what they mean, escapes resolved, so that an {@code a} and its escape
 * are the same. The bytes must be checked for UTF-8 before. Not thread-safe.
 */
final class JsonScanner {
  /** Told what stands in the outermost object, and every value below. */
  interface Listener {
    /**
     * A name of the outermost object.
     *
     * @param name resolved; only its first {@value #MAX_NAME_KEPT} bytes
     * @param position of its opening quote
     */
    void name(String name, long position) throws BatchException;

    /**
     * A value starts.
     *
     * @param depth of the containers around it
     * @param first its first byte
     */
    void value(int depth, byte first) throws BatchException;

    /** A container ended; {@code depth} are the containers around it. */
    void end(int depth) throws BatchException;
  }

  static final int MAX_NAME_KEPT = 64;

  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private enum State {
    VALUE,
    FIRST_ELEMENT,
    FIRST_NAME,
    NAME,
    COLON,
    AFTER_VALUE,
    STRING,
    ESCAPE,
    HEX,
    LITERAL,
    MINUS,
    ZERO,
    INTEGER,
    POINT,
    FRACTION,
    EXPONENT,
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
    END
  }

  private final Listener listener;
  private final Nesting nesting;

  private State state = State.VALUE;
  private long position;

  private boolean inName;
  private final NameHash nameHash = new NameHash();
  private long namePosition;
  private final byte[] nameText = new byte[MAX_NAME_KEPT];
  private int nameLength;
  private int hexDigits;
  private int hexValue;
  private int highSurrogate;
  private byte[] literal = TRUE;
  private int literalAt;

  JsonScanner(int maxDepth, Listener listener) {
    this.nesting = new Nesting(maxDepth);
    this.listener = listener;
  }

  /** About how much memory it takes now. */
  int heldBytes() {
    return nesting.heldBytes();
  }

  /** Checks the next bytes. */
  void accept(byte[] bytes, int from, int to) throws BatchException {
    long start = position - from;
    int i = from;
    while (i < to) {
      if (state == State.STRING && !inName) {
        i = JsonCursor.textEnd(bytes, i, to);
        if (i == to) {
          break;
        }
      }
      position = start + i;
      step(bytes[i]);
      i++;
    }
    position = start + to;
  }

  /** Ends the text. */
  void finish() throws BatchException {
    // A number at the outermost level would end here; the outermost value of a batch is an object.
    if (state != State.END) {
      throw BatchException.malformed("the body is not JSON: it ends too early");
    }
  }

  private void step(byte b) throws BatchException {
    switch (state) {
      case STRING -> string(b);
      case ESCAPE -> escape(b);
      case HEX -> hex(b);
      case LITERAL -> literal(b);
      case VALUE, FIRST_ELEMENT -> {
        if (!isSpace(b)) {
          if (b == ']' && state == State.FIRST_ELEMENT) {
            close(b);
          } else {
            value(b);
          }
        }
      }
      case FIRST_NAME, NAME -> {
        if (b == '"') {
          startName();
        } else if (b == '}' && state == State.FIRST_NAME) {
          close(b);
        } else if (!isSpace(b)) {
          throw unexpected(b);
        }
      }
      case COLON -> {
        if (b == ':') {
          state = State.VALUE;
        } else if (!isSpace(b)) {
          throw unexpected(b);
        }
      }
      case AFTER_VALUE -> afterValue(b);
      case END -> {
        if (!isSpace(b)) {
          throw BatchException.malformed("the body is not JSON: something follows the object");
        }
      }
      default -> number(b);
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private void value(byte b) throws BatchException {
    listener.value(nesting.depth(), b);
    switch (b) {
      case '{' -> {
        nesting.openObject();
        state = State.FIRST_NAME;
      }
      case '[' -> {
        nesting.openArray();
        state = State.FIRST_ELEMENT;
      }
      case '"' -> {
        inName = false;
        state = State.STRING;
      }
      case 't' -> startLiteral(TRUE);
      case 'f' -> startLiteral(FALSE);
      case 'n' -> startLiteral(NULL);
      case '-' -> state = State.MINUS;
      case '0' -> state = State.ZERO;
      default -> {
        if (b < '1' || b > '9') {
          throw unexpected(b);
        }
        state = State.INTEGER;
      }
    }
  }

  private void startLiteral(byte[] expected) {
    literal = expected;
    literalAt = 1;
    state = State.LITERAL;
  }

  private void literal(byte b) throws BatchException {
    if (b != literal[literalAt]) {
      throw unexpected(b);
    }
    literalAt++;
    if (literalAt == literal.length) {
      state = State.AFTER_VALUE;
    }
  }

  private void close(byte b) throws BatchException {
    if (nesting.inArray() != (b == ']')) {
      throw unexpected(b);
    }
    nesting.close();
    state = nesting.depth() == 0 ? State.END : State.AFTER_VALUE;
    listener.end(nesting.depth());
  }

  private void afterValue(byte b) throws BatchException {
    if (isSpace(b)) {
      return;
    }
    if (b == ']' || b == '}') {
      close(b);
    } else if (b == ',') {
      state = nesting.inArray() ? State.VALUE : State.NAME;
    } else {
      throw unexpected(b);
    }
  }

  private void number(byte b) throws BatchException {
    boolean digit = b >= '0' && b <= '9';
    State next =
        switch (state) {
          case MINUS -> b == '0' ? State.ZERO : digit ? State.INTEGER : null;
          case ZERO -> b == '.' ? State.POINT : isExponent(b) ? State.EXPONENT : null;
          case INTEGER ->
              digit
                  ? State.INTEGER
                  : b == '.' ? State.POINT : isExponent(b) ? State.EXPONENT : null;
          case POINT -> digit ? State.FRACTION : null;
          case FRACTION -> digit ? State.FRACTION : isExponent(b) ? State.EXPONENT : null;
          case EXPONENT ->
              digit ? State.EXPONENT_DIGITS : b == '+' || b == '-' ? State.EXPONENT_SIGN : null;
          case EXPONENT_SIGN, EXPONENT_DIGITS -> digit ? State.EXPONENT_DIGITS : null;
          default -> throw new IllegalStateException("not in a number");
        };
    if (next != null) {
      state = next;
      return;
    }
    switch (state) {
      case ZERO, INTEGER, FRACTION, EXPONENT_DIGITS -> {
        state = State.AFTER_VALUE;
        afterValue(b);
      }
      default -> throw unexpected(b);
    }
  }

  private static boolean isExponent(byte b) {
    return b == 'e' || b == 'E';
  }

  private void startName() {
    inName = true;
    nameHash.start();
    nameLength = 0;
    highSurrogate = 0;
    namePosition = position;
    state = State.STRING;
  }

  private void string(byte b) throws BatchException {
    if (b == '"') {
      if (inName) {
        endName();
      } else {
        state = State.AFTER_VALUE;
      }
    } else if (b == '\\') {
      state = State.ESCAPE;
    } else if (b >= 0 && b < 0x20) {
      throw unexpected(b);
    } else if (inName) {
      endSurrogate();
      nameByte(b);
    }
  }

  private void escape(byte b) throws BatchException {
    int means =
        switch (b) {
          case '"', '\\', '/' -> b;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'u' -> -1;
          default -> throw unexpected(b);
        };
    if (means < 0) {
      hexDigits = 0;
      hexValue = 0;
      state = State.HEX;
      return;
    }
    if (inName) {
      endSurrogate();
      nameByte((byte) means);
    }
    state = State.STRING;
  }

  private void hex(byte b) throws BatchException {
    int digit = Character.digit(b, 16);
    if (digit < 0) {
      throw unexpected(b);
    }
    hexValue = hexValue << 4 | digit;
    if (++hexDigits == 4) {
      if (inName) {
        nameUnit(hexValue);
      }
      state = State.STRING;
    }
  }

  private void nameUnit(int unit) {
    if (highSurrogate != 0 && Character.isLowSurrogate((char) unit)) {
      int point = Character.toCodePoint((char) highSurrogate, (char) unit);
      highSurrogate = 0;
      namePoint(point);
      return;
    }
    endSurrogate();
    if (Character.isHighSurrogate((char) unit)) {
      highSurrogate = unit;
    } else {
      namePoint(unit);
    }
  }

  /** A high surrogate that no low one follows stands for itself. */
  private void endSurrogate() {
    if (highSurrogate != 0) {
      int alone = highSurrogate;
      highSurrogate = 0;
      namePoint(alone);
    }
  }

  private void namePoint(int point) {
    if (point < 0x80) {
      nameByte((byte) point);
    } else if (point < 0x800) {
      nameByte((byte) (0xC0 | point >> 6));
      nameByte((byte) (0x80 | (point & 0x3F)));
    } else if (point < 0x10000) {
      nameByte((byte) (0xE0 | point >> 12));
      nameByte((byte) (0x80 | (point >> 6 & 0x3F)));
      nameByte((byte) (0x80 | (point & 0x3F)));
    } else {
      nameByte((byte) (0xF0 | point >> 18));
      nameByte((byte) (0x80 | (point >> 12 & 0x3F)));
      nameByte((byte) (0x80 | (point >> 6 & 0x3F)));
      nameByte((byte) (0x80 | (point & 0x3F)));
    }
  }

  private void nameByte(byte b) {
    nameHash.add(b);
    if (nameLength < MAX_NAME_KEPT) {
      nameText[nameLength++] = b;
    }
  }

  private void endName() throws BatchException {
    endSurrogate();
    nesting.name(nameHash.value(), namePosition);
    state = State.COLON;
    if (nesting.depth() == 1) {
      String name = new String(nameText, 0, nameLength, StandardCharsets.UTF_8);
      listener.name(name, namePosition);
    }
  }

  private BatchException unexpected(byte b) {
    return BatchException.malformed(
        String.format(
            Locale.ROOT, "the body is not JSON: 0x%02x is not expected at byte %d", b, position));
  }
}
