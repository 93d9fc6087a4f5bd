package dev.observer.server.embedded;

import dev.observer.server.disk.DurableFiles;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replay batches as files, {@code replays/{session}/{recording}/000000.json.gz} below the data
 * directory. Thread-safe.
 */
public final class FileReplayStore implements ReplayStore {
  private static final Pattern NAME = Pattern.compile("(\\d{6})\\.json\\.gz");

  private static final String COPYING = ".json.gz.tmp";
  private static final long BLOCK = 4096;
  private static final long UNKNOWN = Long.MIN_VALUE;

  /** The step of {@link #bytesByMinute}, in milliseconds. */
  static final long MINUTE = 60_000;

  private static final int SYNCED = 10_000;

  private final Path dataDirectory;

  /** The last recordings whose directories this process knows to be on the disk. */
  private final Set<String> synced =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > SYNCED;
                }
              }));

  /** Bytes stored less bytes deleted since the start. */
  private final AtomicLong changed = new AtomicLong();

  /** Bytes that were there at the last walk, without {@link #changed}. */
  private volatile long walked = UNKNOWN;

  /** Keeps batches below this directory. */
  public FileReplayStore(Path dataDirectory) {
    this.dataDirectory = dataDirectory;
  }

  @Override
  public String name() {
    return "files";
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public boolean put(ReplayKey key, Path file) throws SinkException {
    Path target = path(key);
    boolean stored = true;
    try {
      Path directory = directory(key);
      try {
        link(file, target);
        changed.addAndGet(room(Files.size(target)));
      } catch (FileAlreadyExistsException e) {
        // The first stays. It may be ours from before a crash, so its entry is synced all the same.
        stored = false;
      }
      DurableFiles.syncDirectory(directory);
      return stored;
    } catch (IOException e) {
      throw SinkException.retryable("a replay batch could not be stored", e);
    }
  }

  /** The durable directory of a recording. */
  private Path directory(ReplayKey key) throws IOException {
    Path session = directory(key.sessionId());
    Path directory = session.resolve(key.recordingId());
    boolean found = Files.exists(session);
    DurableFiles.createDirectories(directory);
    String name = key.sessionId() + "/" + key.recordingId();
    if (found && !synced.contains(name)) { // a process may have made both and been killed
      DurableFiles.syncDirectory(session);
      DurableFiles.syncName(session);
    }
    synced.add(name);
    return directory;
  }

  /** A second name for the same, already synced bytes; a synced copy where there are no links. */
  private static void link(Path file, Path target) throws IOException {
    try {
      Files.createLink(target, file);
      return;
    } catch (UnsupportedOperationException e) {
      // copied below
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // Some file systems say "operation not permitted": copied below, or failing there.
    }
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Path copy = target.resolveSibling(target.getFileName() + ".tmp");
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    DurableFiles.sync(copy);
    Files.move(copy, target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public List<Batch> list(String sessionId) throws SinkException {
    if (!ReplayKey.isId(sessionId)) {
      return List.of();
    }
    List<Batch> batches = new ArrayList<>();
    try (DirectoryStream<Path> recordings = Files.newDirectoryStream(directory(sessionId))) {
      for (Path recording : recordings) {
        String recordingId = String.valueOf(recording.getFileName());
        if (ReplayKey.isId(recordingId)) {
          list(sessionId, recordingId, recording, batches);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw SinkException.retryable("the replays of a session could not be listed", e);
    }
    Collections.sort(batches, (a, b) -> a.key().compareTo(b.key()));
    return batches;
  }

  private static void list(
      String sessionId, String recordingId, Path recording, List<Batch> batches)
      throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(recording)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          ReplayKey key = new ReplayKey(sessionId, recordingId, Integer.parseInt(name.group(1)));
          batches.add(new Batch(key, Files.size(file)));
        }
      }
    } catch (NotDirectoryException | NoSuchFileException e) {
      // not a recording, or removed while it was listed
    }
  }

  /** Told of each file; false ends the walk. */
  private interface Visitor {
    boolean visit(Path file, BasicFileAttributes attributes) throws IOException;
  }

  /** Goes through all that is named like ours, also what a crash left half copied. */
  private void walk(Visitor visitor, boolean deleteEmpty) throws IOException {
    Path replays = dataDirectory.resolve("replays");
    if (!Files.isDirectory(replays)) {
      return; // nothing was stored yet
    }
    try (DirectoryStream<Path> sessions =
        Files.newDirectoryStream(replays, FileReplayStore::isNamedById)) {
      for (Path session : sessions) {
        boolean goOn = true;
        try (DirectoryStream<Path> recordings =
            Files.newDirectoryStream(session, FileReplayStore::isNamedById)) {
          for (Path recording : recordings) {
            goOn = goOn && walk(recording, visitor);
            if (deleteEmpty) {
              deleteIfEmpty(recording);
            }
          }
        }
        if (deleteEmpty) {
          deleteIfEmpty(session);
        }
        if (!goOn) {
          return;
        }
      }
    }
  }

  private static boolean walk(Path recording, Visitor visitor) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(recording)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        try {
          if ((NAME.matcher(name).matches() || name.endsWith(COPYING))
              && !visitor.visit(file, Files.readAttributes(file, BasicFileAttributes.class))) {
            return false;
          }
        } catch (NoSuchFileException e) {
          // a copy that got its name in between
        }
      }
    }
    return true;
  }

  /** How much room a file of so many bytes takes, in blocks as most file systems have them. */
  private static long room(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
  }

  /**
   * Goes through what is stored and sums up its bytes by when it was stored, in steps of {@link
   * #MINUTE}, so that memory does not grow with the number of batches.
   */
  public NavigableMap<Long, Long> bytesByMinute() throws IOException {
    NavigableMap<Long, Long> minutes = new TreeMap<>();
    long before = changed.get();
    long[] sum = {0};
    walk(
        (file, attributes) -> {
          long storedAt = attributes.lastModifiedTime().toMillis();
          long bytes = room(attributes.size());
          minutes.merge(storedAt - Math.floorMod(storedAt, MINUTE), bytes, Long::sum);
          sum[0] += bytes;
          return true;
        },
        false);
    walked = sum[0] - before;
    return minutes;
  }

  /**
   * Bytes of what is stored, each batch in whole blocks of 4 KiB; NaN before {@link
   * #bytesByMinute}. What was stored meanwhile may be counted twice until it is gone through again.
   */
  public double bytes() {
    long base = walked;
    return base == UNKNOWN ? Double.NaN : (double) (base + changed.get());
  }

  /**
   * Deletes batches that were stored before a time, until as many bytes are gone as are given, and
   * directories that are empty then. Only what is named like ours is touched.
   *
   * @param afterEach asked after each batch whether to go on
   */
  public void deleteStoredBefore(long epochMillis, long maxBytes, BooleanSupplier afterEach)
      throws IOException {
    long[] left = {maxBytes};
    walk(
        (file, attributes) -> {
          if (attributes.lastModifiedTime().toMillis() >= epochMillis) {
            return true;
          }
          Files.delete(file);
          long bytes = room(attributes.size());
          changed.addAndGet(-bytes);
          left[0] -= bytes;
          return afterEach.getAsBoolean() && left[0] > 0;
        },
        true);
  }

  private static boolean isNamedById(Path path) {
    return ReplayKey.isId(String.valueOf(path.getFileName())) && Files.isDirectory(path);
  }

  private static void deleteIfEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      // still in use
    }
  }

  @Override
  public @Nullable InputStream open(ReplayKey key) throws SinkException {
    try {
      return Files.newInputStream(path(key));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw SinkException.retryable("a replay batch could not be read", e);
    }
  }

  private Path directory(String sessionId) {
    return dataDirectory.resolve("replays").resolve(sessionId);
  }

  private Path path(ReplayKey key) {
    return dataDirectory.resolve(key.path());
  }

  @Override
  public void close() {}
}
