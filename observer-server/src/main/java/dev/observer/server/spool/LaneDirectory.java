package dev.observer.server.spool;

import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the replay lane, Maildir style: written in {@code tmp/}, synced, renamed to their
 * sequence number, directory synced, and only then part of the lane. A crash leaves either a file
 * in {@code tmp/}, deleted at the next start, or a whole file in the lane. Bounded by bytes: {@link
 * #reserve} says no when full, and nothing is ever deleted to make room. Thread-safe.
 */
final class LaneDirectory<E extends LaneDirectory.Entry> implements Delivery.Source<E> {
  private static final Logger log = LoggerFactory.getLogger(LaneDirectory.class);

  /** A file of the lane. */
  interface Entry {
    Path path();

    long sequence();

    long bytes();
  }

  /** Recognises the files of a lane by their names. */
  interface Naming<E> {
    @Nullable E of(Path path) throws IOException;
  }

  private final Path directory;
  private final Path temporary;
  private final long maxBytes;
  private final Deque<E> entries = new ArrayDeque<>();
  private long bytes;
  private long nextSequence = 1;
  private long refused;
  private boolean deliveryEnded;

  LaneDirectory(Path directory, long maxBytes, Naming<E> naming) throws IOException {
    this.directory = directory;
    this.temporary = directory.resolve("tmp");
    this.maxBytes = maxBytes;
    DurableFiles.createDirectories(temporary);
    try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(temporary)) {
      for (Path file : unfinished) {
        Files.deleteIfExists(file); // an upload that outlived a closed lane may be about to
      }
    }
    // A killed process may have been about to, and what is found here counts as kept.
    DurableFiles.syncDirectory(directory);
    List<E> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        E entry = naming.of(file);
        if (entry != null) {
          found.add(entry);
        } else if (!file.equals(temporary)) {
          log.warn("{} is not a file of the spool and is left alone", file);
        }
      }
    }
    found.sort(Comparator.comparingLong(Entry::sequence));
    for (E entry : found) {
      entries.add(entry);
      bytes += entry.bytes();
      nextSequence = entry.sequence() + 1;
    }
  }

  Path directory() {
    return directory;
  }

  synchronized List<E> entries() {
    return List.copyOf(entries);
  }

  /** The one that is delivered next or now, or null. */
  synchronized @Nullable E oldest() {
    return entries.peek();
  }

  /** The oldest ones, at most so many, the one that is delivered next or now first. */
  synchronized List<E> oldest(int count) {
    return entries.stream().limit(count).toList();
  }

  Path temporary(String name) {
    return temporary.resolve(name);
  }

  /** Takes a share of the lane's bytes, or returns false if it has not so many left. */
  synchronized boolean reserve(long share) {
    if (bytes + share > maxBytes) {
      refused = Math.max(refused, share);
      return false;
    }
    bytes += share;
    return true;
  }

  synchronized void release(long share) {
    bytes -= share;
  }

  /** Whether what did not fit would still not fit; an empty lane is not full, whatever came. */
  synchronized boolean full() {
    if (bytes == 0 || bytes + refused <= maxBytes) {
      refused = 0;
    }
    return refused > 0;
  }

  synchronized long nextSequence() {
    return nextSequence++;
  }

  /**
   * Makes a synced temporary file part of the lane; it is durable when this returns. Its bytes must
   * have been reserved.
   */
  void publish(Path written, E entry) throws IOException {
    try {
      DurableFiles.move(written, entry.path());
    } catch (IOException e) {
      // It may be there under its name, but not surely on the disk: the sender is told that it is
      // not kept, so it must not be.
      Files.deleteIfExists(entry.path());
      throw e;
    }
    synchronized (this) {
      entries.add(entry);
      notifyAll();
    }
  }

  @Override
  public synchronized @Nullable E await() throws InterruptedException {
    while (entries.isEmpty() && !deliveryEnded) {
      wait();
    }
    return deliveryEnded ? null : entries.peek();
  }

  @Override
  public synchronized void end() {
    deliveryEnded = true;
    notifyAll();
  }

  /** Removes a delivered file. One that is there again after a crash is delivered again. */
  void remove(E delivered) throws IOException {
    Files.deleteIfExists(delivered.path());
    synchronized (this) {
      if (entries.removeFirstOccurrence(delivered)) {
        bytes -= delivered.bytes();
      }
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized int files() {
    return entries.size();
  }

  /** Seconds since the oldest file was written, by the file's own time; 0 if there is none. */
  double oldestSeconds(long nowMillis) {
    E oldest = oldest();
    return oldest == null ? 0 : ageSeconds(oldest.path(), nowMillis);
  }

  /** Seconds since a file was written, by the file's own time; 0 if it is gone. */
  static double ageSeconds(Path file, long nowMillis) {
    try {
      return Math.max(0, (nowMillis - Files.getLastModifiedTime(file).toMillis()) / 1000.0);
    } catch (NoSuchFileException e) {
      return 0; // delivered in between
    } catch (IOException e) {
      log.debug("the age of {} is not known", file, e);
      return 0;
    }
  }
}
