package dev.observer.server.spool;

import dev.observer.event.StoredForm;
import dev.observer.server.disk.DirectIo;
import dev.observer.server.disk.DurableFiles;
import dev.observer.server.task.SafeLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of the events lane. Lines are appended to one open {@link Segment}, and a write is one
 * data sync; only a new segment, every 16 MiB, costs a directory sync, and is made before it is
 * needed. (A file of its own for every group, written, synced, renamed and the directory synced,
 * made a lone sender wait three times as long.) A segment that was delivered whole, to every {@link
 * Reader}, is deleted, or goes to whoever said so with {@link #afterwards}; after a crash it is
 * delivered again from its start, and the store knows what it has. It ends after some minutes too,
 * because a store may no longer know what it took long ago.
 *
 * <p>Bounded by the bytes that are not delivered; a segment's delivered part stays on the disk
 * beside that. One thread writes, and each reader has one.
 */
final class SegmentLog {
  private static final SafeLog log = new SafeLog(SegmentLog.class);
  private static final long SEGMENT_BYTES = 16L << 20;
  private static final long SEGMENT_MILLIS = 10 * 60_000;
  private static final int BUFFER_BYTES = 1 << 20;

  /** A part of a segment. */
  record Chunk(Segment segment, long from, long to) {}

  /** What becomes of a file that was delivered to every reader. */
  interface Afterwards {
    void delivered(Segment segment) throws IOException;
  }

  private final Path directory;
  private final long maxBytes;
  private final DirectIo io;

  private final Deque<Segment> segments = new ArrayDeque<>();
  private final List<Reader> readers = new ArrayList<>(2);
  private volatile Afterwards afterwards = segment -> Files.deleteIfExists(segment.path());
  private long reserved;
  private long refused;
  private boolean left;

  // The writer's own.
  private final ByteBuffer buffer;
  private final NextFile files;
  private long nextSequence = 1;
  private @Nullable Segment open;
  private @Nullable SegmentWriter writer;
  private long openedAt;

  /** Opens the log in a directory, which is made if it is not there. */
  static SegmentLog open(Path directory, long maxBytes) throws IOException {
    DurableFiles.createDirectories(directory);
    return new SegmentLog(directory, maxBytes, DirectIo.of(directory));
  }

  /** Opens the log in a directory that is there. */
  SegmentLog(Path directory, long maxBytes, DirectIo io) throws IOException {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.io = io;
    this.buffer = io.buffer(BUFFER_BYTES);
    this.files = new NextFile(directory, io);
    List<Segment> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Segment segment = Segment.of(file, Files.size(file));
        if (segment != null) {
          found.add(segment);
        } else if (file.toString().endsWith(".tmp")) {
          Files.delete(file); // what a killed process tried the disk with
        } else {
          log.warn("{} is not a file of the spool and is left alone", file);
        }
      }
    }
    found.sort(Comparator.comparingLong(Segment::sequence));
    for (Segment segment : found) {
      segments.add(segment);
      reserved += segment.committed();
      nextSequence = segment.sequence() + 1;
    }
  }

  /** What becomes of delivered files, instead of being deleted; to be said before any is. */
  void afterwards(Afterwards what) {
    afterwards = what;
  }

  /** What of the files that are not delivered whole is delivered to every reader. */
  synchronized List<Chunk> delivered() {
    List<Chunk> chunks = new ArrayList<>();
    for (Segment segment : segments) {
      long delivered = segment.committed() - undelivered(segment);
      if (delivered > 0) {
        chunks.add(new Chunk(segment, 0, delivered));
      }
    }
    return chunks;
  }

  /** Memory to read with, for one thread. */
  SegmentReader reader() {
    return new SegmentReader(io, BUFFER_BYTES);
  }

  /** Reads the beginning of a chunk, {@code most} bytes, but at least one line. */
  Segment.Content read(SegmentReader reader, Chunk chunk, int most) throws IOException {
    FileChannel file;
    synchronized (this) { // the writer may be about to give it its final name
      file = reader.open(chunk.segment().path());
    }
    try (file) {
      return chunk.segment().read(reader, file, chunk.from(), chunk.to(), most);
    }
  }

  /** Takes a share of the lane's bytes, or returns false if it has not so many left. */
  synchronized boolean reserve(long share) {
    if (reserved + share > maxBytes) {
      refused = Math.max(refused, share);
      return false;
    }
    reserved += share;
    return true;
  }

  /** Takes a share whether or not there is room. */
  synchronized void reserveAnyway(long share) {
    reserved += share;
  }

  synchronized void release(long share) {
    reserved -= share;
  }

  /** The part of the lane's bytes that is free, 0 to 1. */
  synchronized double freeShare() {
    return Math.max(0, (maxBytes - reserved) / (double) maxBytes);
  }

  /** Whether what did not fit would still not fit; an empty lane is not full, whatever came. */
  synchronized boolean full() {
    if (reserved == 0 || reserved + refused <= maxBytes) {
      refused = 0;
    }
    return refused > 0;
  }

  /**
   * Appends lines; they are on the disk when this returns. If it throws, nothing of them is kept.
   * The bytes must have been reserved.
   */
  void append(List<byte[]> lines, long bytes, long receivedAt) throws IOException {
    Segment segment = open;
    SegmentWriter target = writer;
    if (segment == null || target == null) {
      segment = Segment.create(directory, nextSequence++);
      target = begin(segment);
      openedAt = receivedAt;
    }
    try {
      for (byte[] line : lines) {
        StoredForm.setReceivedAt(line, receivedAt);
        Segment.putLine(line, target);
      }
      target.sync();
      if (!Files.exists(segment.path())) {
        throw new NoSuchFileException(segment.path().toString(), null, "somebody deleted it");
      }
    } catch (IOException | RuntimeException | Error e) {
      try {
        abandon(segment, target);
      } catch (Throwable again) {
        if (again != e) {
          e.addSuppressed(again);
        }
      }
      throw e;
    }
    synchronized (this) {
      segment.commit(bytes, lines.size());
      notifyAll();
    }
    try {
      if (segment.committed() >= SEGMENT_BYTES / 2) {
        files.prepare(Segment.create(directory, nextSequence).path());
      }
      if (segment.committed() >= SEGMENT_BYTES
          || Math.abs(receivedAt - openedAt) >= SEGMENT_MILLIS) {
        complete();
      }
    } catch (IOException | RuntimeException | Error e) {
      // The lines are on the disk, so they are kept; the file goes by its old name.
      log.warn("{} could not be ended; the next one is begun all the same", segment, e);
    }
  }

  private SegmentWriter begin(Segment segment) throws IOException {
    SegmentWriter begun = new SegmentWriter(files.take(segment.path()), io, buffer);
    synchronized (this) {
      segments.add(segment);
    }
    open = segment;
    writer = begun;
    return begun;
  }

  /**
   * Takes back what a failed write left behind. After a failed sync nothing is known about the file
   * any more, so it is not appended to again.
   */
  private void abandon(Segment segment, SegmentWriter target) throws IOException {
    try {
      if (!isLeft()) {
        target.truncate(segment.committed());
      }
    } finally {
      complete();
    }
  }

  /** Ends the open segment: no more is appended to it, also when this throws. */
  private void complete() throws IOException {
    Segment segment = open;
    SegmentWriter target = writer;
    open = null;
    writer = null;
    if (segment == null || target == null) {
      return;
    }
    try {
      target.end(isLeft() ? Long.MAX_VALUE : segment.committed());
    } finally {
      complete(segment);
    }
  }

  private void complete(Segment segment) throws IOException {
    boolean done;
    synchronized (this) {
      segment.end();
      notifyAll();
      done = !left && undelivered(segment) == 0 && remove(segment);
      if (!done && !left) {
        Files.move(segment.path(), segment.completePath());
        segment.complete();
      }
    }
    if (done) {
      afterwards.delivered(segment);
    }
    // Not synced: after a crash it may be called open, which only means that it is read as such.
  }

  /** Called by the writer when nothing has come for a while. */
  void rest() throws IOException {
    Segment segment = open;
    boolean done;
    synchronized (this) {
      done = segment != null && undelivered(segment) == 0;
    }
    if (done) {
      complete();
    }
  }

  /** Ends the writing. */
  void close() throws IOException {
    try (files) {
      complete();
    }
  }

  /** The files are another's from now on: whoever is still at work here leaves them as they are. */
  synchronized void leave() {
    left = true;
  }

  private synchronized boolean isLeft() {
    return left;
  }

  /** Whether the disk takes a file now. */
  void probe() throws IOException {
    Path file = directory.resolve("probe.tmp");
    DurableFiles.write(file, new byte[4096]);
    Files.delete(file);
  }

  boolean hasOpen() {
    return open != null;
  }

  /** Bytes of a segment that some reader has not delivered. */
  private long undelivered(Segment segment) {
    long delivered = readers.isEmpty() ? 0 : segment.committed();
    for (Reader reader : readers) {
      delivered = Math.min(delivered, reader.progress(segment).delivered);
    }
    return segment.committed() - delivered;
  }

  private boolean remove(Segment segment) {
    for (Reader reader : readers) {
      reader.progress.remove(segment);
    }
    return segments.remove(segment);
  }

  /** Bytes that are not yet delivered. */
  synchronized long bytes() {
    return segments.stream().mapToLong(this::undelivered).sum();
  }

  /** Files of which not all is delivered. */
  synchronized int files() {
    return (int) segments.stream().filter(segment -> undelivered(segment) > 0).count();
  }

  /** Seconds since the oldest undelivered file was written to; 0 if there is none. */
  double oldestSeconds(long nowMillis) {
    Path oldest;
    synchronized (this) {
      oldest =
          segments.stream()
              .filter(segment -> undelivered(segment) > 0)
              .findFirst()
              .map(Segment::path)
              .orElse(null);
    }
    return oldest == null ? 0 : LaneDirectory.ageSeconds(oldest, nowMillis);
  }

  /**
   * A new reader, from the start of what is there; to be made before any other has delivered.
   *
   * @param ahead it never overtakes this one; null if it need not care
   */
  synchronized Reader reader(@Nullable Reader ahead) {
    Reader reader = new Reader(ahead);
    readers.add(reader);
    return reader;
  }

  /** Goes through the log for one store, and remembers how far it came. For one thread. */
  final class Reader implements Delivery.Source<Chunk> {
    private final @Nullable Reader ahead;
    private final SegmentReader reader = new SegmentReader(io, BUFFER_BYTES);
    private final Map<Segment, Progress> progress = new HashMap<>();
    private boolean ended;

    private static final class Progress {
      private long delivered;
      private int lines;
      private boolean finished;
    }

    private Reader(@Nullable Reader ahead) {
      this.ahead = ahead;
    }

    private Progress progress(Segment segment) {
      return progress.computeIfAbsent(segment, none -> new Progress());
    }

    /** How far it may go. */
    private long limit(Segment segment) {
      return ahead == null ? segment.committed() : ahead.progress(segment).delivered;
    }

    /** Whether nothing comes after the limit any more. */
    private boolean isLast(Segment segment) {
      return !segment.isOpen() && (ahead == null || ahead.progress(segment).finished);
    }

    @Override
    public @Nullable Chunk await() throws InterruptedException {
      synchronized (SegmentLog.this) {
        while (!ended) {
          for (Segment segment : segments) {
            Progress mine = progress(segment);
            if (limit(segment) > mine.delivered || (isLast(segment) && !mine.finished)) {
              return new Chunk(segment, mine.delivered, limit(segment));
            }
          }
          SegmentLog.this.wait();
        }
        return null;
      }
    }

    @Override
    public void end() {
      synchronized (SegmentLog.this) {
        ended = true;
        SegmentLog.this.notifyAll();
      }
    }

    /** Reads the beginning of a chunk, {@code most} bytes, but at least one line. */
    Segment.Content read(Chunk chunk, int most) throws IOException {
      return SegmentLog.this.read(reader, chunk, most);
    }

    /** Whether its file is nobody's but the readers'. */
    boolean hasEnded(Segment segment) {
      synchronized (SegmentLog.this) {
        return !segment.isOpen();
      }
    }

    /** Lines before {@code end} that were written and are not there at all. */
    int missing(Chunk chunk, int linesRead, long end) {
      synchronized (SegmentLog.this) {
        Segment segment = chunk.segment();
        return segment.missing(progress(segment).lines + linesRead, end);
      }
    }

    /** A chunk is in the store up to {@code end}; a segment that is done with is let go. */
    void delivered(Chunk chunk, long end, int lines) throws IOException {
      boolean done;
      synchronized (SegmentLog.this) {
        Segment segment = chunk.segment();
        long before = undelivered(segment);
        Progress mine = progress(segment);
        mine.delivered = end;
        mine.lines += lines;
        mine.finished = end == segment.committed() && isLast(segment);
        reserved -= before - undelivered(segment);
        done = !left && !segment.isOpen() && undelivered(segment) == 0 && remove(segment);
        SegmentLog.this.notifyAll(); // those behind
      }
      if (done) {
        afterwards.delivered(chunk.segment());
      }
    }

    /** Bytes that it could deliver now. */
    long bytes() {
      synchronized (SegmentLog.this) {
        return segments.stream()
            .mapToLong(segment -> limit(segment) - progress(segment).delivered)
            .sum();
      }
    }

    double freeShare() {
      return SegmentLog.this.freeShare();
    }
  }
}
