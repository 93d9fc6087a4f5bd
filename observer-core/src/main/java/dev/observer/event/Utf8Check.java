package dev.observer.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks that bytes are UTF-8 as RFC 3629 has it, without overlong forms, surrogates or NUL, in
 * pieces as they arrive. JSON parsers are lenient here, and take UTF-16 for JSON too; NUL is
 * refused because JSON never contains it unescaped and every UTF-16 or UTF-32 text of JSON does.
 *
 * <p>Not thread-safe.
 */
public final class Utf8Check {
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long LOW_BITS = 0x0101010101010101L;

  private int pending;
  private int low = 0x80;
  private int high = 0xBF;

  /** Checks the next bytes; false as soon as the text cannot be UTF-8 any more. */
  public boolean accept(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      if (pending == 0) {
        while (i + 8 <= to) {
          long eight = (long) EIGHT_BYTES.get(bytes, i);
          if (((eight | (eight - LOW_BITS)) & HIGH_BITS) != 0) {
            break; // not ASCII, or a zero byte
          }
          i += 8;
        }
        if (i >= to) {
          return true;
        }
      }
      if (!accept(bytes[i] & 0xFF)) {
        return false;
      }
      i++;
    }
    return true;
  }

  private boolean accept(int b) {
    if (pending > 0) {
      if (b < low || b > high) {
        return false;
      }
      pending--;
      low = 0x80;
      high = 0xBF;
      return true;
    }
    if (b < 0x80) {
      return b != 0;
    }
    if (b < 0xC2 || b > 0xF4) {
      return false;
    }
    if (b < 0xE0) {
      pending = 1;
    } else if (b < 0xF0) {
      pending = 2;
      low = b == 0xE0 ? 0xA0 : 0x80;
      high = b == 0xED ? 0x9F : 0xBF;
    } else {
      pending = 3;
      low = b == 0xF0 ? 0x90 : 0x80;
      high = b == 0xF4 ? 0x8F : 0xBF;
    }
    return true;
  }

  /** Whether no character is unfinished. */
  public boolean complete() {
    return pending == 0;
  }
}
