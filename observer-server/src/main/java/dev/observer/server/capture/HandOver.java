package dev.observer.server.capture;

import dev.observer.event.Kind;
import dev.observer.event.Source;
import dev.observer.server.capture.Captured.Failure;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(HandOver.class);
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

  /** Takes something over, or drops it; never waits. */
  void offer(Captured captured) {
    int weight = captured.weight();
    if (closing) {
      drop(DropReason.CLOSED, captured);
      return;
    }
    if (queuedBytes.addAndGet(weight) > MAX_BYTES) {
      queuedBytes.addAndGet(-weight);
      drop(DropReason.CAPTURE_FULL, captured);
      return;
    }
    add(new Entry(captured, null));
  }

  private void add(Entry entry) {
    queue.add(entry);
    if (parked) {
      parked = false;
      LockSupport.unpark(writer);
    }
    if (over) {
      dropRest(); // the writer ended before it saw this one
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
    try {
      List<Entry> group = new ArrayList<>();
      while (take(group)) {
        try {
          write(group);
        } catch (RuntimeException e) {
          log.error("what the host captured was not kept", e); // the next is to be
        }
        group.clear();
      }
    } finally {
      over = true;
      dropRest();
    }
  }

  /** Takes what is there, and waits if nothing is; false when closed and empty. */
  private boolean take(List<Entry> group) {
    while (group.isEmpty()) {
      Entry entry;
      while (group.size() < MAX_GROUP && (entry = queue.poll()) != null) {
        group.add(entry);
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

  private void write(List<Entry> group) {
    List<byte[]> lines = new ArrayList<>();
    List<Captured> written = new ArrayList<>();
    int bytes = 0;
    for (Entry entry : group) {
      Captured captured = entry.captured();
      if (captured != null) {
        byte[] line = line(captured);
        if (line != null) {
          lines.add(line);
          written.add(captured);
          bytes += line.length;
        }
      }
      if (entry.waiting() != null || bytes > MAX_GROUP_BYTES) {
        append(lines, written);
        lines = new ArrayList<>();
        written = new ArrayList<>();
        bytes = 0;
      }
      if (entry.waiting() != null) {
        entry.waiting().complete(!lost);
      }
    }
    append(lines, written);
  }

  private byte @Nullable [] line(Captured captured) {
    try {
      return records.line(captured);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      queuedBytes.addAndGet(-captured.weight());
      drop(DropReason.CAPTURE_FAILED, captured);
      log.warn("something that was captured could not be made a record", e);
      return null;
    }
  }

  private void append(List<byte[]> lines, List<Captured> written) {
    if (lines.isEmpty()) {
      return;
    }
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
    Map<String, Integer> events = new HashMap<>();
    Map<String, Integer> errors = new HashMap<>();
    for (Captured captured : written) {
      queuedBytes.addAndGet(-captured.weight());
      if (outcome != Outcome.DURABLE) {
        lost = true;
        drop(DropReason.CLOSED, captured);
      } else if (captured.what() instanceof Failure failure) {
        errors.merge(failure.context().level().wireName(), 1, Integer::sum);
      } else {
        events.merge("custom_event", 1, Integer::sum);
      }
    }
    errors.forEach((level, count) -> meters.accepted(Source.SERVER, Kind.ERROR, level, count));
    events.forEach((type, count) -> meters.accepted(Source.SERVER, Kind.EVENT, type, count));
  }

  private boolean mayRetry(long afterMillis) {
    return !closing || deadline - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(afterMillis);
  }

  private Outcome appended(List<byte[]> lines) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    lane.append(lines, outcome::complete);
    return outcome.join();
  }

  private void drop(DropReason reason, Captured captured) {
    meters.dropped(reason, captured.what().kind().wireName(), 1);
  }

  private void dropRest() {
    Entry entry;
    while ((entry = queue.poll()) != null) {
      if (entry.captured() != null) {
        queuedBytes.addAndGet(-entry.captured().weight());
        drop(DropReason.CLOSED, entry.captured());
      }
      if (entry.waiting() != null) {
        entry.waiting().complete(false);
      }
    }
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
