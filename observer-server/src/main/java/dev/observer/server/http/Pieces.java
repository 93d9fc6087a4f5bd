package dev.observer.server.http;

import java.util.ArrayList;
import java.util.List;

/**
 * A body as it arrives, in pieces: nothing is copied when there is more than expected, and none is
 * so large that the collector would need whole regions of the heap for it, of which every array has
 * the last one nearly to itself. Not thread-safe.
 */
final class Pieces {
  /** What was announced is no reason to give much memory before it has arrived. */
  private static final int MAX_TRUSTED_LENGTH = 32 * 1024;

  /** Well below half of the smallest region that G1 uses. */
  private static final int LARGEST = 256 * 1024;

  /** Asks for memory before it is used. */
  interface Memory {
    void take(long bytes) throws Problem.Refused;
  }

  private final Memory memory;
  private final List<byte[]> full = new ArrayList<>(0);
  private byte[] last = new byte[0];
  private int lastLength;
  private int length;

  Pieces(Memory memory) {
    this.memory = memory;
  }

  /**
   * Adds the next bytes.
   *
   * @param announced how long all is said to be, or -1
   */
  void add(byte[] bytes, int from, int to, long announced) throws Problem.Refused {
    int at = from;
    while (at < to) {
      if (lastLength == last.length) {
        next(to - at, announced);
      }
      int part = Math.min(to - at, last.length - lastLength);
      System.arraycopy(bytes, at, last, lastLength, part);
      lastLength += part;
      length += part;
      at += part;
    }
  }

  private void next(int needed, long announced) throws Problem.Refused {
    long wanted = length == 0 ? Math.min(announced, MAX_TRUSTED_LENGTH) : length;
    int size = (int) Math.min(LARGEST, Math.max(needed, wanted));
    memory.take(size);
    if (length > 0) {
      full.add(last);
    }
    last = new byte[size];
    lastLength = 0;
  }

  int length() {
    return length;
  }

  /** All of it at the start of one array, which may be longer; nothing is kept here. */
  byte[] join() {
    byte[] all = last;
    if (!full.isEmpty()) {
      all = new byte[length];
      int at = 0;
      for (byte[] piece : full) {
        System.arraycopy(piece, 0, all, at, piece.length);
        at += piece.length;
      }
      System.arraycopy(last, 0, all, at, lastLength);
    }
    clear();
    return all;
  }

  /** Lets go of what came. */
  void clear() {
    full.clear();
    last = new byte[0];
    lastLength = 0;
    length = 0;
  }
}
