package dev.observer.server.spool;

import dev.observer.event.Arrival;
import dev.observer.event.BatchException;
import dev.observer.event.ReplayHead;
import dev.observer.event.ReplayReader;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.event.StoredForm;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Delivers files of the replay lane to the replay store, and puts the record that a recording began
 * into the events lane. The file is let go when both are on the disk.
 */
public final class ReplayDelivery implements Delivery.Step<ReplayFile> {
  private static final int RECORDINGS_REMEMBERED = 10_000;

  private final ReplayLane lane;
  private final ReplayStore store;
  private final EventLane events;
  private final ServiceNames services;
  private final Rejected rejected;
  private final Meters meters;

  /** Recordings whose start is recorded; only saves work, the record is idempotent. */
  private final Map<String, Boolean> started =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > RECORDINGS_REMEMBERED;
        }
      };

  private ReplayDelivery(
      ReplayLane lane,
      ReplayStore store,
      EventLane events,
      ServiceNames services,
      Rejected rejected,
      Meters meters) {
    this.lane = lane;
    this.store = store;
    this.events = events;
    this.services = services.unbounded(); // what was acknowledged is not refused any more
    this.rejected = rejected;
    this.meters = meters;
  }

  /** Starts to deliver a lane. */
  public static Delivery<?> start(
      ReplayLane lane,
      ReplayStore store,
      EventLane events,
      ServiceNames services,
      Rejected rejected,
      RetryPolicy retry,
      Meters meters) {
    ReplayDelivery step = new ReplayDelivery(lane, store, events, services, rejected, meters);
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
    record(head);
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

  private void record(ReplayHead head) throws IOException, InterruptedException {
    String recording = head.sessionId() + "/" + head.recordingId();
    if (started.containsKey(recording)) {
      return;
    }
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    events.appendDerived(
        new ArrayList<>(List.of(StoredForm.write(head.started()))), outcome::complete);
    try {
      if (outcome.get() != Outcome.DURABLE) {
        throw new IOException("the events lane did not take the start of a recording");
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    started.put(recording, true);
  }
}
