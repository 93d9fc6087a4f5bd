package dev.observer.server.spool;

import dev.observer.server.disk.DirectIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads files of segments, also one that is still appended to, into memory that is used again: an
 * array of megabytes for each chunk would make the collector's old generation its business. Not
 * thread-safe.
 */
final class SegmentReader {
  private final DirectIo io;
  private final ByteBuffer buffer;
  private byte[] bytes = new byte[0];

  SegmentReader(DirectIo io, int bufferBytes) {
    this.io = io;
    this.buffer = io.buffer(bufferBytes);
  }

  /** Opens a file for {@link #read}. */
  FileChannel open(Path file) throws IOException {
    return io.open(file, StandardOpenOption.READ);
  }

  /** What was read last; until the next reading. */
  byte[] bytes() {
    return bytes;
  }

  /** Reads as much of a range as the file has, and returns how much that is. */
  int read(FileChannel file, long from, long to) throws IOException {
    int wanted = Math.toIntExact(to - from);
    if (bytes.length < wanted) {
      bytes = new byte[wanted];
    }
    int length = 0;
    while (length < wanted) {
      long start = io.roundDown(from + length);
      int before = (int) (from + length - start);
      buffer.clear().limit((int) Math.min(io.roundUp(to - start), buffer.capacity()));
      int read = file.read(buffer, start);
      if (read <= before) {
        return length; // the file is shorter than it was
      }
      int part = Math.min(read - before, wanted - length);
      buffer.get(before, bytes, length, part);
      length += part;
    }
    return length;
  }
}
