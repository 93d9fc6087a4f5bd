package dev.observer.server.capture;

import dev.observer.event.Kind;
import dev.observer.event.Source;
import dev.observer.server.capture.Captured.Failure;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.Outcome;
import dev.observer.server.task.SafeLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes what was captured from the host's threads, which never wait, and brings it into the spool.
 *
 * <p>In between it is in memory, at most {@value #MAX_BYTES} bytes of it by estimate; what comes
 * when that is full is dropped as {@code capture_full}. One thread takes all that is there, makes
 * records of it and appends them, with one sync. While the spool is full or the disk fails, it
 * keeps what it has and tries again, for as long as it takes; so a short failure costs nothing, and
 * a long one what does not fit any more. What is left when Observer closes is dropped as {@code
 * closed}. Each drop is counted.
 *
 * <p>Thread-safe. A caller of {@link #offer} takes no lock.
 */
final class HandOver {
  static final long MAX_BYTES = 64L << 20;

  private static final SafeLog log = new SafeLog(HandOver.class);
  private static final int MAX_GROUP = 512;
  private static final int MAX_GROUP_BYTES = 1 << 20;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long FIRST_RETRY_MILLIS = 50;
  private static final long LAST_RETRY_MILLIS = 1_000;

  /** What stands in the queue: something captured, or someone who waits for all before. */
  private record Entry(@Nullable Captured captured, @Nullable CompletableFuture<Boolean> waiting) {}

  private final EventLane lane;
  private final RecordWriter records;
  private final Meters meters;
  private final Thread writer;
  private final ConcurrentLinkedQueue<Entry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile boolean parked;
  private volatile boolean closing;
  private volatile boolean over;
  private volatile long deadline;

  // The writer's own: what it took from the queue, and of that what it made lines of.
  private final Deque<Entry> group = new ArrayDeque<>();
  private final Deque<Entry> written = new ArrayDeque<>();
  private boolean troubled;
  private boolean lost;

  HandOver(EventLane lane, RecordWriter records, Meters meters) {
    this.lane = lane;
    this.records = records;
    this.meters = meters;
    this.writer = new Thread(this::run, "observer-capture");
    this.writer.setDaemon(true);
    this.writer.setContextClassLoader(null); // it is not to keep the host's
    this.writer.start();
    meters.captureQueue(this, HandOver::bytes);
  }

  long bytes() {
    return queuedBytes.get();
  }

  /** Takes something over, or drops it, and then is false; never waits. */
  boolean offer(Captured captured) {
    int weight = captured.weight();
    boolean late = closing;
    if (queuedBytes.addAndGet(weight) > MAX_BYTES || late) {
      drop(captured, late ? DropReason.CLOSED : DropReason.CAPTURE_FULL);
      return false;
    }
    add(new Entry(captured, null));
    return true;
  }

  private void add(Entry entry) {
    queue.add(entry);
    if (parked) {
      parked = false;
      LockSupport.unpark(writer);
    }
    if (over) {
      drop(queue, DropReason.CLOSED); // the writer ended before it saw this one
    }
  }

  /**
   * Waits until all that was taken over before is on the disk.
   *
   * @return false if it is not within {@code patience}
   */
  boolean flush(Duration patience) {
    CompletableFuture<Boolean> waiting = new CompletableFuture<>();
    add(new Entry(null, waiting));
    try {
      return waiting.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private void run() {
    boolean open = true;
    while (open) {
      try {
        drop(written, DropReason.CAPTURE_FAILED); // what a failure left
        drop(group, DropReason.CAPTURE_FAILED);
        open = take();
        write();
      } catch (Throwable e) { // whatever it is: the next is to be kept
        log.error("what the host captured was not kept", e);
      }
    }
    over = true;
    drop(queue, DropReason.CLOSED);
  }

  /** Takes what is there, and waits if nothing is; false when closed and empty. */
  private boolean take() {
    while (group.isEmpty()) {
      Entry entry;
      while (group.size() < MAX_GROUP && (entry = queue.peek()) != null) {
        group.add(entry); // and then out of the queue: this may find no memory
        queue.remove();
      }
      if (!group.isEmpty()) {
        return true;
      }
      if (closing) {
        return false;
      }
      parked = true;
      if (queue.isEmpty() && !closing) {
        LockSupport.parkNanos(this, IDLE_NANOS);
      }
      parked = false;
    }
    return true;
  }

  private void write() {
    List<byte[]> lines = new ArrayList<>();
    int bytes = 0;
    for (Entry entry = group.peek(); entry != null; entry = group.peek()) {
      written.add(entry);
      group.remove();
      Captured captured = entry.captured();
      byte[] line = captured == null ? null : line(captured);
      if (line != null) {
        lines.add(line);
        bytes += line.length;
      } else if (captured != null) {
        written.removeLast();
        drop(captured, DropReason.CAPTURE_FAILED);
      }
      if (entry.waiting() != null || bytes > MAX_GROUP_BYTES) {
        append(lines);
        lines = new ArrayList<>();
        bytes = 0;
      }
    }
    append(lines);
  }

  private byte @Nullable [] line(Captured captured) {
    try {
      return records.line(captured);
    } catch (Throwable e) { // by code of the host
      log.warn("something that was captured could not be made a record", e);
      return null;
    }
  }

  /** Appends what was written, and goes on to who waits for it. */
  private void append(List<byte[]> lines) {
    boolean durable = lines.isEmpty() || becomesDurable(lines);
    Map<String, Integer> events = new HashMap<>();
    Map<String, Integer> errors = new HashMap<>();
    for (Entry entry = written.peek(); entry != null; entry = written.peek()) {
      Captured captured = entry.captured();
      if (captured == null) {
        break;
      }
      written.remove();
      if (!durable) {
        lost = true;
        drop(captured, DropReason.CLOSED);
        continue;
      }
      queuedBytes.addAndGet(-captured.weight());
      if (captured.what() instanceof Failure failure) {
        errors.merge(failure.context().level().wireName(), 1, Integer::sum);
      } else {
        events.merge("custom_event", 1, Integer::sum);
      }
    }
    errors.forEach((level, count) -> meters.accepted(Source.SERVER, Kind.ERROR, level, count));
    events.forEach((type, count) -> meters.accepted(Source.SERVER, Kind.EVENT, type, count));
    Entry last = written.poll();
    if (last != null && last.waiting() != null) {
      last.waiting().complete(!lost);
    }
  }

  /** Tries until it is on the disk; false if it is not when it is time to end. */
  private boolean becomesDurable(List<byte[]> lines) {
    long retryMillis = FIRST_RETRY_MILLIS;
    Outcome outcome = appended(lines);
    while (outcome != Outcome.DURABLE && mayRetry(retryMillis)) {
      if (!troubled) {
        troubled = true;
        log.warn("what the host captures cannot be kept now ({}); it waits in memory", outcome);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(retryMillis));
      retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
      outcome = appended(lines);
    }
    if (outcome == Outcome.DURABLE && troubled) {
      troubled = false;
      log.info("what the host captures can be kept again");
    }
    return outcome == Outcome.DURABLE;
  }

  private boolean mayRetry(long afterMillis) {
    return !closing || deadline - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(afterMillis);
  }

  private Outcome appended(List<byte[]> lines) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    lane.append(lines, outcome::complete);
    return outcome.join();
  }

  private void drop(Queue<Entry> entries, DropReason reason) {
    for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
      if (entry.captured() != null) {
        drop(entry.captured(), reason);
      }
      if (entry.waiting() != null) {
        entry.waiting().complete(false);
      }
    }
  }

  private void drop(Captured captured, DropReason reason) {
    queuedBytes.addAndGet(-captured.weight());
    meters.dropped(reason, captured.what().kind().wireName(), 1);
  }

  /** Takes nothing any more, and writes what it has, within {@code patience}. */
  void close(Duration patience) {
    deadline = System.nanoTime() + patience.toNanos();
    closing = true;
    LockSupport.unpark(writer);
    try {
      TimeUnit.MILLISECONDS.timedJoin(writer, patience.toMillis() + LAST_RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
