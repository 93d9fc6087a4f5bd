package dev.observer.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON text that is being put together, in UTF-8. Grows as needed. Not thread-safe. */
final class JsonBytes {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes;
  private int length;

  /** Where the times that were put begin, in their order. */
  private int[] times = new int[4];

  private int timeCount;

  JsonBytes(int capacity) {
    bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  /** Takes back what was put after {@code length}. */
  void truncate(int length) {
    this.length = length;
    while (timeCount > 0 && times[timeCount - 1] >= length) {
      timeCount--;
    }
  }

  /** The bytes, of which the first {@link #length} count; valid until the next one is put. */
  byte[] bytes() {
    return bytes;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int size) {
    if (size > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + size));
    }
  }

  JsonBytes put(char ascii) {
    room(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  JsonBytes put(byte[] source, int from, int to) {
    int size = to - from;
    room(size);
    System.arraycopy(source, from, bytes, length, size);
    length += size;
    return this;
  }

  JsonBytes putLowerCase(byte[] ascii, int from, int to) {
    room(to - from);
    for (int i = from; i < to; i++) {
      byte b = ascii[i];
      bytes[length++] = b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }
    return this;
  }

  /** Puts JSON that may stand on several lines onto this one. */
  void putOnOneLine(byte[] json, int from, int to) {
    int start = length;
    put(json, from, to);
    for (int i = start; i < length; i++) {
      if (bytes[i] >= 0 && bytes[i] < ' ') {
        bytes[i] = ' '; // in a string it cannot stand, so it is space between tokens
      }
    }
  }

  /** Puts letters, digits and punctuation of ASCII as they are. */
  JsonBytes putAscii(String text) {
    int size = text.length();
    room(size);
    for (int i = 0; i < size; i++) {
      bytes[length + i] = (byte) text.charAt(i);
    }
    length += size;
    return this;
  }

  /** Begins a member: {@code ,"name":}, without the comma where an object begins. */
  JsonBytes putName(Field field) {
    byte[] name = FieldNames.bytes(field);
    if (length == 0 || bytes[length - 1] != '{') {
      put(',');
    }
    return put('"').put(name, 0, name.length).put('"').put(':');
  }

  JsonBytes putTime(long epochMillis) {
    room(Rfc3339.LENGTH + 2);
    if (timeCount == times.length) {
      times = Arrays.copyOf(times, 2 * timeCount);
    }
    times[timeCount++] = length + 1;
    bytes[length] = '"';
    Rfc3339.write(epochMillis, bytes, length + 1);
    length += Rfc3339.LENGTH + 2;
    bytes[length - 1] = '"';
    return this;
  }

  /** Moves every time that was put by so many milliseconds, as far as there are such times. */
  void moveTimes(long millis) {
    for (int i = 0; i < timeCount; i++) {
      int at = times[i];
      long moved = Rfc3339.parse(bytes, at, at + Rfc3339.LENGTH) + millis;
      if (Rfc3339.canWrite(moved)) {
        Rfc3339.write(moved, bytes, at);
      }
    }
  }

  /** Puts a string, quoted and escaped. */
  JsonBytes putString(String text) {
    put('"');
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      switch (b) {
        case '"', '\\' -> put('\\').put((char) b);
        case '\b' -> putAscii("\\b");
        case '\t' -> putAscii("\\t");
        case '\n' -> putAscii("\\n");
        case '\f' -> putAscii("\\f");
        case '\r' -> putAscii("\\r");
        default -> {
          if (b >= 0 && b < ' ') {
            putAscii("\\u00").put((char) HEX[b >> 4]).put((char) HEX[b & 15]);
          } else {
            put((char) (b & 0xFF));
          }
        }
      }
    }
    return put('"');
  }
}
