package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeliveryPaceTest {
  private static final int TAKES_PER_SECOND = 40 << 20;
  private static final long QUOTA = 1 << 30;

  private long backlog;
  private double busyShare;

  /** Lets a share of what the sink takes arrive for so long, and returns the longest wait. */
  private Duration run(double share, Duration time) {
    DeliveryPace pace = new DeliveryPace();
    double arrivals = share * TAKES_PER_SECOND / 1e9;
    long elapsed = 0;
    Duration rest = Duration.ZERO;
    long longest = 0;
    long busy = 0;
    while (elapsed < time.toNanos()) {
      long pushed = Math.min(pace.pushBytes(), backlog);
      Duration took = Duration.ofNanos((long) (pushed * 1e9 / TAKES_PER_SECOND) + 5_000_000);
      Duration cycle = rest.plus(took);
      backlog = Math.min(QUOTA, backlog - pushed + (long) (arrivals * cycle.toNanos()));
      elapsed += cycle.toNanos();
      longest = Math.max(longest, (long) (backlog * 1e9 / TAKES_PER_SECOND));
      busy += took.toNanos();
      rest = pace.rest(backlog, pushed, took, cycle, (QUOTA - backlog) / (double) QUOTA);
    }
    busyShare = busy / (double) elapsed;
    return Duration.ofNanos(longest);
  }

  @Test
  void little_isGathered() {
    assertEquals(
        DeliveryPace.GATHER,
        new DeliveryPace().rest(1000, 1000, Duration.ofMillis(20), Duration.ofMillis(270), 1));
  }

  @Test
  void nothing_isNoReasonToGather() {
    assertEquals(
        Duration.ZERO,
        new DeliveryPace().rest(0, 0, Duration.ofMillis(1), Duration.ofMillis(251), 1));
  }

  @Test
  void fourFifthsOfWhatTheSinkTakes_waitLessThanTwoSeconds() {
    Duration wait = run(0.8, Duration.ofMinutes(5));
    assertTrue(wait.compareTo(Duration.ofSeconds(2)) < 0, wait.toString());
  }

  @Test
  void tenTimesWhatTheSinkTakes_isMostlyKept_whileThereIsRoom_andDeliveredAfterwards() {
    run(10, Duration.ofSeconds(1));
    assertTrue(backlog > 8.5 * TAKES_PER_SECOND, backlog + " bytes");
    assertTrue(busyShare < 0.2, busyShare + " of the time");
    run(0, Duration.ofSeconds(30));
    assertEquals(0, backlog);
  }

  @Test
  void oneSlowPush_isSoonForgotten() {
    DeliveryPace pace = new DeliveryPace();
    Duration slow = Duration.ofSeconds(2); // cold code, or a checkpoint
    backlog = TAKES_PER_SECOND;
    Duration rest = pace.rest(backlog, DeliveryPace.LARGE_PUSH, slow, slow, 0.9);
    int rests = 0;
    while (!rest.isZero() && rests < 100) {
      Duration took = Duration.ofNanos((long) (pace.pushBytes() * 1e9 / TAKES_PER_SECOND));
      Duration cycle = rest.plus(took);
      backlog += (long) (0.6 * TAKES_PER_SECOND * cycle.toNanos() / 1e9) - pace.pushBytes();
      rest = pace.rest(backlog, pace.pushBytes(), took, cycle, 0.9);
      rests++;
    }
    assertTrue(rests > 0 && rests < 8, rests + " rests");
  }

  @Test
  void twiceWhatTheSinkTakes_forLong_isDeliveredAsFastAsCanBe_onceTheLaneIsFull() {
    run(2, Duration.ofMinutes(2));
    DeliveryPace pace = new DeliveryPace();
    Duration took = Duration.ofMillis(100);
    pace.rest(QUOTA, DeliveryPace.LARGE_PUSH, took, took, 0);
    assertEquals(Duration.ZERO, pace.rest(QUOTA, DeliveryPace.LARGE_PUSH, took, took, 0));
  }
}
