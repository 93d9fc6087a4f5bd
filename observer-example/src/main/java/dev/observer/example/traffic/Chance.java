package dev.observer.example.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** What is left to chance, the same again from the same seed. Belongs to one thread. */
final class Chance {
  private static final int VERSION_7 = 7;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private final RandomGenerator random;

  /** The chance of the one with this number: another for each, of which nothing can be told. */
  Chance(long seed, long number) {
    random = new SplittableRandom(new SplittableRandom(seed ^ number).nextLong());
  }

  boolean percent(int percent) {
    return random.nextInt(100) < percent;
  }

  int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  Duration between(Duration least, Duration most) {
    return Duration.ofMillis(random.nextLong(least.toMillis(), most.toMillis() + 1));
  }

  <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Around {@code middle}, never below zero, and now and then far above: as times are. */
  double skewed(double middle) {
    return middle * Math.exp(0.45 * random.nextGaussian());
  }

  /** A UUID of version 7 (RFC 9562). */
  String uuid(Instant made) {
    long high = made.toEpochMilli() << 16 | VERSION_7 << 12 | random.nextInt(1 << 12);
    return new UUID(high, random.nextLong() >>> 2 | VARIANT).toString();
  }

  String hex(int digits) {
    StringBuilder hex = new StringBuilder(digits);
    while (hex.length() < digits) {
      hex.append(Character.forDigit(random.nextInt(16), 16));
    }
    return hex.toString();
  }
}
