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
import java.util.ArrayList;
import java.util.List;

/**
 * Delivers files of the events lane: joins small ones into one push; finds a record that the sink
 * refuses by halving; sets aside, with the reason, what is refused or damaged, and goes on.
 */
public final class EventDelivery implements Delivery.Step<SpoolFile> {
  private static final int MAX_FILES = 256;
  private static final long MAX_BYTES = 8L << 20;

  private final LaneDirectory<SpoolFile> lane;
  private final EventSink sink;
  private final Rejected rejected;
  private final Meters meters;

  private EventDelivery(
      LaneDirectory<SpoolFile> lane, EventSink sink, Rejected rejected, Meters meters) {
    this.lane = lane;
    this.sink = sink;
    this.rejected = rejected;
    this.meters = meters;
  }

  /** Starts to deliver a lane. */
  public static Delivery<?> start(
      EventLane lane, EventSink sink, Rejected rejected, RetryPolicy retry, Meters meters) {
    EventDelivery step = new EventDelivery(lane.directory(), sink, rejected, meters);
    return new Delivery<>(sink.name(), lane.directory(), step, MAX_FILES, MAX_BYTES, retry, meters);
  }

  @Override
  public void deliver(List<SpoolFile> files) throws SinkException, IOException {
    List<StoredRecord> records = new ArrayList<>();
    for (SpoolFile file : files) {
      read(file, records);
    }
    append(records);
    lane.remove(files);
  }

  private void read(SpoolFile file, List<StoredRecord> records) throws IOException {
    SpoolFile.Content content;
    try {
      content = file.read();
    } catch (NoSuchFileException e) {
      meters.dropped(DropReason.SPOOL_DAMAGED, "unknown", file.lines());
      rejected.keep(name(file, "missing"), new byte[0], "the file was gone before it was read");
      return;
    }
    ByteArrayOutputStream damaged = new ByteArrayOutputStream();
    int count = content.missing();
    for (byte[] line : content.damaged()) {
      damaged.writeBytes(line);
      damaged.write('\n');
      count++;
    }
    for (byte[] json : content.records()) {
      try {
        records.add(StoredForm.read(json));
      } catch (IOException e) {
        damaged.writeBytes(json);
        damaged.write('\n');
        count++;
      }
    }
    if (count > 0) {
      rejected.keep(
          name(file, "damaged"),
          damaged.toByteArray(),
          count
              + " of "
              + file.lines()
              + " lines are not as they were written, "
              + content.missing()
              + " of them missing");
      meters.dropped(DropReason.SPOOL_DAMAGED, "unknown", count);
    }
  }

  private static String name(SpoolFile file, String what) {
    return System.currentTimeMillis() + "." + file.sequence() + "." + what + ".ndjson";
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
