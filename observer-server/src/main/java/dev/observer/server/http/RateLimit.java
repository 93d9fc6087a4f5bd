package dev.observer.server.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A token bucket for each address. Addresses are remembered up to a bound, the longest idle one is
 * forgotten first. Thread-safe.
 */
final class RateLimit {
  private static final int MAX_ADDRESSES = 50_000;

  private static final class Bucket {
    private double tokens;
    private long at;
  }

  private final double perNano;
  private final double burst;
  private final LongSupplier nanoTime;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  /**
   * Allows so many requests.
   *
   * @param perSecond 0 switches the limit off
   */
  RateLimit(int perSecond, int burst, LongSupplier nanoTime) {
    this.perNano = perSecond / 1e9;
    this.burst = Math.max(1, burst);
    this.nanoTime = nanoTime;
  }

  /** 0 if the request may go on, otherwise after how many seconds one may. */
  int secondsToWait(String address) {
    return secondsToWait(address, 1);
  }

  /** What {@link #secondsToWait} would say, without taking anything. */
  int secondsUntilFree(String address) {
    return secondsToWait(address, 0);
  }

  /** Takes one more for what was let in already; those that follow wait for it. */
  void charge(String address) {
    if (perNano > 0) {
      synchronized (buckets) {
        filled(address).tokens--;
      }
    }
  }

  private int secondsToWait(String address, int taken) {
    if (perNano == 0) {
      return 0;
    }
    synchronized (buckets) {
      if (taken == 0 && !buckets.containsKey(address)) {
        return 0;
      }
      Bucket bucket = filled(address);
      if (bucket.tokens >= 1) {
        bucket.tokens -= taken;
        return 0;
      }
      return (int) Math.max(1, Math.ceil((1 - bucket.tokens) / perNano / 1e9));
    }
  }

  private Bucket filled(String address) {
    long now = nanoTime.getAsLong();
    Bucket bucket = buckets.get(address);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.tokens = burst;
      bucket.at = now;
      buckets.put(address, bucket);
    }
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perNano);
    bucket.at = now;
    return bucket;
  }
}
