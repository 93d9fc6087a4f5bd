package dev.observer.server.spool;

import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.SinkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Delivers the events lane: finds a record that the sink refuses by halving; sets aside, with the
 * reason, what is refused or damaged, and goes on.
 */
public final class EventDelivery implements Delivery.Step<SegmentLog.Chunk> {
  private final SegmentLog lane;
  private final EventSink sink;
  private final Rejected rejected;
  private final Meters meters;

  private final DeliveryPace pace = new DeliveryPace();
  private long pushed;
  private long lastRest = System.nanoTime();

  private EventDelivery(SegmentLog lane, EventSink sink, Rejected rejected, Meters meters) {
    this.lane = lane;
    this.sink = sink;
    this.rejected = rejected;
    this.meters = meters;
  }

  /** Starts to deliver a lane. */
  public static Delivery<?> start(
      EventLane lane, EventSink sink, Rejected rejected, RetryPolicy retry, Meters meters) {
    EventDelivery step = new EventDelivery(lane.log(), sink, rejected, meters);
    return new Delivery<>(sink.name(), lane.log(), step, retry, meters);
  }

  @Override
  public void deliver(SegmentLog.Chunk chunk) throws SinkException, IOException {
    List<StoredRecord> records = new ArrayList<>();
    List<byte[]> damaged = new ArrayList<>(0);
    List<byte[]> unfinished = List.of();
    long end = chunk.to();
    try {
      Segment.Content content = lane.read(chunk, pace.pushBytes());
      damaged.addAll(content.damaged());
      unfinished = content.unfinished();
      end = content.end();
      for (byte[] json : content.records()) {
        try {
          records.add(StoredForm.read(json));
        } catch (IOException e) {
          damaged.add(json);
        }
      }
    } catch (NoSuchFileException e) {
      // gone before it was read: every line of it is missing
    }
    append(records);
    int lines = records.size() + damaged.size();
    setAside(chunk.segment(), damaged, lane.missing(chunk, lines, end));
    setAsideUnfinished(chunk.segment(), unfinished);
    lane.delivered(chunk, end, lines);
    pushed = end - chunk.from();
  }

  @Override
  public Duration rest(Duration took) {
    long now = System.nanoTime();
    Duration cycle = Duration.ofNanos(now - lastRest);
    lastRest = now;
    return pace.rest(lane.bytes(), pushed, took, cycle, lane.freeShare());
  }

  private void setAside(Segment segment, List<byte[]> damaged, int missing) throws IOException {
    int count = damaged.size() + missing;
    if (count > 0) {
      rejected.keep(
          name(segment, "damaged"),
          joined(damaged),
          count + " lines are not as they were written, " + missing + " of them missing");
      meters.dropped(DropReason.SPOOL_DAMAGED, "unknown", count);
    }
  }

  private void setAsideUnfinished(Segment segment, List<byte[]> unfinished) throws IOException {
    if (!unfinished.isEmpty()) {
      rejected.keep(
          name(segment, "unfinished"),
          joined(unfinished),
          "the file ends in what may be an unfinished write that was never acknowledged");
      meters.dropped(DropReason.SPOOL_UNFINISHED, "unknown", 1);
    }
  }

  private static byte[] joined(List<byte[]> lines) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      joined.writeBytes(line);
      joined.write('\n');
    }
    return joined.toByteArray();
  }

  private static String name(Segment segment, String what) {
    return System.currentTimeMillis() + "." + segment.sequence() + "." + what + ".ndjson";
  }

  private void append(List<StoredRecord> records) throws SinkException, IOException {
    if (records.isEmpty()) {
      return;
    }
    try {
      sink.append(records);
      meters.delivered(sink.name(), records.size());
    } catch (SinkException e) {
      if (e.retryable()) {
        throw e;
      }
      if (records.size() > 1) {
        int half = records.size() / 2;
        append(records.subList(0, half));
        append(records.subList(half, records.size()));
        return;
      }
      StoredRecord record = records.get(0);
      rejected.keep(
          record.eventId() + ".json",
          StoredForm.write(record),
          sink.name() + ": " + e.getMessage());
      meters.dropped(DropReason.SINK_REFUSED, record.kind().wireName(), 1);
      meters.rejected(sink.name(), 1);
    }
  }
}
