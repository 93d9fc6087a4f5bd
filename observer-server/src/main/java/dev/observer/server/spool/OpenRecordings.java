package dev.observer.server.spool;

import dev.observer.event.ReplayHead;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.disk.DurableFiles;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.task.RepeatedTask;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The recordings that may still go on. The first delivered batch of a recording puts the record
 * {@code session_replay_started} into the events lane; when none came for {@link #QUIET}, {@code
 * session_replay_ended} follows, with the time at which the last one arrived. The ids of both
 * depend on the recording alone, so that each is stored once however often it is made.
 *
 * <p>On the disk a recording is a file, {@code {session}.{recording}.json}: the record that it
 * began, and as the file's time the arrival of its last batch. It is written before its first batch
 * leaves the lane and deleted after the end is in the events lane, so a crash at any point leaves
 * either the file or nothing to do. The file's time is not synced: after a power cut it may be that
 * of a batch some seconds before the last.
 *
 * <p>Time in which nothing could arrive does not count: batches that wait in the lane are as good
 * as delivered, and after a start nothing ends before {@link #QUIET} has passed, as browsers come
 * back with what they kept.
 *
 * <p>A batch that comes after the end, from a browser that was offline, is stored as any other. It
 * opens its recording again, and both records are made again and change nothing: the first stay, so
 * the end that is shown may be before the last batch.
 *
 * <p>At most {@value #MAX_OPEN} are open, a few hundred bytes of memory each. One more ends the one
 * that has been quiet for longest at once, with the same consequences as above; the meter {@code
 * observer.recordings.ended} says how often that happens.
 *
 * <p>Thread-safe. Only telling of a batch and ending may wait for the events lane.
 */
public final class OpenRecordings implements AutoCloseable {
  /** As long as a session may be idle. */
  static final Duration QUIET = Duration.ofMinutes(30);

  static final int MAX_OPEN = 10_000;

  /** Ended with one sync of the events lane. */
  private static final int AT_ONCE = 500;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_-]{8,64}\\.[A-Za-z0-9_-]{8,64}\\.json");

  private final Path directory;
  private final EventLane events;
  private final ReplayLane replays;
  private final Rejected rejected;
  private final Meters meters;
  private final InstantSource clock;
  private final int maxOpen;
  private long openedAt;

  /** When the last batch arrived by the name of the file; what was quiet for longest is first. */
  private final Map<String, Long> open = new LinkedHashMap<>();

  private volatile int size;

  private final RepeatedTask ending =
      new RepeatedTask(
          "observer-recordings", "the end of recordings cannot be recorded", this::endQuiet);

  /** Finds those that were open before, and does nothing until {@link #start}. */
  public OpenRecordings(
      Path directory,
      EventLane events,
      ReplayLane replays,
      Rejected rejected,
      Meters meters,
      InstantSource clock)
      throws IOException {
    this(directory, events, replays, rejected, meters, clock, MAX_OPEN);
  }

  OpenRecordings(
      Path directory,
      EventLane events,
      ReplayLane replays,
      Rejected rejected,
      Meters meters,
      InstantSource clock,
      int maxOpen)
      throws IOException {
    this.directory = directory;
    this.events = events;
    this.replays = replays;
    this.rejected = rejected;
    this.meters = meters;
    this.clock = clock;
    this.maxOpen = maxOpen;
    this.openedAt = clock.millis();
    DurableFiles.createDirectories(directory);
    Map<String, Long> found = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (NAME.matcher(name).matches()) {
          // A time to come, from a clock that was wrong, would keep it open until then.
          found.put(name, Math.min(openedAt, Files.getLastModifiedTime(file).toMillis()));
        } else if (name.endsWith(".tmp")) {
          Files.delete(file); // its batch is still in the lane
        }
      }
    }
    found.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(recording -> open.put(recording.getKey(), recording.getValue()));
    size = open.size();
    meters.recordings(this, OpenRecordings::open);
  }

  /** Ends recordings that were quiet, from now on, within a minute of their time. */
  public void start() {
    start(Duration.ofMinutes(1));
  }

  void start(Duration every) {
    ending.start(every, every);
  }

  /**
   * Tells that a batch was stored.
   *
   * @param receivedAt in milliseconds since 1970
   */
  synchronized void batch(ReplayHead head, long receivedAt)
      throws IOException, InterruptedException {
    String name = head.sessionId() + "." + head.recordingId() + ".json";
    Path file = directory.resolve(name);
    Long last = open.get(name);
    if (last == null || !Files.exists(file)) {
      byte[] started = StoredForm.write(head.started());
      append(List.of(started.clone())); // the lane writes the time of arrival into it
      while (open.size() >= maxOpen) {
        end(List.of(open.keySet().iterator().next()), "crowded");
      }
      DurableFiles.write(file, started);
    }
    open.remove(name); // to be the last again
    long now = last == null ? receivedAt : Math.max(last, receivedAt);
    open.put(name, now);
    size = open.size();
    Files.setLastModifiedTime(file, FileTime.fromMillis(now));
  }

  /** How many may still go on. */
  int open() {
    return size;
  }

  /** Ends those for which no batch came for long enough. */
  void endQuiet() throws IOException, InterruptedException {
    long now = clock.millis();
    followBack(now);
    long arrived = Math.min(now, replays.oldestReceivedAt(Long.MAX_VALUE));
    if (arrived - openedAt < QUIET.toMillis()) {
      return;
    }
    while (!ending.isClosing()) {
      synchronized (this) {
        List<String> quiet = new ArrayList<>();
        Iterator<Map.Entry<String, Long>> oldest = open.entrySet().iterator();
        while (oldest.hasNext() && quiet.size() < AT_ONCE) {
          Map.Entry<String, Long> recording = oldest.next();
          if (arrived - recording.getValue() < QUIET.toMillis()) {
            break;
          }
          quiet.add(recording.getKey());
        }
        if (quiet.isEmpty()) {
          return;
        }
        end(quiet, "quiet");
      }
    }
  }

  /** Nothing would end before a clock that was set back has caught up. */
  private synchronized void followBack(long now) {
    openedAt = Math.min(openedAt, now);
    open.replaceAll((name, last) -> Math.min(last, now));
  }

  private void end(List<String> names, String cause) throws IOException, InterruptedException {
    List<byte[]> ends = new ArrayList<>();
    for (String name : names) {
      StoredRecord started = started(directory.resolve(name));
      if (started != null) {
        // Not before its beginning, where the clock was set back.
        long last = Math.max(open.getOrDefault(name, 0L), started.timestamp());
        ends.add(StoredForm.write(ReplayHead.ended(started, last)));
      }
    }
    if (!ends.isEmpty()) {
      append(ends);
    }
    for (String name : names) {
      Files.deleteIfExists(directory.resolve(name));
      open.remove(name);
    }
    size = open.size();
    meters.ended(cause, ends.size());
  }

  /** The record in a file; null if it cannot be read as it was written, and is set aside. */
  private @Nullable StoredRecord started(Path file) throws IOException {
    String damage;
    try {
      return StoredForm.read(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      damage = "it is gone";
    } catch (AccessDeniedException e) {
      damage = e.toString(); // which does not pass
    } catch (FileSystemException e) {
      throw e; // it was not opened, which says nothing about it: there may be too many open files
    } catch (IOException e) {
      damage = e.toString();
    }
    rejected.keep(
        file, String.valueOf(file.getFileName()), "the file is not as it was written: " + damage);
    meters.dropped(DropReason.SPOOL_DAMAGED, "replay", 1);
    return null;
  }

  /** Returns when the records are durable. */
  private void append(List<byte[]> lines) throws IOException, InterruptedException {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    events.appendDerived(lines, outcome::complete);
    try {
      if (outcome.get() != Outcome.DURABLE) {
        throw new IOException("the events lane did not take a record of a recording");
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** Ends the thread; what is open is open at the next start. */
  @Override
  public void close() {
    ending.close();
  }
}
