package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.disk.DirectIo;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NextFileTest {
  @TempDir Path directory;
  private final AtomicInteger opened = new AtomicInteger();
  private volatile boolean failing;
  private Path file;
  private NextFile files;

  @BeforeEach
  void make() throws IOException {
    file = directory.resolve("2");
    DirectIo io =
        DirectIo.of(directory)
            .with(
                (path, options) -> {
                  opened.incrementAndGet();
                  if (failing) {
                    throw new IOException("no space left");
                  }
                  return FileChannel.open(path, options);
                });
    files = new NextFile(directory, io);
  }

  private void awaitMade() {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!(failing ? opened.get() > 0 : Files.exists(file)) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatWasPrepared_isThereBeforeItIsTaken_andMadeOnce() throws IOException {
    files.prepare(file);
    files.prepare(file);
    awaitMade();
    assertTrue(Files.exists(file));
    try (FileChannel taken = files.take(file)) {
      assertEquals(0, taken.size());
    }
    assertEquals(1, opened.get());
    files.close();
    assertTrue(Files.exists(file), "what was taken stays");
  }

  @Test
  void whatWasNotPrepared_isMadeThen() throws IOException {
    files.take(file).close();
    assertTrue(Files.exists(file));
  }

  @Test
  void whatCouldNotBePrepared_isTriedAgainWhenItIsNeeded() throws IOException {
    failing = true;
    files.prepare(file);
    awaitMade();
    assertThrows(IOException.class, () -> files.take(file));
    failing = false;
    files.take(file).close();
    assertTrue(Files.exists(file));
  }

  @Test
  void whatNoThreadCanPrepare_isMadeWhenItIsNeeded() throws IOException {
    NextFile alone =
        new NextFile(
            directory,
            DirectIo.of(directory),
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    alone.prepare(file);
    assertFalse(Files.exists(file));
    alone.take(file).close();
    assertTrue(Files.exists(file));
    alone.close();
  }

  @Test
  void whatWasPreparedAndNotTaken_isRemovedAtTheEnd() throws IOException {
    files.prepare(file);
    files.close();
    assertFalse(Files.exists(file));
  }
}
