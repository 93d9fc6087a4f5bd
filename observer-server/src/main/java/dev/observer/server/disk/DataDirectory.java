package dev.observer.server.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that holds everything: {@code spool}, {@code events.duckdb}, {@code replays},
 * {@code rejected}, {@code keys}. One process has it at a time; the operating system lets go of it
 * when the process ends, however it ends. Only its owner gets into one that is made here.
 */
public final class DataDirectory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

  /** Begins the names of system properties: what every class loader of a process has in common. */
  private static final String HELD = "dev.observer.holds.";

  private final Path path;
  private final String held;
  private final FileChannel lockFile;

  /** Looked up once: for that the list of mounts is read, for its figures only the disk asked. */
  private final FileStore disk;

  private DataDirectory(Path path, String held, FileChannel lockFile, FileStore disk) {
    this.path = path;
    this.held = held;
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
    DurableFiles.createDirectories(path, ownerOnly("rwx------"));
    String held = HELD + path.toRealPath();
    // Looked at first: whichever channel of the lock's file is closed, the process loses the lock.
    if (System.getProperties().putIfAbsent(held, "true") != null) {
      throw inUse(path);
    }
    try {
      warnIfOpenToOthers(path);
      FileStore disk = Files.getFileStore(path);
      return new DataDirectory(path, held, lock(path), disk);
    } catch (Throwable e) { // or no other start of this process would get it
      System.getProperties().remove(held);
      throw e;
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw inUse(path);
      }
      return channel;
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static IOException inUse(Path path) {
    return new IOException("the data directory " + path + " is in use by another process");
  }

  private static void warnIfOpenToOthers(Path path) throws IOException {
    if (posix()
        && !Collections.disjoint(
            Files.getPosixFilePermissions(path), PosixFilePermissions.fromString("------rwx"))) {
      log.warn(
          "the data directory {} has rights for every user of this machine; chmod 700 takes them away",
          path);
    }
  }

  /** What a file or directory is made with for its owner only, where files have such rights. */
  static FileAttribute<?>[] ownerOnly(String permissions) {
    return posix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
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
    if (lockFile.isOpen()) {
      try {
        lockFile.close();
      } finally {
        System.getProperties().remove(held);
      }
    }
  }
}
