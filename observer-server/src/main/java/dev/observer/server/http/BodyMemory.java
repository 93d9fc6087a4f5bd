package dev.observer.server.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the bodies of all requests share while they arrive and until they are kept. Each
 * body is bounded by itself; ten thousand that trickle in are not, and an end for want of memory
 * would take those down too that had been read. When it is used up a request is told to come back.
 *
 * <p>What is counted is what a body really takes, as it arrives: an announced length is free. Of
 * large bodies all together leave a quarter to small ones, so that a few of them cannot keep
 * everybody out. Costs two additions a request. Thread-safe.
 */
final class BodyMemory {
  /** A body up to this size is small. */
  static final long SMALL = 128 * 1024;

  private final long bytes;
  private final AtomicLong used = new AtomicLong();

  /**
   * Shares so many bytes.
   *
   * @param bytes at least four thirds of what the largest body takes, or it would never be taken
   */
  BodyMemory(long bytes) {
    this.bytes = bytes;
  }

  /** A quarter of the heap, and at least enough for one body that takes so many bytes. */
  static BodyMemory ofHeap(long largestBody) {
    return new BodyMemory(Math.max(Runtime.getRuntime().maxMemory() / 4, largestBody / 3 * 4 + 4));
  }

  /** The part of a body that begins. */
  Share share() {
    return new Share();
  }

  /** Bytes taken now. */
  long used() {
    return used.get();
  }

  /** What one body has taken. Used by one thread at a time. */
  final class Share {
    private long held;

    /** Takes more, or nothing and returns false. */
    boolean take(long more) {
      long limit = held + more > SMALL ? bytes - bytes / 4 : bytes;
      if (used.addAndGet(more) > limit) {
        used.addAndGet(-more);
        return false;
      }
      held += more;
      return true;
    }

    /** Gives back all. */
    void release() {
      if (held > 0) {
        used.addAndGet(-held);
        held = 0;
      }
    }
  }
}
