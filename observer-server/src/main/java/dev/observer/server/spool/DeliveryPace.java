package dev.observer.server.spool;

import java.time.Duration;

/**
 * How long delivery rests after each push. While little waits, it gathers more: a push of one
 * record costs what 500 cost. While more waits, it does not rest, unless more arrives than the sink
 * can take: what arrives too much has to wait in the lane whatever is done, so accepting then goes
 * first, and delivery comes back as the lane fills up. Not thread-safe.
 */
final class DeliveryPace {
  /** Well within the 2 s after which what was acknowledged can be read. */
  static final Duration GATHER = Duration.ofMillis(250);

  private static final long LITTLE = 1 << 20;

  /**
   * In overload it rests so many times as long as it worked, in an empty lane, at most a second.
   */
  private static final double YIELD = 9;

  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** How far the arrivals must be above what the sink takes to be called too many. */
  private static final double OVERLOAD = 1.2;

  /** How much the newest push counts in what the sink takes; one may have met a checkpoint. */
  private static final double NEWEST = 0.2;

  private long backlogBefore;
  private double sinkBytesPerNano;

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
    if (backlog < LITTLE) {
      return GATHER;
    }
    double newest = pushed / (double) Math.max(1, took.toNanos());
    sinkBytesPerNano += (newest - sinkBytesPerNano) * (sinkBytesPerNano == 0 ? 1 : NEWEST);
    if (arrived <= OVERLOAD * sinkBytesPerNano * cycle.toNanos()) {
      return Duration.ZERO;
    }
    Duration rest = Duration.ofNanos((long) (took.toNanos() * YIELD * freeShare));
    return rest.compareTo(LONGEST) < 0 ? rest : LONGEST;
  }
}
