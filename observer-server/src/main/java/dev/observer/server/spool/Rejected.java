package dev.observer.server.spool;

import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps what can never be delivered, as it is, with the reason beside it: {@code rejected/{name}}
 * and {@code rejected/{name}.reason.txt}. Both are on the disk before the original is let go.
 * Nothing here is read or deleted again by the server. Thread-safe.
 */
public final class Rejected {
  private final Path directory;

  /** Keeps files in this directory, which is made when it is first needed. */
  public Rejected(Path directory) {
    this.directory = directory;
  }

  /** Keeps content; a name that exists is the same content set aside before a crash. */
  void keep(String name, byte[] content, String reason) throws IOException {
    DurableFiles.createDirectories(directory);
    Path file = directory.resolve(name);
    DurableFiles.write(
        directory.resolve(name + ".reason.txt"), (reason + "\n").getBytes(StandardCharsets.UTF_8));
    DurableFiles.write(file, content);
  }

  /** Whether there is something of this name. */
  boolean has(String name) {
    return Files.exists(directory.resolve(name));
  }

  /** Moves a file here. */
  void keep(Path original, String name, String reason) throws IOException {
    DurableFiles.createDirectories(directory);
    DurableFiles.write(
        directory.resolve(name + ".reason.txt"), (reason + "\n").getBytes(StandardCharsets.UTF_8));
    if (Files.exists(original)) {
      DurableFiles.move(original, directory.resolve(name));
    }
  }
}
