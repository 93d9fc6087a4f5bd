package dev.observer.server.spool;

import dev.observer.server.task.SafeLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The lane of events and errors. One thread writes: it takes everything that was queued while the
 * previous sync ran, appends it to the {@link SegmentLog}, syncs, and then tells everyone who
 * waits. There is no timer: alone, a request waits for one sync; in a crowd, many share one.
 *
 * <p>The queue in memory is bounded by {@value #MAX_QUEUED_BYTES} bytes and the lane by its quota;
 * beyond either the outcome is {@link Outcome#FULL}. The order of the lane is the order of arrival:
 * {@code received_at} is set by the writer and does not go back while the clock is behind it by a
 * minute or less. A new file of the lane begins in a later millisecond than the one before ended,
 * so that time and place in the file together tell the order.
 *
 * <p>A clock that is set back by more, because it was wrong before, is followed. What arrives then
 * is listed below what arrived with the wrong time, as it would be after a restart; Loki refuses
 * what is more than an hour behind the newest line of its stream; and whoever follows a stream of
 * Loki finds it only when it looks back. To stay ahead of the clock would do that to everything
 * until the clock has caught up, and Loki would refuse all of it as too new.
 *
 * <p>What is promised: a record whose outcome was {@link Outcome#DURABLE} survives the end of the
 * process and a power cut. What is not: order across several servers, and survival of the disk.
 *
 * <p>Thread-safe.
 */
public final class EventLane implements AutoCloseable {
  private static final SafeLog logger = new SafeLog(EventLane.class);
  private static final long MAX_QUEUED_BYTES = 64L << 20;
  private static final int MAX_GROUP_BYTES = 8 << 20;
  private static final long PROBE_MILLIS = 5_000;
  private static final long REST_MILLIS = 500;

  /** How far {@code received_at} may be ahead of the clock. */
  private static final long MAX_AHEAD_MILLIS = 60_000;

  private record Request(List<byte[]> lines, long bytes, boolean forced, Consumer<Outcome> done) {}

  private final SegmentLog log;
  private final InstantSource clock;
  private final Thread writer;
  private final Deque<Request> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean closed;
  private volatile boolean failing;

  // The writer's own.
  private final Deque<Request> group = new ArrayDeque<>();
  private long lastReceivedAt;

  /** Opens the lane and starts its writer. */
  public EventLane(Path directory, long maxBytes, InstantSource clock) throws IOException {
    this(SegmentLog.open(directory, maxBytes), clock);
  }

  EventLane(SegmentLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
    this.writer = new Thread(this::write, "observer-spool-events");
    this.writer.setDaemon(true);
    this.writer.start();
  }

  SegmentLog log() {
    return log;
  }

  /**
   * Appends records, all or none.
   *
   * @param lines stored form; their {@code received_at} is overwritten
   * @param done told once, by the writer's thread or by the caller's own; must not block
   */
  public void append(List<byte[]> lines, Consumer<Outcome> done) {
    append(lines, false, done);
  }

  /**
   * Appends records that follow from what was acknowledged before, so that a full lane is no reason
   * to refuse them.
   */
  void appendDerived(List<byte[]> lines, Consumer<Outcome> done) {
    append(lines, true, done);
  }

  private void append(List<byte[]> lines, boolean forced, Consumer<Outcome> done) {
    long bytes = 0;
    for (byte[] line : lines) {
      bytes += Segment.lineBytes(line);
    }
    Outcome refused = null;
    synchronized (queue) {
      if (closed) {
        refused = Outcome.FAILED;
      } else if (queuedBytes + bytes > MAX_QUEUED_BYTES && !queue.isEmpty()) {
        refused = Outcome.FULL;
      } else {
        queue.add(new Request(lines, bytes, forced, done));
        queuedBytes += bytes;
        queue.notifyAll();
      }
    }
    if (refused != null) {
      done.accept(refused);
    }
  }

  private void write() {
    boolean open = true;
    while (open) {
      try {
        open = round();
      } catch (Throwable e) { // whatever it is: all that comes waits for this thread
        fail(e);
      }
      tell(Outcome.FAILED);
    }
    closeLog();
  }

  /** Writes what is queued, or looks around; false when it is closed and nothing is queued. */
  private boolean round() throws IOException, InterruptedException {
    if (!take()) {
      return false;
    }
    if (!group.isEmpty()) {
      append();
    } else if (failing) {
      log.probe(); // so that health need not wait for events
      succeed();
    } else {
      log.rest();
    }
    return true;
  }

  /** Takes everything queued, up to a bound, and nothing when it is time to look around. */
  private boolean take() throws InterruptedException {
    synchronized (queue) {
      while (queue.isEmpty()) {
        if (closed) {
          return false;
        }
        long wait = failing ? PROBE_MILLIS : log.hasOpen() ? REST_MILLIS : 0;
        queue.wait(wait);
        if (wait > 0 && queue.isEmpty() && !closed) {
          return true;
        }
      }
      long bytes = 0;
      while (!queue.isEmpty()
          && (group.isEmpty() || bytes + queue.element().bytes() <= MAX_GROUP_BYTES)) {
        group.add(queue.element()); // and then out of the queue: this may find no memory
        Request request = queue.remove();
        bytes += request.bytes();
        queuedBytes -= request.bytes();
      }
      return true;
    }
  }

  private void append() throws IOException {
    long reserved = 0;
    try {
      List<byte[]> lines = new ArrayList<>();
      for (Iterator<Request> each = group.iterator(); each.hasNext(); ) {
        Request request = each.next();
        if (reserve(request)) {
          reserved += request.bytes();
          lines.addAll(request.lines());
        } else {
          each.remove();
          tell(request, Outcome.FULL);
        }
      }
      if (group.isEmpty()) {
        return;
      }
      lastReceivedAt = receivedAt(clock.millis());
      log.append(lines, reserved, lastReceivedAt);
    } catch (Throwable e) {
      log.release(reserved);
      throw e;
    }
    succeed();
    tell(Outcome.DURABLE);
  }

  private boolean reserve(Request request) {
    if (request.forced()) {
      log.reserveAnyway(request.bytes());
      return true;
    }
    return log.reserve(request.bytes());
  }

  private long receivedAt(long now) {
    long ahead = lastReceivedAt - now;
    if (ahead > MAX_AHEAD_MILLIS) {
      logger.warn(
          "the clock was set back by {} s, and the times of what arrives with it", ahead / 1000);
      return now;
    }
    return Math.max(lastReceivedAt + (log.hasOpen() ? 0 : 1), now);
  }

  private void closeLog() {
    try {
      log.close();
    } catch (IOException e) {
      logger.warn(
          "the spool of events did not close cleanly; the next start reads it all the same", e);
    }
  }

  private void succeed() {
    if (failing) {
      failing = false;
      logger.info("the spool of events can be written again");
    }
  }

  private void fail(Throwable e) {
    if (!failing) {
      failing = true;
      logger.error("the spool of events cannot be written; senders are told to come back", e);
    }
  }

  /** Tells everyone in the group who was not told yet. */
  private void tell(Outcome outcome) {
    for (Request next = group.poll(); next != null; next = group.poll()) {
      tell(next, outcome);
    }
  }

  private static void tell(Request request, Outcome outcome) {
    try {
      request.done().accept(outcome);
    } catch (Throwable e) {
      logger.error("whoever waited for the spool failed to go on", e);
    }
  }

  /** Whether it could take an event now, as far as is known. */
  public boolean accepting() {
    return !failing && !log.full();
  }

  /** Whether the last write failed. */
  public boolean failing() {
    return failing;
  }

  /** Bytes that are not yet delivered. */
  public long bytes() {
    return log.bytes();
  }

  /** Files that are not yet delivered. */
  public int files() {
    return log.files();
  }

  /** Age of the oldest file that is not yet delivered. */
  public double oldestSeconds() {
    return log.oldestSeconds(clock.millis());
  }

  /** Refuses what comes from now on and writes what is queued, within {@code patience}. */
  public void close(Duration patience) {
    synchronized (queue) {
      closed = true;
      queue.notifyAll();
    }
    try {
      TimeUnit.MILLISECONDS.timedJoin(writer, patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      log.leave(); // a sync may take longer, and the directory be opened again before it returns
    }
  }

  /** Closes with a patience of five seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }
}
