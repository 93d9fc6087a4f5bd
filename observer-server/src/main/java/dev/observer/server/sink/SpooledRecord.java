package dev.observer.server.sink;

import dev.observer.event.StoredRecord;

/**
 * A record as it lies in the spool. Read again, after a crash too, it is the same in every part, so
 * that a sink that tells entries apart by their content and time meets an old acquaintance.
 * Immutable; the bytes are not to be changed.
 */
public final class SpooledRecord {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Less than the shortest line, so that two lines never share a nanosecond. */
  private static final int BYTES_PER_NANO = 128;

  private final StoredRecord record;
  private final byte[] json;
  private final long segment;
  private final long offset;

  /**
   * Puts the parts together.
   *
   * @param json the stored form, UTF-8
   * @param segment the number of its file; files are numbered in the order they are written
   * @param offset of its line in the file
   */
  public SpooledRecord(StoredRecord record, byte[] json, long segment, long offset) {
    this.record = record;
    this.json = json;
    this.segment = segment;
    this.offset = offset;
  }

  /** The record. */
  public StoredRecord record() {
    return record;
  }

  /** Its stored form as it is in the spool: one object on one line, UTF-8. */
  public byte[] json() {
    return json;
  }

  /** Where its line begins in its file. */
  public long offset() {
    return offset;
  }

  /** Whether it lies in the spool behind another: they were acknowledged in that order. */
  public boolean isAfter(SpooledRecord other) {
    return segment != other.segment ? segment > other.segment : offset > other.offset;
  }

  /**
   * When it arrived, in nanoseconds since 1970: the milliseconds of {@code received_at}, and below
   * them its place in the spool. Later than for any record before it in the spool, unless the clock
   * was set back between them; beyond 128 MB that arrived in one millisecond, not earlier.
   */
  public long arrivalNanos() {
    return record.receivedAt() * NANOS_PER_MILLI
        + Math.min(offset / BYTES_PER_NANO, NANOS_PER_MILLI - 1);
  }

  @Override
  public String toString() {
    return record + " at " + segment + ":" + offset;
  }
}
