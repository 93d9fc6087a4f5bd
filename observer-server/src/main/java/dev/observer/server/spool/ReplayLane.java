package dev.observer.server.spool;

import dev.observer.server.disk.DurableFiles;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lane of replay batches. Each is streamed to a file of its own while it is checked; when it is
 * whole and right, the file is synced and becomes part of the lane. The first batch of a key stays:
 * the same content again is durable already, other content is a conflict.
 *
 * <p>Whether a batch was delivered before is asked of a store on this machine only. An upload does
 * not wait for any other: the last {@value #REMEMBERED} are remembered instead. What comes again
 * after that is taken, and when it is delivered the first still stays: the same content is let go
 * then, other content is set aside.
 *
 * <p>Thread-safe; an {@link Upload} belongs to one request.
 */
public final class ReplayLane {
  private static final Logger log = LoggerFactory.getLogger(ReplayLane.class);

  /** Uploads of one key must not pass each other between the check and the rename. */
  private static final int LOCKS = 64;

  private static final long FAILURE_MILLIS = 20_000;

  /** Who waits for the disk; more would only wait for each other. */
  static final int WRITERS = 8;

  /** A burst, which a disk that is well takes within a second. */
  static final int WAITING = 256;

  /** About 300 bytes each. */
  private static final int REMEMBERED = 10_000;

  private final LaneDirectory<ReplayFile> directory;
  private final ReplayStore store;
  private final InstantSource clock;
  private final Map<ReplayKey, ReplayFile> pending = new ConcurrentHashMap<>();

  /**
   * What the last ones of this process had in them. A store on this machine could be asked, but to
   * inflate what it has once more for whoever sends something else is dear.
   */
  private final Map<ReplayKey, byte[]> remembered =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ReplayKey, byte[]> eldest) {
              return size() > REMEMBERED;
            }
          });

  private final ThreadPoolExecutor writers =
      new ThreadPoolExecutor(
          WRITERS,
          WRITERS,
          30,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          task -> {
            Thread thread = new Thread(task, "observer-spool-replays");
            thread.setDaemon(true);
            return thread;
          });

  private final Object[] locks = new Object[LOCKS];
  private volatile boolean failing;
  private volatile long failedAt;

  /**
   * Opens the lane.
   *
   * @param store asked whether a batch is already there
   */
  public ReplayLane(Path directory, long maxBytes, ReplayStore store, InstantSource clock)
      throws IOException {
    this.directory = new LaneDirectory<>(directory, maxBytes, ReplayFile::of);
    this.store = store;
    this.clock = clock;
    writers.allowCoreThreadTimeOut(true);
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
    for (ReplayFile file : this.directory.entries()) {
      pending.put(file.key(), file);
    }
  }

  LaneDirectory<ReplayFile> directory() {
    return directory;
  }

  /** Starts an upload, or returns null if the disk does not take one. */
  public @Nullable Upload begin() {
    // Of a name that the next lane here has not, if an upload outlives this one.
    Path temporary = directory.temporary("upload-" + UUID.randomUUID());
    try {
      return new Upload(
          temporary,
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (IOException e) {
      fail(e);
      return null;
    }
  }

  /** One batch on its way in. Not thread-safe. Closing it without {@link #finish} forgets it. */
  public final class Upload implements Closeable {
    private final Path temporary;
    private final FileChannel channel;
    private long reserved;
    private boolean failed;
    private boolean full;

    private Upload(Path temporary, FileChannel channel) {
      this.temporary = temporary;
      this.channel = channel;
    }

    /** Appends gzipped bytes; what goes wrong is said by {@link #finish}. */
    public void write(byte[] bytes, int from, int to) {
      if (failed || full) {
        return;
      }
      if (!directory.reserve(to - from)) {
        full = true;
        return;
      }
      reserved += to - from;
      try {
        DurableFiles.writeFully(channel, ByteBuffer.wrap(bytes, from, to - from));
      } catch (IOException e) {
        failed = true;
        fail(e);
      }
    }

    /** Whether finishing is pointless. */
    public @Nullable Outcome trouble() {
      return full ? Outcome.FULL : failed ? Outcome.FAILED : null;
    }

    /** Bytes written. */
    public long bytes() {
      return reserved;
    }

    /**
     * Makes the batch durable under this key and closes the upload, without keeping the caller
     * waiting for the disk.
     *
     * @param sha256 of the inflated bytes
     * @param done told once, by a thread of the lane or by the caller's own
     */
    public void finish(ReplayKey key, byte[] sha256, Consumer<Outcome> done) {
      try {
        writers.execute(
            () -> {
              Outcome outcome = Outcome.FAILED;
              try (this) {
                outcome = finish(key, sha256);
              } finally {
                done.accept(outcome);
              }
            });
      } catch (RejectedExecutionException | OutOfMemoryError e) { // no thread can be made now
        close();
        done.accept(writers.isShutdown() ? Outcome.FAILED : Outcome.FULL);
      }
    }

    /** The same, for whoever may wait. Does not close the upload. */
    public Outcome finish(ReplayKey key, byte[] sha256) {
      Outcome trouble = trouble();
      if (trouble != null) {
        return trouble;
      }
      try {
        channel.force(true);
        channel.close();
        synchronized (locks[Math.floorMod(key.hashCode(), LOCKS)]) {
          byte[] present = present(key);
          if (present != null) {
            return MessageDigest.isEqual(present, sha256) ? Outcome.DURABLE : Outcome.CONFLICT;
          }
          publish(key);
          remember(key, sha256.clone());
          failing = false;
          return Outcome.DURABLE;
        }
      } catch (IOException | SinkException | RuntimeException e) {
        fail(e);
        return Outcome.FAILED;
      }
    }

    private void publish(ReplayKey key) throws IOException {
      long sequence = directory.nextSequence();
      long receivedAt = clock.millis();
      Path path = directory.directory().resolve(ReplayFile.name(sequence, receivedAt, key));
      ReplayFile file = new ReplayFile(path, sequence, receivedAt, key, reserved);
      pending.put(key, file); // before the lane's thread can deliver and remove it
      try {
        directory.publish(temporary, file);
      } catch (IOException | RuntimeException e) {
        pending.remove(key, file);
        throw e;
      }
      reserved = 0; // the lane's now
    }

    @Override
    public void close() {
      directory.release(reserved);
      reserved = 0;
      try {
        channel.close();
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        log.warn("an unfinished upload could not be deleted; the next start will", e);
      }
    }
  }

  /** The hash of what is there under this key, as far as this machine knows, or null. */
  private byte @Nullable [] present(ReplayKey key) throws IOException, SinkException {
    byte[] known = remembered.get(key);
    if (known != null && isThere(key)) {
      return known;
    }
    ReplayFile file = pending.get(key);
    if (file != null) {
      try (InputStream stored = Files.newInputStream(file.path())) {
        return remember(key, hash(stored));
      } catch (NoSuchFileException e) {
        log.debug("{} was delivered in between", file.path());
      }
    }
    byte[] stored = store.isLocal() ? stored(key) : null;
    return stored == null ? null : remember(key, stored);
  }

  /** Whether what is remembered is still so: it may have been damaged and set aside, or deleted. */
  private boolean isThere(ReplayKey key) throws IOException, SinkException {
    if (pending.containsKey(key) || !store.isLocal()) {
      return true;
    }
    try (InputStream stored = store.open(key)) {
      return stored != null;
    }
  }

  private byte[] remember(ReplayKey key, byte[] sha256) {
    remembered.put(key, sha256);
    return sha256;
  }

  private byte @Nullable [] stored(ReplayKey key) throws IOException, SinkException {
    try (InputStream stored = store.open(key)) {
      return stored == null ? null : hash(stored);
    }
  }

  /** Whether the store has the content of this file under its key, however it is compressed. */
  boolean isStored(ReplayFile file) throws IOException, SinkException {
    byte[] stored;
    try {
      stored = stored(file.key());
    } catch (ZipException | EOFException e) {
      return false; // something else, or damaged
    }
    try (InputStream ours = Files.newInputStream(file.path())) {
      return stored != null && MessageDigest.isEqual(stored, hash(ours));
    }
  }

  private static byte[] hash(InputStream gzipped) throws IOException {
    MessageDigest sha256 = sha256();
    try (GZIPInputStream inflated = new GZIPInputStream(gzipped, 8192)) {
      byte[] buffer = new byte[8192];
      for (int n = inflated.read(buffer); n >= 0; n = inflated.read(buffer)) {
        sha256.update(buffer, 0, n);
      }
    }
    return sha256.digest();
  }

  /** The digest that {@link Upload#finish} compares. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private void fail(Exception e) {
    failedAt = clock.millis();
    if (!failing) {
      failing = true;
      log.error("the spool of replays cannot be written; senders are told to come back", e);
    }
  }

  /**
   * When the oldest batch that is not yet delivered arrived; {@code otherwise} if there is none.
   */
  long oldestReceivedAt(long otherwise) {
    ReplayFile oldest = directory.oldest();
    return oldest == null ? otherwise : oldest.receivedAt();
  }

  /** Removes a delivered batch. */
  void remove(ReplayFile delivered) throws IOException {
    directory.remove(delivered);
    pending.remove(delivered.key(), delivered);
  }

  /**
   * Whether it could take a batch now, as far as is known. A failure says nothing any more after
   * {@value #FAILURE_MILLIS} ms: whoever comes next finds out, and health recovers without a batch.
   */
  public boolean accepting() {
    boolean failed = failing && clock.millis() - failedAt < FAILURE_MILLIS;
    return !failed && !directory.full() && writers.getQueue().remainingCapacity() > 0;
  }

  /** Finishes what it was given, within {@code patience}, and takes no more. */
  public void close(Duration patience) {
    writers.shutdown();
    try {
      writers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Bytes that are not yet delivered. */
  public long bytes() {
    return directory.bytes();
  }

  /** Files that are not yet delivered. */
  public int files() {
    return directory.files();
  }

  /** Age of the oldest batch that is not yet delivered. */
  public double oldestSeconds() {
    return directory.oldestSeconds(clock.millis());
  }
}
