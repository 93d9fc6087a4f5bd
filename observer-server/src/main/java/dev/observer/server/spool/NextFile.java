package dev.observer.server.spool;

import dev.observer.server.disk.DirectIo;
import dev.observer.server.disk.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes new files, durable with their directory, and the next one before it is needed: it takes as
 * long as a few writes, and everybody who waits for one would wait for that too. A file that was
 * made and not needed before a crash is empty, which means nothing. For one thread; has another.
 */
final class NextFile implements AutoCloseable {
  private final Path directory;
  private final DirectIo io;
  private final ExecutorService maker;

  private @Nullable Path path;
  private @Nullable Future<FileChannel> next;

  /** Makes files in this directory. */
  NextFile(Path directory, DirectIo io) {
    this(
        directory,
        io,
        task -> {
          Thread thread = new Thread(task, "observer-spool-next");
          thread.setDaemon(true);
          return thread;
        });
  }

  NextFile(Path directory, DirectIo io, ThreadFactory threads) {
    this.directory = directory;
    this.io = io;
    this.maker = Executors.newSingleThreadExecutor(threads);
  }

  /** Begins to make a file, unless that was begun; returns at once. */
  void prepare(Path file) {
    if (next == null) {
      path = file;
      try {
        next = maker.submit(() -> make(file));
      } catch (OutOfMemoryError e) {
        // no thread can be made now, and whoever takes the file makes it
      }
    }
  }

  /** The new file of this name, empty; made now if it was not prepared or that failed. */
  FileChannel take(Path file) throws IOException {
    FileChannel prepared = file.equals(path) ? prepared() : null;
    return prepared != null ? prepared : make(file);
  }

  private @Nullable FileChannel prepared() {
    Future<FileChannel> made = next;
    next = null;
    path = null;
    try {
      return made == null ? null : made.get();
    } catch (ExecutionException e) {
      return null; // the disk may be well again, and if not, the writer finds out itself
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private FileChannel make(Path file) throws IOException {
    FileChannel made = io.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      DurableFiles.syncDirectory(directory);
      return made;
    } catch (IOException e) {
      try (made) {
        Files.deleteIfExists(file);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** Removes what was prepared and not taken. */
  @Override
  public void close() throws IOException {
    maker.shutdown();
    Path unused = path;
    try (FileChannel prepared = prepared()) {
      if (prepared != null && unused != null) {
        Files.deleteIfExists(unused);
      }
    }
  }
}
