package dev.observer.server.embedded;

import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DuckDB's log beside its file. DuckDB makes it when it first writes and anew after a checkpoint,
 * and syncs its bytes but not its name, without which they are lost in a power cut. Not
 * thread-safe, but for {@link #bytes}.
 */
final class WriteAheadLog {
  private static final Logger log = LoggerFactory.getLogger(WriteAheadLog.class);

  /** The size of an entry and its checksum, which stand before it. */
  private static final int ENTRY_HEAD = 16;

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

  private final Path database;
  private final Path path;

  /** The log whose name is on the disk. */
  private State named = UNKNOWN;

  WriteAheadLog(Path database) {
    this.database = database;
    this.path = database.resolveSibling(database.getFileName() + ".wal");
  }

  /**
   * To be called before opening: what a killed process wrote and did not sync can be read, and so
   * it is taken for stored.
   */
  void syncFound() throws IOException {
    for (Path found : List.of(database, path)) {
      if (Files.exists(found)) {
        DurableFiles.sync(found);
      }
    }
  }

  /**
   * Cuts off what a power cut left of the last commit, if that is why DuckDB does not open: it
   * forgives a log that ends too early, but not an entry of which a page was not written. The log
   * is kept beside as it was.
   *
   * @return false if that is not the reason
   */
  boolean cutOff(SQLException refusal) throws IOException {
    Matcher damage =
        Pattern.compile(
                Pattern.quote(path.getFileName() + "\": ")
                    + "Corrupt WAL file: entry at byte position (\\d+)")
            .matcher(String.valueOf(refusal.getMessage()));
    if (!damage.find()) {
      return false;
    }
    Path copy = path.resolveSibling(path.getFileName() + ".damaged-" + System.currentTimeMillis());
    Files.copy(path, copy);
    DurableFiles.sync(copy);
    DurableFiles.syncName(copy);
    try (FileChannel cut = FileChannel.open(path, StandardOpenOption.WRITE)) {
      long before = cut.size();
      cut.truncate(Long.parseLong(damage.group(1)) - ENTRY_HEAD);
      cut.force(true);
      log.warn(
          "{} bytes at the end of {} are damaged and were cut off; before that it was copied to {}."
              + " A power cut leaves a commit unfinished, and then nothing is lost, as its records"
              + " are delivered again; if the disk damaged older ones, they are in the copy",
          before - cut.size(),
          path,
          copy);
    }
    return true;
  }

  /** After opening and after a checkpoint: the next name is synced whatever it looks like. */
  void mayBeAnother() {
    named = UNKNOWN;
  }

  /**
   * To be called after a commit; at first the name of the file itself is synced with it.
   *
   * @throws NoSuchFileException if somebody deleted that: what is written to it then is lost
   */
  void syncName() throws IOException {
    if (!Files.exists(database)) {
      throw new NoSuchFileException(database.toString());
    }
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
