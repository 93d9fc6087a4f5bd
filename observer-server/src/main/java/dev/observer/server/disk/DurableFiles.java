package dev.observer.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;

/**
 * File operations that are on the disk when they return: a file is durable when its bytes and the
 * directory entry that names it are.
 */
public final class DurableFiles {
  private DurableFiles() {}

  /** Waits until the bytes of a file are on the disk, whoever wrote them. */
  public static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Waits until the entries of a directory are on the disk. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Waits until the name of a file is on the disk. */
  public static void syncName(Path file) throws IOException {
    syncDirectory(parent(file));
  }

  /**
   * Makes a directory and its parents, each durable.
   *
   * @param attributes of the directory, if it is made, and not of its parents
   */
  public static void createDirectories(Path directory, FileAttribute<?>... attributes)
      throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    try {
      Files.createDirectory(directory, attributes);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    if (parent != null) {
      try {
        syncDirectory(parent);
      } catch (IOException e) {
        Files.deleteIfExists(directory); // or the next call would take it for durable
        throw e;
      }
    }
  }

  /**
   * Moves a file whose bytes are already on the disk. Only the new directory is synced: that the
   * name is there is what matters, and a crash that brings the old name back too leaves it to
   * whoever owns that directory.
   */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    syncName(to);
  }

  /** Writes a file as a whole or not at all, by way of a temporary one beside it. */
  public static void write(Path file, byte[] bytes, FileAttribute<?>... attributes)
      throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    Files.createFile(temporary, attributes);
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        writeFully(channel, ByteBuffer.wrap(bytes));
        channel.force(true);
      }
      move(temporary, file);
    } catch (IOException e) {
      Files.deleteIfExists(temporary); // half of it on a full disk helps nobody
      throw e;
    }
  }

  /** Writes all that remains in a buffer. */
  public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("the root has no parent");
    }
    return parent;
  }
}
