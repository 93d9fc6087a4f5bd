package dev.observer.server.spool;

import dev.observer.event.Arrival;
import dev.observer.event.BatchException;
import dev.observer.event.ReplayHead;
import dev.observer.event.ReplayReader;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Delivers files of the replay lane to the replay store, and tells {@link OpenRecordings}, which
 * records when a recording began and ended. The file is let go when all of it is on the disk.
 */
public final class ReplayDelivery implements Delivery.Step<ReplayFile> {
  private final ReplayLane lane;
  private final ReplayStore store;
  private final OpenRecordings recordings;
  private final ServiceNames services;
  private final Rejected rejected;
  private final Meters meters;

  private ReplayDelivery(
      ReplayLane lane,
      ReplayStore store,
      OpenRecordings recordings,
      ServiceNames services,
      Rejected rejected,
      Meters meters) {
    this.lane = lane;
    this.store = store;
    this.recordings = recordings;
    this.services = services.unbounded(); // what was acknowledged is not refused any more
    this.rejected = rejected;
    this.meters = meters;
  }

  /** Starts to deliver a lane. */
  public static Delivery<?> start(
      ReplayLane lane,
      ReplayStore store,
      OpenRecordings recordings,
      ServiceNames services,
      Rejected rejected,
      RetryPolicy retry,
      Meters meters) {
    ReplayDelivery step = new ReplayDelivery(lane, store, recordings, services, rejected, meters);
    return new Delivery<>(store.name(), lane.directory(), step, retry, meters);
  }

  @Override
  public void deliver(ReplayFile file) throws SinkException, IOException, InterruptedException {
    ReplayHead head;
    try {
      head = head(file);
    } catch (BatchException | ZipException | NoSuchFileException e) {
      setAside(file, DropReason.SPOOL_DAMAGED, "the file is not as it was written: " + e);
      return;
    }
    try {
      store.put(file.key(), file.path());
    } catch (SinkException e) {
      if (e.retryable()) {
        throw e;
      }
      setAside(file, DropReason.SINK_REFUSED, store.name() + ": " + e.getMessage());
      meters.rejected(store.name(), 1);
      return;
    }
    recordings.batch(head, file.receivedAt());
    lane.remove(file);
    meters.delivered(store.name(), 1);
  }

  private void setAside(ReplayFile file, DropReason reason, String why) throws IOException {
    rejected.keep(file.path(), String.valueOf(file.path().getFileName()), why);
    meters.dropped(reason, "replay", 1);
    lane.remove(file);
  }

  /** Reads what stands before the events, and the rest for its checksum's sake. */
  private ReplayHead head(ReplayFile file) throws IOException, BatchException {
    Arrival arrival = new Arrival(file.receivedAt(), Source.CLIENT, null, services);
    ReplayReader reader = new ReplayReader(Integer.MAX_VALUE, Integer.MAX_VALUE, arrival);
    try (InputStream stored = Files.newInputStream(file.path());
        GZIPInputStream inflated = new GZIPInputStream(stored, 8192)) {
      byte[] buffer = new byte[8192];
      @Nullable ReplayHead head = null;
      for (int n = inflated.read(buffer); n >= 0; n = inflated.read(buffer)) {
        if (head == null) {
          reader.accept(buffer, 0, n);
          head = reader.head();
        }
      }
      return head != null ? head : reader.finish();
    } catch (java.io.EOFException e) {
      throw new ZipException("it ends too early");
    }
  }
}
