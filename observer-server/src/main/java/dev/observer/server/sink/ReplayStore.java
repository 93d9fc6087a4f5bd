package dev.observer.server.sink;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where replay batches are delivered to and read from. Implementations are thread-safe. Batches are
 * gzipped JSON and are kept byte for byte.
 */
public interface ReplayStore extends AutoCloseable {
  /**
   * A stored batch.
   *
   * @param bytes of the stored object
   */
  record Batch(ReplayKey key, long bytes) {}

  /** A short name for meters and health, such as {@code files}. */
  String name();

  /** Whether {@link #open} asks no other machine, so that an upload may wait for it. */
  boolean isLocal();

  /**
   * Stores a batch; it is durable when this returns. Storing a key again leaves the first in place.
   *
   * @param file gzipped; it may be moved away
   * @return false if there was a batch under this key, which may be this one
   */
  boolean put(ReplayKey key, Path file) throws SinkException;

  /** The batches of a session, ordered by recording and sequence. */
  List<Batch> list(String sessionId) throws SinkException;

  /** The stored bytes of a batch, to be closed by the caller, or null if there is none. */
  @Nullable InputStream open(ReplayKey key) throws SinkException;

  @Override
  void close();
}
