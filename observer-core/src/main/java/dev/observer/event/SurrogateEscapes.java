package dev.observer.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Makes every lone surrogate in JSON text a {@code ?}, which Loki neither refuses nor changes.
 * UTF-8 cannot carry one, so in checked text it can only stand as an escape, and the escape of a
 * question mark is as long. It is done before parsing, so that names and values are what will be
 * stored.
 */
final class SurrogateEscapes {
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private SurrogateEscapes() {}

  /** Replaces in place. */
  static void replaceLone(byte[] json, int length) {
    int at = 0;
    while ((at = nextBackslash(json, at, length)) + 1 < length) {
      int unit = unit(json, at, length);
      if (unit < 0 || !Character.isSurrogate((char) unit)) {
        at += 2; // an escape, whatever it is: its second character starts none
        continue;
      }
      int next = unit(json, at + 6, length);
      if (Character.isHighSurrogate((char) unit)
          && next >= 0
          && Character.isLowSurrogate((char) next)) {
        at += 12;
      } else {
        json[at + 2] = '0';
        json[at + 3] = '0';
        json[at + 4] = '3';
        json[at + 5] = 'f';
        at += 6;
      }
    }
  }

  private static int nextBackslash(byte[] json, int from, int length) {
    int at = from;
    while (at + 8 <= length) {
      long other = (long) EIGHT_BYTES.get(json, at) ^ ONES * '\\';
      long found = (other - ONES) & ~other & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
      at += 8;
    }
    while (at < length && json[at] != '\\') {
      at++;
    }
    return at;
  }

  /** The code unit whose escape starts here, or -1. */
  private static int unit(byte[] json, int at, int length) {
    if (at + 6 > length || json[at] != '\\' || json[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(json[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
