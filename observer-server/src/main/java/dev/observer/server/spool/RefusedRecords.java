package dev.observer.server.spool;

import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the records that a sink refuses, by halving; sets each aside with the reason, counts it,
 * and gives the sink the others. It says so in the log, at most once a minute.
 */
final class RefusedRecords {
  /** One way to give records to a sink. */
  interface Giving {
    void give(List<SpooledRecord> records) throws SinkException;
  }

  private static final Logger log = LoggerFactory.getLogger(RefusedRecords.class);
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final String sink;
  private final Rejected rejected;
  private final Meters meters;
  private final LongSupplier nanoTime;
  private long nextSaid;

  RefusedRecords(String sink, Rejected rejected, Meters meters) {
    this(sink, rejected, meters, System::nanoTime);
  }

  RefusedRecords(String sink, Rejected rejected, Meters meters, LongSupplier nanoTime) {
    this.sink = sink;
    this.rejected = rejected;
    this.meters = meters;
    this.nanoTime = nanoTime;
    this.nextSaid = nanoTime.getAsLong();
  }

  /**
   * Gives records to the sink.
   *
   * @param refused told of each that was set aside, also when an exception follows
   * @throws SinkException if it may take them later
   */
  void give(List<SpooledRecord> records, Giving giving, Consumer<SpooledRecord> refused)
      throws SinkException, IOException {
    if (records.isEmpty()) {
      return;
    }
    try {
      giving.give(records);
    } catch (SinkException e) {
      if (e.retryable()) {
        throw e;
      }
      if (records.size() > 1) {
        int half = records.size() / 2;
        give(records.subList(0, half), giving, refused);
        give(records.subList(half, records.size()), giving, refused);
        return;
      }
      SpooledRecord record = records.get(0);
      rejected.keep(name(record), record.json(), sink + ": " + e.getMessage());
      meters.dropped(DropReason.SINK_REFUSED, record.record().kind().wireName(), 1);
      meters.rejected(sink, 1);
      say(record, e);
      refused.accept(record);
    }
  }

  private void say(SpooledRecord record, SinkException why) {
    long now = nanoTime.getAsLong();
    if (now - nextSaid >= 0) {
      nextSaid = now + QUIET_NANOS;
      log.warn(
          "{} refuses record {} for good, and it is set aside, as others may be in the next minute: {}",
          sink,
          record.record().eventId(),
          why.getMessage());
    }
  }

  /** Whether it was set aside before. */
  boolean wasRefused(SpooledRecord record) {
    return rejected.has(name(record));
  }

  private static String name(SpooledRecord record) {
    return record.record().eventId() + ".json";
  }
}
