package dev.observer.server.spool;

import dev.observer.server.disk.DirectIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Appends to the file of one segment: bytes are gathered in a buffer, and on the disk after {@link
 * #sync}. The last block is filled up with line ends, which mean nothing, and is written again with
 * what comes next; that puts what is in it at no more risk than the page cache would, which writes
 * whole blocks too. Not thread-safe; of no use after an exception.
 */
final class SegmentWriter {
  private final FileChannel channel;
  private final DirectIo io;
  private final ByteBuffer buffer;

  /** Where in the file the buffer's first byte belongs; the start of a block. */
  private long offset;

  /**
   * Takes over an empty file.
   *
   * @param buffer of {@code io}; the writer's own until it ends
   */
  SegmentWriter(FileChannel channel, DirectIo io, ByteBuffer buffer) {
    this.channel = channel;
    this.io = io;
    this.buffer = buffer.clear();
  }

  void put(byte[] bytes) throws IOException {
    int from = 0;
    while (bytes.length - from > buffer.remaining()) {
      int part = buffer.remaining();
      buffer.put(bytes, from, part);
      from += part;
      offset += write();
      buffer.clear();
    }
    buffer.put(bytes, from, bytes.length - from);
  }

  /** Waits until everything that was put is on the disk. */
  void sync() throws IOException {
    int used = buffer.position();
    int whole = (int) io.roundDown(used);
    while (buffer.position() < io.roundUp(used)) {
      buffer.put((byte) '\n');
    }
    write();
    offset += whole;
    buffer.limit(used).position(whole);
    buffer.compact();
    channel.force(false);
  }

  private int write() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer, offset + buffer.position());
    }
    return buffer.limit();
  }

  /** Cuts off what stands behind {@code end}, for good. */
  void truncate(long end) throws IOException {
    channel.truncate(end);
    channel.force(true);
  }

  /**
   * Closes the file and takes the filling off. That is not synced: a crash may bring the filling
   * back, and it means nothing.
   */
  void end(long end) throws IOException {
    try (channel) {
      channel.truncate(end);
    }
  }
}
