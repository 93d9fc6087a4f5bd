package dev.observer.server.spool;

import dev.observer.event.StoredForm;
import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lane of events and errors. One thread writes: it takes everything that was queued while the
 * previous sync ran, writes it as one file, syncs, renames, syncs the directory, and then tells
 * everyone who waits. There is no timer: alone, a request waits for one sync; in a crowd, many
 * share one.
 *
 * <p>The queue in memory is bounded by {@value #MAX_QUEUED_BYTES} bytes and the lane by its quota;
 * beyond either the outcome is {@link Outcome#FULL}. The order of the lane is the order of arrival:
 * {@code received_at} is set by the writer and never goes back within one process.
 *
 * <p>What is promised: a record whose outcome was {@link Outcome#DURABLE} survives the end of the
 * process and a power cut. What is not: order across several servers, and survival of the disk.
 *
 * <p>Thread-safe.
 */
public final class EventLane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventLane.class);
  private static final long MAX_QUEUED_BYTES = 64L << 20;
  private static final int MAX_FILE_BYTES = 8 << 20;
  private static final long PROBE_MILLIS = 5_000;

  private record Request(List<byte[]> lines, long bytes, boolean forced, Consumer<Outcome> done) {}

  private final LaneDirectory<SpoolFile> directory;
  private final InstantSource clock;
  private final Thread writer;
  private final Deque<Request> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean closed;
  private volatile boolean failing;
  private long lastReceivedAt;

  /** Opens the lane and starts its writer. */
  public EventLane(Path directory, long maxBytes, InstantSource clock) throws IOException {
    this.directory = new LaneDirectory<>(directory, maxBytes, SpoolFile::of);
    this.clock = clock;
    this.writer = new Thread(this::write, "observer-spool-events");
    this.writer.setDaemon(true);
    this.writer.start();
  }

  LaneDirectory<SpoolFile> directory() {
    return directory;
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
      bytes += SpoolFile.lineBytes(line);
    }
    Outcome refused = null;
    synchronized (queue) {
      if (closed) {
        refused = Outcome.FAILED;
      } else if (queuedBytes + bytes > MAX_QUEUED_BYTES && !queue.isEmpty()) {
        refused = Outcome.FULL;
      } else {
        queuedBytes += bytes;
        queue.add(new Request(lines, bytes, forced, done));
        queue.notifyAll();
      }
    }
    if (refused != null) {
      done.accept(refused);
    }
  }

  private void write() {
    while (true) {
      List<Request> group;
      try {
        group = take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (group == null) {
        return;
      }
      if (group.isEmpty()) {
        probe();
      } else {
        write(group);
      }
    }
  }

  /** Everything queued, up to one file; null when closed; empty when it is time for a probe. */
  private @Nullable List<Request> take() throws InterruptedException {
    synchronized (queue) {
      while (queue.isEmpty()) {
        if (closed) {
          return null;
        }
        if (failing) {
          queue.wait(PROBE_MILLIS);
          if (queue.isEmpty() && !closed) {
            return List.of();
          }
        } else {
          queue.wait();
        }
      }
      List<Request> group = new ArrayList<>();
      long bytes = 0;
      while (!queue.isEmpty()
          && (group.isEmpty() || bytes + queue.peek().bytes() <= MAX_FILE_BYTES)) {
        Request request = queue.remove();
        bytes += request.bytes();
        queuedBytes -= request.bytes();
        group.add(request);
      }
      return group;
    }
  }

  private void write(List<Request> group) {
    List<Request> fitting = new ArrayList<>(group.size());
    long bytes = 0;
    int lines = 0;
    for (Request request : group) {
      if (request.forced()) {
        directory.reserveAnyway(request.bytes());
      } else if (!directory.reserve(request.bytes())) {
        tell(request, Outcome.FULL);
        continue;
      }
      fitting.add(request);
      bytes += request.bytes();
      lines += request.lines().size();
    }
    if (fitting.isEmpty()) {
      return;
    }
    Outcome outcome;
    try {
      write(fitting, bytes, lines);
      outcome = Outcome.DURABLE;
      if (failing) {
        failing = false;
        log.info("the spool of events can be written again");
      }
    } catch (IOException | RuntimeException e) {
      directory.release(bytes);
      outcome = Outcome.FAILED;
      fail(e);
    }
    for (Request request : fitting) {
      tell(request, outcome);
    }
  }

  private void write(List<Request> requests, long bytes, int lines) throws IOException {
    lastReceivedAt = Math.max(lastReceivedAt, clock.millis());
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes));
    for (Request request : requests) {
      for (byte[] line : request.lines()) {
        StoredForm.setReceivedAt(line, lastReceivedAt);
        SpoolFile.putLine(line, buffer);
      }
    }
    long sequence = directory.nextSequence();
    String name = SpoolFile.name(sequence, lines);
    Path temporary = directory.temporary(name);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        DurableFiles.writeFully(channel, buffer.flip());
        channel.force(true);
      }
      Path path = directory.directory().resolve(name);
      directory.publish(temporary, new SpoolFile(path, sequence, lines, bytes));
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** Finds out whether a disk that failed works again, so that health need not wait for events. */
  private void probe() {
    Path file = directory.temporary("probe");
    try {
      DurableFiles.write(file, new byte[4096]);
      Files.delete(file);
      failing = false;
      log.info("the spool of events can be written again");
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(Exception e) {
    if (!failing) {
      failing = true;
      log.error("the spool of events cannot be written; senders are told to come back", e);
    }
  }

  private static void tell(Request request, Outcome outcome) {
    try {
      request.done().accept(outcome);
    } catch (RuntimeException e) {
      log.error("whoever waited for the spool failed to go on", e);
    }
  }

  /** Whether it could take an event now, as far as is known. */
  public boolean accepting() {
    return !failing && !directory.full();
  }

  /** Whether the last write failed. */
  public boolean failing() {
    return failing;
  }

  /** Bytes that are not yet delivered. */
  public long bytes() {
    return directory.bytes();
  }

  /** Files that are not yet delivered. */
  public int files() {
    return directory.files();
  }

  /** Age of the oldest file that is not yet delivered. */
  public double oldestSeconds() {
    return directory.oldestSeconds(clock.millis());
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
    }
  }

  /** Closes with a patience of five seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }
}
