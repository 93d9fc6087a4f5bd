package dev.observer.server.spool;

import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the events lane that were delivered, kept for a while because a sink may lose what it
 * took. Nothing here is synced: a power cut may bring a file back to the lane, which delivers it
 * again, or back to here.
 *
 * <p>Bounded by bytes: what is too much goes, the oldest first, and whoever checks them is told.
 * Thread-safe.
 */
public final class DeliveredSegments {
  private static final Logger log = LoggerFactory.getLogger(DeliveredSegments.class);

  /** Told of a file that goes only because there are too many bytes. */
  interface Crowded {
    void goes(Segment segment);
  }

  private final Path directory;
  private final long maxBytes;
  private final InstantSource clock;
  private final TreeSet<Segment> segments =
      new TreeSet<>(
          Comparator.comparingLong(DeliveredSegments::deliveredAt)
              .thenComparing(segment -> String.valueOf(segment.path())));
  private long bytes;
  private Crowded crowded = segment -> {};

  /** Finds those that were kept before, in a directory that is made if it is not there. */
  public DeliveredSegments(Path directory, long maxBytes, InstantSource clock) throws IOException {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.clock = clock;
    DurableFiles.createDirectories(directory);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Segment segment = Segment.of(file, Files.size(file));
        if (segment == null || segment.deliveredAt() == null) {
          log.warn("{} is not a file of the spool and is left alone", file);
        } else {
          put(segment);
        }
      }
    }
  }

  private static long deliveredAt(Segment segment) {
    Long at = segment.deliveredAt();
    return at == null ? 0 : at;
  }

  synchronized void crowded(Crowded told) {
    crowded = told;
  }

  private void put(Segment segment) {
    segments.add(segment);
    bytes += segment.committed();
  }

  /** Takes a file over that was delivered just now. */
  void add(Segment delivered) throws IOException {
    if (delivered.committed() == 0) {
      Files.deleteIfExists(delivered.path());
      return;
    }
    move(delivered);
    for (Segment oldest = oldestBeyond(); oldest != null; oldest = oldestBeyond()) {
      crowded.goes(oldest);
      delete(oldest);
    }
  }

  private synchronized void move(Segment from) throws IOException {
    Segment to = from.delivered(directory, clock.millis());
    try {
      Files.move(from.path(), to.path(), StandardCopyOption.ATOMIC_MOVE);
      put(to);
    } catch (NoSuchFileException e) {
      log.warn("{} is gone and cannot be kept", from, e);
    }
  }

  private synchronized @Nullable Segment oldestBeyond() {
    return bytes > maxBytes && !segments.isEmpty() ? segments.first() : null;
  }

  /** What is kept, the oldest first. */
  synchronized List<Segment> all() {
    return new ArrayList<>(segments);
  }

  /** Those that were delivered before a time, the oldest first. */
  synchronized List<Segment> before(long epochMillis) {
    return segments.stream().filter(segment -> deliveredAt(segment) <= epochMillis).toList();
  }

  /** Keeps these as long as if they were delivered just now. */
  void keepAgain(Collection<Segment> restored) throws IOException {
    for (Segment segment : restored) {
      if (forget(segment)) {
        move(segment);
      }
    }
  }

  /** Deletes a file. */
  void delete(Segment segment) throws IOException {
    if (forget(segment)) {
      Files.deleteIfExists(segment.path());
    }
  }

  private synchronized boolean forget(Segment segment) {
    boolean there = segments.remove(segment);
    if (there) {
      bytes -= segment.committed();
    }
    return there;
  }

  /** Bytes of all files. */
  public synchronized long bytes() {
    return bytes;
  }
}
