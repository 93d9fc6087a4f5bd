package dev.observer.event;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;

/**
 * Makes UUIDs of version 7 (RFC 9562): the time in milliseconds, then random bits. Ids made here
 * sort by time, which keeps them together in a column store. Thread-safe.
 */
public final class Uuid7 {
  private final InstantSource clock;
  private final Random random;

  /** Makes ids from this clock and this source of randomness. */
  public Uuid7(InstantSource clock, Random random) {
    this.clock = clock;
    this.random = random;
  }

  /** Makes ids from the system's clock and secure randomness. */
  public Uuid7() {
    this(InstantSource.system(), new SecureRandom());
  }

  /** A new id. */
  public UUID next() {
    long high = (clock.millis() << 16) | 0x7000L | (random.nextInt() & 0x0FFFL);
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  /** Whether this is a UUID in its 36-character form, in whatever case. */
  static boolean isUuid(byte[] text, int from, int to) {
    if (to - from != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      byte b = text[from + i];
      if (i == 8 || i == 13 || i == 18 || i == 23) {
        if (b != '-') {
          return false;
        }
      } else if (!((b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F'))) {
        return false;
      }
    }
    return true;
  }
}
