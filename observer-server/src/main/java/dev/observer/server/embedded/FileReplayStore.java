package dev.observer.server.embedded;

import dev.observer.server.disk.DurableFiles;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replay batches as files, {@code replays/{session}/{recording}/000000.json.gz} below the data
 * directory. Thread-safe.
 */
public final class FileReplayStore implements ReplayStore {
  private static final Pattern NAME = Pattern.compile("(\\d{6})\\.json\\.gz");

  private final Path dataDirectory;

  /** Keeps batches below this directory. */
  public FileReplayStore(Path dataDirectory) {
    this.dataDirectory = dataDirectory;
  }

  @Override
  public String name() {
    return "files";
  }

  @Override
  public void put(ReplayKey key, Path file) throws SinkException {
    Path target = path(key);
    try {
      Path directory = directory(key.sessionId()).resolve(key.recordingId());
      DurableFiles.createDirectories(directory);
      try {
        link(file, target);
      } catch (FileAlreadyExistsException e) {
        // The first stays. It may be ours from before a crash, so its entry is synced all the same.
      }
      DurableFiles.syncDirectory(directory);
    } catch (IOException e) {
      throw SinkException.retryable("a replay batch could not be stored", e);
    }
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
    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
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

  /**
   * Deletes batches that were stored before a time, at most so many, and directories that are empty
   * then. Only what is named like ours is touched.
   *
   * @return how many batches were deleted
   */
  public int deleteStoredBefore(long epochMillis, int limit) throws IOException {
    int deleted = 0;
    try (DirectoryStream<Path> sessions =
        Files.newDirectoryStream(dataDirectory.resolve("replays"), FileReplayStore::isNamedById)) {
      for (Path session : sessions) {
        try (DirectoryStream<Path> recordings =
            Files.newDirectoryStream(session, FileReplayStore::isNamedById)) {
          for (Path recording : recordings) {
            deleted += deleteFrom(recording, epochMillis, limit - deleted);
            deleteIfEmpty(recording);
          }
        }
        deleteIfEmpty(session);
        if (deleted >= limit) {
          break;
        }
      }
    } catch (NoSuchFileException e) {
      return deleted; // nothing was stored yet
    }
    return deleted;
  }

  private static boolean isNamedById(Path path) {
    return ReplayKey.isId(String.valueOf(path.getFileName())) && Files.isDirectory(path);
  }

  private static int deleteFrom(Path recording, long epochMillis, int limit) throws IOException {
    int deleted = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(recording)) {
      for (Path file : files) {
        if (deleted < limit
            && NAME.matcher(String.valueOf(file.getFileName())).matches()
            && Files.getLastModifiedTime(file).toMillis() < epochMillis) {
          Files.delete(file);
          deleted++;
        }
      }
    }
    return deleted;
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
