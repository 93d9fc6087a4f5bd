package dev.observer.server.spool;

import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Delivers the events lane to one sink: gives it each record once, the first of those with one id;
 * finds a record that it refuses by halving; sets aside, with the reason, what is refused, damaged
 * or for minutes not to be read, and goes on.
 */
public final class EventDelivery implements Delivery.Step<SegmentLog.Chunk> {
  /** How often a file is read in vain; about five minutes, with the pauses of a failed delivery. */
  static final int ATTEMPTS = 40;

  private static final long MISSING = -1;

  private final SegmentLog.Reader lane;
  private final EventSink sink;
  private final RefusedRecords refusals;
  private final Rejected rejected;
  private final Meters meters;

  /** Offsets of records of the next chunk that the sink refused before it failed. */
  private final Set<Long> refused = new HashSet<>();

  /** How often the next chunk was read in vain. */
  private int unreadable;

  private final DeliveryPace pace = new DeliveryPace();
  private long pushed;
  private long lastRest = System.nanoTime();

  private EventDelivery(SegmentLog.Reader lane, EventSink sink, Rejected rejected, Meters meters) {
    this.lane = lane;
    this.sink = sink;
    this.refusals = new RefusedRecords(sink.name(), rejected, meters);
    this.rejected = rejected;
    this.meters = meters;
  }

  /** Starts to deliver a lane to one sink. */
  public static Delivery<?> start(
      EventLane lane, EventSink sink, Rejected rejected, RetryPolicy retry, Meters meters) {
    return start(lane, List.of(sink), rejected, retry, meters).get(0);
  }

  /**
   * Starts to deliver a lane to several sinks, each at its own pace, but none before those that are
   * named before it. What is delivered to all of them is let go.
   */
  public static List<Delivery<?>> start(
      EventLane lane,
      List<? extends EventSink> sinks,
      Rejected rejected,
      RetryPolicy retry,
      Meters meters) {
    List<SegmentLog.Reader> readers = new ArrayList<>();
    SegmentLog.Reader ahead = null;
    for (int i = 0; i < sinks.size(); i++) {
      ahead = lane.log().reader(ahead);
      readers.add(ahead);
    }
    List<Delivery<?>> deliveries = new ArrayList<>();
    for (int i = 0; i < sinks.size(); i++) {
      EventSink sink = sinks.get(i);
      EventDelivery step = new EventDelivery(readers.get(i), sink, rejected, meters);
      deliveries.add(new Delivery<>(sink.name(), readers.get(i), step, retry, meters));
    }
    return deliveries;
  }

  @Override
  public void deliver(SegmentLog.Chunk chunk) throws SinkException, IOException {
    Segment segment = chunk.segment();
    List<SpooledRecord> records = new ArrayList<>();
    List<Segment.Line> damaged = new ArrayList<>(0);
    List<Segment.Line> unfinished = List.of();
    Set<String> ids = new HashSet<>();
    int lines = 0;
    long end = chunk.to();
    try {
      Segment.Content content = lane.read(chunk, pace.pushBytes());
      damaged.addAll(content.damaged());
      unfinished = content.unfinished();
      end = content.end();
      lines = content.records().size() + damaged.size();
      for (Segment.Line line : content.records()) {
        try {
          StoredRecord record = StoredForm.read(line.bytes());
          if (ids.add(record.eventId())) {
            records.add(new SpooledRecord(record, line.bytes(), segment.sequence(), line.offset()));
          }
        } catch (IOException e) {
          damaged.add(line);
        }
      }
    } catch (NoSuchFileException e) {
      // gone before it was read: every line of it is missing
    } catch (IOException e) {
      unreadable++;
      if (unreadable % ATTEMPTS > 0 || !lane.hasEnded(segment)) {
        throw e;
      }
      rejected.keep(segment.path(), name(segment, "unreadable"), "the file cannot be read: " + e);
      if (lane.missing(chunk, 0, end) == 0) { // how many there are is not known
        meters.dropped(DropReason.SPOOL_DAMAGED, "unknown", 1);
      }
    }
    unreadable = 0;
    refusals.give(
        records.stream().filter(record -> !refused.contains(record.offset())).toList(),
        sink::append,
        record -> refused.add(record.offset()));
    setAside(segment, damaged, lane.missing(chunk, lines, end));
    setAsideUnfinished(segment, unfinished);
    long aside = records.stream().filter(record -> refused.remove(record.offset())).count();
    meters.delivered(sink.name(), records.size() - aside);
    pushed = end - chunk.from();
    lane.delivered(chunk, end, lines); // it is, also when this throws
  }

  @Override
  public Duration rest(Duration took) {
    long now = System.nanoTime();
    Duration cycle = Duration.ofNanos(now - lastRest);
    lastRest = now;
    return pace.rest(lane.bytes(), pushed, took, cycle, lane.freeShare());
  }

  /** Unless it was before, when another sink was given the same. */
  private void setAside(Segment segment, List<Segment.Line> damaged, int missing)
      throws IOException {
    List<Segment.Line> lines =
        damaged.stream().filter(line -> !segment.isReported(line.offset())).toList();
    int missed = segment.isReported(MISSING) ? 0 : missing;
    int count = lines.size() + missed;
    if (count > 0) {
      rejected.keep(
          name(segment, "damaged"),
          joined(lines),
          count + " lines are not as they were written, " + missed + " of them missing");
      meters.dropped(DropReason.SPOOL_DAMAGED, "unknown", count);
      lines.forEach(line -> segment.report(line.offset()));
      if (missed > 0) {
        segment.report(MISSING);
      }
    }
  }

  private void setAsideUnfinished(Segment segment, List<Segment.Line> unfinished)
      throws IOException {
    if (!unfinished.isEmpty() && !segment.isReported(unfinished.get(0).offset())) {
      rejected.keep(
          name(segment, "unfinished"),
          joined(unfinished),
          "the file ends in what may be an unfinished write that was never acknowledged");
      meters.dropped(DropReason.SPOOL_UNFINISHED, "unknown", 1);
      segment.report(unfinished.get(0).offset());
    }
  }

  private static byte[] joined(List<Segment.Line> lines) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (Segment.Line line : lines) {
      joined.writeBytes(line.bytes());
      joined.write('\n');
    }
    return joined.toByteArray();
  }

  private static String name(Segment segment, String what) {
    return System.currentTimeMillis() + "." + segment.sequence() + "." + what + ".ndjson";
  }
}
