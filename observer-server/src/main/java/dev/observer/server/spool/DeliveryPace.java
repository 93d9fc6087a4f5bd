package dev.observer.server.spool;

import java.time.Duration;

/**
 * How much delivery pushes at once, and how long it rests after each push. While little waits, it
 * gathers more: a push of one record costs what 500 cost. While more waits, it does not rest,
 * unless more arrives than the sink can take: what arrives too much has to wait in the lane
 * whatever is done, so accepting then goes first. While the lane has room, delivery then takes a
 * fiftieth of the time, in small pushes, and comes back as the lane fills up. Not thread-safe.
 */
final class DeliveryPace {
  /** Well within the 2 s after which what was acknowledged can be read. */
  static final Duration GATHER = Duration.ofMillis(250);

  private static final long LITTLE = 1 << 20;

  /** What is pushed at once is in memory three times for a moment: as bytes, lines, records. */
  static final int LARGE_PUSH = 4 << 20;

  /** Still large enough to show what the sink can take. */
  private static final int SMALL_PUSH = 1 << 20;

  /** In overload, while more than this share of the lane is free, pushes are small. */
  private static final double ROOM = 0.5;

  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** How far the arrivals must be above what the sink takes to be called too many. */
  private static final double OVERLOAD = 1.2;

  /** How much the newest push counts in what the sink takes; one may have met a checkpoint. */
  private static final double NEWEST = 0.2;

  private long backlogBefore;
  private double sinkBytesPerNano;
  private int pushBytes = LARGE_PUSH;

  /** How many bytes to push at once, about. */
  int pushBytes() {
    return pushBytes;
  }

  /**
   * What to do after a push.
   *
   * @param backlog bytes that wait now
   * @param pushed bytes of the push
   * @param took the push
   * @param cycle the push and the rest before it
   * @param freeShare of the lane, 0 to 1
   */
  Duration rest(long backlog, long pushed, Duration took, Duration cycle, double freeShare) {
    long arrived = Math.max(0, backlog - backlogBefore + pushed);
    backlogBefore = backlog;
    pushBytes = LARGE_PUSH;
    if (pushed == 0) {
      return Duration.ZERO; // an empty file, or the end of one
    }
    if (backlog < LITTLE) {
      return GATHER;
    }
    if (pushed < SMALL_PUSH / 2) {
      return Duration.ZERO; // it says nothing of what the sink takes
    }
    double newest = pushed / (double) Math.max(1, took.toNanos());
    sinkBytesPerNano += (newest - sinkBytesPerNano) * (sinkBytesPerNano == 0 ? 1 : NEWEST);
    if (arrived <= OVERLOAD * sinkBytesPerNano * cycle.toNanos()) {
      return Duration.ZERO;
    }
    boolean room = freeShare > ROOM;
    if (room) {
      pushBytes = SMALL_PUSH;
    }
    Duration rest = Duration.ofNanos((long) (took.toNanos() * freeShare * (room ? 50 : 10)));
    return rest.compareTo(LONGEST) < 0 ? rest : LONGEST;
  }
}
