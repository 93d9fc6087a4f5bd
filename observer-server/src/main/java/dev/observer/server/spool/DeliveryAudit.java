package dev.observer.server.spool;

import dev.observer.event.StoredForm;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.RecallingSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import dev.observer.server.task.RepeatedTask;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that a sink still has what it took, although it promises that for the end of its process and
 * not for a power cut, and gives it again what it lost.
 *
 * <p>Delivered files are kept. Each is looked for in the sink, record by record, before it is let
 * go, after a time that is longer than an operating system holds back what is written: by then it
 * is on the sink's disk or it is missing. That needs no sign of a restart and misses none. Where
 * there is a sign, everything that is kept is looked for at once, and the delivered part of the
 * files that are still delivered too. What was missing is kept for that time again.
 *
 * <p>While the sink does not answer nothing is let go, up to the bound of {@link
 * DeliveredSegments}. What it does not show although it was given {@value #ATTEMPTS} times, because
 * it hides what somebody erased, say, is let go; so is what it would not take again. The meter
 * {@code observer.checked.records} says what came of it.
 *
 * <p>Thread-safe; does its work on a thread of its own.
 */
public final class DeliveryAudit implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeliveryAudit.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int AT_ONCE = 4 << 20;

  /** How often a record is restored. */
  private static final int ATTEMPTS = 3;

  private final SegmentLog lane;
  private final SegmentReader reader;
  private final DeliveredSegments kept;
  private final RecallingSink sink;
  private final RefusedRecords refusals;
  private final Duration keep;
  private final Meters meters;
  private final InstantSource clock;
  private final RepeatedTask looking;

  /** How often records that are kept were restored, by id; none of most. */
  private final Map<String, Integer> restored = new HashMap<>();

  private long restartsSeen;

  /**
   * Keeps what the lane delivers from now on, and does nothing else until {@link #start}.
   *
   * @param keep how long after the delivery
   */
  public DeliveryAudit(
      EventLane lane,
      DeliveredSegments kept,
      RecallingSink sink,
      Duration keep,
      Rejected rejected,
      Meters meters,
      InstantSource clock) {
    this.lane = lane.log();
    this.reader = this.lane.reader();
    this.kept = kept;
    this.sink = sink;
    this.refusals = new RefusedRecords(sink.name(), rejected, meters);
    this.keep = keep;
    this.meters = meters;
    this.clock = clock;
    this.looking =
        new RepeatedTask(
            "observer-audit-" + sink.name(),
            "it is not known whether " + sink.name() + " has what it took",
            this::look);
    kept.crowded(segment -> meters.checked(sink.name(), "unchecked", segment.lines()));
    this.lane.afterwards(kept::add);
  }

  /** Looks from now on, again and again. */
  public void start() {
    looking.start(EVERY, EVERY);
  }

  /** Looks for everything if the sink may have lost something, and for what is due. */
  void look() throws SinkException, IOException {
    long restarts = sink.restarts();
    if (restarts != restartsSeen) {
      for (SegmentLog.Chunk delivered : lane.delivered()) {
        restore(List.of(delivered));
      }
      // Not before the others: what is delivered meanwhile goes from there to here.
      audit(kept.all(), false);
      restartsSeen = restarts;
    }
    audit(kept.before(clock.millis() - keep.toMillis()), true);
  }

  /** Looks for the records of these; many are small. */
  private void audit(List<Segment> segments, boolean due) throws SinkException, IOException {
    List<Segment> together = new ArrayList<>();
    long bytes = 0;
    for (Segment segment : segments) {
      if (bytes + segment.committed() > AT_ONCE) {
        auditTogether(together, due);
        together.clear();
        bytes = 0;
      }
      together.add(segment);
      bytes += segment.committed();
    }
    auditTogether(together, due);
  }

  private void auditTogether(List<Segment> segments, boolean due)
      throws SinkException, IOException {
    if (looking.isClosing()) {
      return;
    }
    List<SegmentLog.Chunk> chunks =
        segments.stream()
            .map(segment -> new SegmentLog.Chunk(segment, 0, segment.committed()))
            .toList();
    if (restore(chunks)) {
      kept.keepAgain(segments);
    } else if (due) {
      for (Segment segment : segments) {
        kept.delete(segment);
      }
    }
  }

  /** Gives the sink what it lost of these; whether there was any. */
  private boolean restore(List<SegmentLog.Chunk> chunks) throws SinkException, IOException {
    boolean any = false;
    List<SpooledRecord> records = new ArrayList<>();
    long bytes = 0;
    for (SegmentLog.Chunk chunk : chunks) {
      Segment segment = chunk.segment();
      long from = chunk.from();
      while (from < chunk.to()) {
        Segment.Content content;
        try {
          content = lane.read(reader, new SegmentLog.Chunk(segment, from, chunk.to()), AT_ONCE);
        } catch (NoSuchFileException e) {
          log.debug("{} went meanwhile", segment, e); // moved on, or too many
          break;
        }
        bytes += content.end() - from;
        from = content.end();
        records.addAll(records(segment, content));
        if (bytes >= AT_ONCE) {
          any |= restoreMissing(records);
          records.clear();
          bytes = 0;
        }
      }
    }
    return restoreMissing(records) || any;
  }

  /** Without damaged ones, which were set aside when they were delivered. */
  private static List<SpooledRecord> records(Segment segment, Segment.Content content) {
    List<SpooledRecord> records = new ArrayList<>();
    for (Segment.Line line : content.records()) {
      try {
        records.add(
            new SpooledRecord(
                StoredForm.read(line.bytes()), line.bytes(), segment.sequence(), line.offset()));
      } catch (IOException e) {
        log.debug("a line of {} is not a record", segment, e);
      }
    }
    return records;
  }

  private boolean restoreMissing(List<SpooledRecord> records) throws SinkException, IOException {
    if (records.isEmpty()) {
      return false;
    }
    Map<String, Integer> attempts = new HashMap<>();
    if (!restored.isEmpty()) {
      for (SpooledRecord record : records) {
        Integer before = restored.remove(record.record().eventId());
        if (before != null) {
          attempts.put(record.record().eventId(), before);
        }
      }
    }
    List<SpooledRecord> missing = new ArrayList<>();
    int hidden = 0;
    int unchecked = 0;
    for (SpooledRecord record : sink.missing(records)) {
      if (refusals.wasRefused(record)) {
        continue;
      }
      if (!sink.wouldTakeAgain(record)) {
        unchecked++;
      } else if (attempts.getOrDefault(record.record().eventId(), 0) < ATTEMPTS) {
        missing.add(record);
      } else {
        hidden++;
      }
    }
    if (!missing.isEmpty()) {
      log.warn(
          "{} lost {} of {} records that it took; they are delivered again",
          sink.name(),
          missing.size(),
          records.size());
      List<SpooledRecord> refused = new ArrayList<>();
      refusals.give(missing, sink::restore, refused::add);
      for (SpooledRecord record : missing) {
        String id = record.record().eventId();
        restored.put(id, attempts.getOrDefault(id, 0) + 1);
      }
      meters.checked(sink.name(), "restored", missing.size() - refused.size());
    }
    meters.checked(sink.name(), "hidden", hidden);
    if (unchecked > 0) {
      log.warn(
          "{} does not show {} of {} records that it took, and would not take them again",
          sink.name(),
          unchecked,
          records.size());
    }
    meters.checked(sink.name(), "unchecked", unchecked);
    meters.checked(sink.name(), "present", records.size() - missing.size() - hidden - unchecked);
    return !missing.isEmpty();
  }

  @Override
  public void close() {
    looking.close();
  }
}
