package dev.observer.server.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds everything: {@code spool}, {@code events.duckdb}, {@code replays},
 * {@code rejected}, {@code keys}. One process has it at a time; the operating system lets go of it
 * when the process ends, however it ends.
 */
public final class DataDirectory implements AutoCloseable {
  private final Path path;
  private final FileChannel lockFile;

  /** Looked up once: for that the list of mounts is read, for its figures only the disk asked. */
  private final FileStore disk;

  private DataDirectory(Path path, FileChannel lockFile, FileStore disk) {
    this.path = path;
    this.lockFile = lockFile;
    this.disk = disk;
  }

  /**
   * Makes the directory where it is missing, and takes it.
   *
   * @throws IOException if it cannot be written, or another process or another Observer of this
   *     process has it
   */
  public static DataDirectory open(Path directory) throws IOException {
    Path path = directory.toAbsolutePath().normalize();
    DurableFiles.createDirectories(path);
    FileChannel channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = lock(channel);
    if (lock == null) {
      channel.close();
      throw new IOException("the data directory " + path + " is in use by another process");
    }
    return new DataDirectory(path, channel, Files.getFileStore(path));
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // an Observer of this process has it
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** A file or directory in it. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  /** Bytes that its disk has left for this process; NaN if the disk does not say. */
  public double freeBytes() {
    return bytes(FileStore::getUsableSpace);
  }

  /** Bytes that its disk has in all, for everybody; NaN if the disk does not say. */
  public double totalBytes() {
    return bytes(FileStore::getTotalSpace);
  }

  private double bytes(Figure figure) {
    try {
      return figure.of(disk);
    } catch (IOException e) {
      return Double.NaN; // as a scrape shows it; whoever writes there says why
    }
  }

  private interface Figure {
    long of(FileStore disk) throws IOException;
  }

  /** Lets go of the directory. */
  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
