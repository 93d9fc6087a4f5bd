package dev.observer.server.embedded;

import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB's log beside its file. DuckDB makes it when it first writes and anew after a checkpoint,
 * and syncs its bytes but not its name, without which they are lost in a power cut. Not
 * thread-safe, but for {@link #bytes}.
 */
final class WriteAheadLog {
  /**
   * The log at a commit.
   *
   * @param key null if there is none
   */
  private record State(@Nullable Object key, long size) {
    /** Whether this is that log some commits later: a new one may get the key of the one before. */
    boolean continues(State before) {
      return Objects.equals(key, before.key) && size >= before.size;
    }
  }

  private static final State UNKNOWN = new State(null, Long.MAX_VALUE);

  private final Path path;

  /** The log whose name is on the disk. */
  private State named = UNKNOWN;

  WriteAheadLog(Path database) {
    path = database.resolveSibling(database.getFileName() + ".wal");
  }

  /** After opening and after a checkpoint: the next name is synced whatever it looks like. */
  void mayBeAnother() {
    named = UNKNOWN;
  }

  /** To be called after a commit; at first the name of the file itself is synced with it. */
  void syncName() throws IOException {
    State now = state();
    if (!now.continues(named)) {
      DurableFiles.syncName(path);
    }
    named = now;
  }

  long bytes() throws IOException {
    return state().size();
  }

  private State state() throws IOException {
    try {
      BasicFileAttributes log = Files.readAttributes(path, BasicFileAttributes.class);
      return new State(log.fileKey(), log.size());
    } catch (NoSuchFileException e) {
      return new State(null, 0);
    }
  }
}
