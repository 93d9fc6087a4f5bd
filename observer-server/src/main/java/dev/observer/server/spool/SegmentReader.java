package dev.observer.server.spool;

import dev.observer.server.disk.DirectIo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** Reads the file of one segment, which may still be appended to. Not thread-safe. */
final class SegmentReader implements Closeable {
  private final FileChannel channel;
  private final DirectIo io;
  private final ByteBuffer buffer;

  /**
   * Takes over an opened file.
   *
   * @param buffer of {@code io}; the reader's own until it is closed
   */
  SegmentReader(FileChannel channel, DirectIo io, ByteBuffer buffer) {
    this.channel = channel;
    this.io = io;
    this.buffer = buffer;
  }

  /** As much of a range as the file has. */
  byte[] read(long from, long to) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(to - from)];
    int length = 0;
    while (length < bytes.length) {
      long start = io.roundDown(from + length);
      int before = (int) (from + length - start);
      long wanted = io.roundUp(to - start);
      buffer.clear().limit((int) Math.min(wanted, buffer.capacity()));
      int read = channel.read(buffer, start);
      if (read <= before) {
        return Arrays.copyOf(bytes, length); // the file is shorter than it was
      }
      int part = Math.min(read - before, bytes.length - length);
      buffer.get(before, bytes, length, part);
      length += part;
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
