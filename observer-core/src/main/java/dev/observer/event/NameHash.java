package dev.observer.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * A 64-bit hash of a name in JSON, escapes resolved, by which names are compared: of bytes that lie
 * in memory ({@link #of}), or of bytes that come one by one. Its seed is new in every process, so
 * that nobody can prepare names whose hashes are the same.
 *
 * <p>Not thread-safe.
 */
final class NameHash {
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long SEED = new SecureRandom().nextLong();
  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  private long hash = SEED;
  private long word;
  private int bytesInWord;

  /** Begins a name. */
  void start() {
    hash = SEED;
    word = 0;
    bytesInWord = 0;
  }

  /** The next byte of the name. */
  void add(byte b) {
    word |= (b & 0xFFL) << (8 * bytesInWord);
    if (++bytesInWord == 8) {
      hash = mix(hash, word);
      word = 0;
      bytesInWord = 0;
    }
  }

  /** The hash of the bytes since {@link #start}. */
  long value() {
    return end(hash, word, bytesInWord);
  }

  /** The hash of these bytes. */
  static long of(byte[] bytes, int from, int to) {
    long hash = SEED;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      hash = mix(hash, (long) EIGHT_BYTES.get(bytes, at));
    }
    long word = 0;
    if (at + 8 <= bytes.length) {
      word = (long) EIGHT_BYTES.get(bytes, at) & ((1L << (8 * (to - at))) - 1);
    } else {
      for (int i = to - 1; i >= at; i--) {
        word = (word << 8) | (bytes[i] & 0xFF);
      }
    }
    return end(hash, word, to - at);
  }

  /** A last word holds seven bytes at most; their number tells apart what ends in zeros. */
  private static long end(long hash, long word, int bytesInWord) {
    return mix(hash, word | ((long) bytesInWord << 56));
  }

  private static long mix(long hash, long word) {
    long both = hash ^ word;
    return Math.multiplyHigh(both, FACTOR) ^ (both * FACTOR);
  }
}
