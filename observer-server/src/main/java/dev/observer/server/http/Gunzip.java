package dev.observer.server.http;

import dev.observer.server.metrics.DropReason;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates gzip (RFC 1952) piece by piece as it arrives, which {@link
 * java.util.zip.GZIPInputStream} cannot: it would block a thread for each slow sender. One member,
 * whose checksum and length are right, with nothing after it. Not thread-safe.
 *
 * <p>It inflates between direct buffers: between arrays the inflater keeps the collector from
 * working for that long, and with many bodies at once the heap can then be called full that is not.
 */
final class Gunzip implements AutoCloseable {
  private static final int MAX_HEADER = 8 * 1024;

  /** Takes inflated bytes. */
  interface Output {
    void accept(byte[] bytes, int from, int to) throws Problem.Refused;
  }

  private final Output output;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final ByteArrayOutputStream header = new ByteArrayOutputStream(32);
  private final byte[] trailer = new byte[8];
  private final ByteBufferPool buffers;
  private boolean inBody;
  private int inTrailer;

  Gunzip(ByteBufferPool buffers, Output output) {
    this.buffers = buffers;
    this.output = output;
  }

  void accept(byte[] bytes, int from, int to) throws Problem.Refused {
    int at = from;
    if (!inBody) {
      header.write(bytes, at, to - at);
      byte[] start = header.toByteArray();
      int end = headerEnd(start);
      if (end < 0) {
        if (start.length > MAX_HEADER) {
          throw broken("its header does not end");
        }
        return;
      }
      inBody = true;
      header.reset();
      accept(start, end, start.length);
      return;
    }
    if (!inflater.finished()) {
      at = inflate(bytes, at, to);
    }
    if (inflater.finished()) {
      while (at < to) {
        if (inTrailer == trailer.length) {
          throw broken("something follows its end");
        }
        trailer[inTrailer++] = bytes[at++];
      }
    }
  }

  /** Returns where what belongs to the compressed data ends. */
  private int inflate(byte[] bytes, int from, int to) throws Problem.Refused {
    try (PooledByteBuffer in = buffers.allocate();
        PooledByteBuffer out = buffers.allocate()) {
      ByteBuffer compressed = in.getBuffer();
      ByteBuffer inflated = out.getBuffer();
      byte[] array = new byte[inflated.capacity()];
      int at = from;
      while (at < to && !inflater.finished()) {
        int part = Math.min(to - at, compressed.clear().remaining());
        compressed.put(bytes, at, part).flip();
        inflater.setInput(compressed);
        while (!inflater.finished() && !inflater.needsInput()) {
          int n = inflater.inflate(inflated.clear());
          if (n == 0 && inflater.needsDictionary()) {
            throw broken("it needs a dictionary");
          }
          inflated.flip().get(array, 0, n);
          checksum.update(array, 0, n);
          output.accept(array, 0, n);
        }
        at += part - compressed.remaining();
      }
      return at;
    } catch (DataFormatException e) {
      throw broken(String.valueOf(e.getMessage()));
    }
  }

  void finish() throws Problem.Refused {
    if (inTrailer < trailer.length) {
      throw broken("it ends too early");
    }
    if (number(0) != checksum.getValue()
        || number(4) != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw broken("its checksum is wrong");
    }
  }

  private long number(int at) {
    return (trailer[at] & 0xFFL)
        | (trailer[at + 1] & 0xFFL) << 8
        | (trailer[at + 2] & 0xFFL) << 16
        | (trailer[at + 3] & 0xFFL) << 24;
  }

  /** Where the header ends, or -1 if more of it must come. */
  private static int headerEnd(byte[] bytes) throws Problem.Refused {
    if (bytes.length >= 2 && ((bytes[0] & 0xFF) != 0x1F || (bytes[1] & 0xFF) != 0x8B)) {
      throw broken("it does not start as gzip does");
    }
    if (bytes.length < 10) {
      return -1;
    }
    int flags = bytes[3];
    if (bytes[2] != 8 || (flags & 0xE0) != 0) {
      throw broken("its method is not known");
    }
    int at = 10;
    if ((flags & 4) != 0) { // extra field
      if (bytes.length < at + 2) {
        return -1;
      }
      at += 2 + ((bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8);
    }
    for (int text = 8; text <= 16; text <<= 1) { // file name, comment
      if ((flags & text) != 0) {
        while (at < bytes.length && bytes[at] != 0) {
          at++;
        }
        at++;
      }
    }
    if ((flags & 2) != 0) { // header checksum
      at += 2;
    }
    return at <= bytes.length ? at : -1;
  }

  private static Problem.Refused broken(String detail) {
    return new Problem(400, "the body is not gzip: " + detail).refused(DropReason.INVALID);
  }

  @Override
  public void close() {
    inflater.end();
  }
}
