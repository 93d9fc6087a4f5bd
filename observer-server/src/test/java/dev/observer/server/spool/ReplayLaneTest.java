package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.event.ServiceNames;
import dev.observer.server.TestServer;
import dev.observer.server.embedded.FileReplayStore;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayLaneTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));

  @TempDir Path directory;
  private final Meters meters = new Meters(new SimpleMeterRegistry());
  private FileReplayStore store;

  @BeforeEach
  void open() {
    store = new FileReplayStore(directory);
  }

  private ReplayLane lane(long maxBytes) throws IOException {
    return new ReplayLane(
        directory.resolve("spool/replays"), maxBytes, store, InstantSource.system());
  }

  private static ReplayKey key(int sequence) {
    return new ReplayKey("session-1", "recording-1", sequence);
  }

  private static Outcome upload(ReplayLane lane, int sequence, String events) throws Exception {
    return begin(lane, sequence, events).get(10, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Outcome> begin(ReplayLane lane, int sequence, String events)
      throws IOException {
    byte[] body =
        TestServer.replay("session-1", "recording-1", sequence, events)
            .replaceFirst("\"start_time\":\"[^\"]*\"", "\"start_time\":\"2026-11-25T10:00:00Z\"")
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
      gzip.write(body);
    }
    ReplayLane.Upload upload = Objects.requireNonNull(lane.begin());
    upload.write(gzipped.toByteArray(), 0, gzipped.size());
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    upload.finish(key(sequence), ReplayLane.sha256().digest(body), outcome::complete);
    return outcome;
  }

  private void deliverAll(ReplayLane lane, FailingSink events) throws IOException {
    try (EventLane eventLane =
            new EventLane(directory.resolve("spool/events"), 1 << 20, InstantSource.system());
        Delivery<?> eventDelivery =
            EventDelivery.start(
                eventLane, events, new Rejected(directory.resolve("rejected")), QUICK, meters);
        OpenRecordings recordings =
            new OpenRecordings(
                directory.resolve("spool/recordings"),
                eventLane,
                lane,
                new Rejected(directory.resolve("rejected")),
                meters,
                InstantSource.system());
        Delivery<?> delivery =
            ReplayDelivery.start(
                lane,
                store,
                recordings,
                new ServiceNames("shop", "test", 1),
                new Rejected(directory.resolve("rejected")),
                QUICK,
                meters)) {
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (lane.files() > 0 || eventLane.bytes() > 0) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(delivery.failure() + ", " + eventDelivery.failure());
        }
        Thread.onSpinWait();
      }
    }
  }

  private boolean isStored(int sequence) throws Exception {
    try (InputStream in = store.open(key(sequence))) {
      return in != null;
    }
  }

  @Test
  void uploaded_isDelivered_afterARestart_andItsStartIsRecordedOnce() throws Exception {
    ReplayLane first = lane(1 << 20);
    assertEquals(Outcome.DURABLE, upload(first, 0, "[1]"));
    assertEquals(Outcome.DURABLE, upload(first, 1, "[2]"));
    Files.writeString(directory.resolve("spool/replays/tmp/upload-9"), "half");

    ReplayLane second = lane(1 << 20);
    assertEquals(2, second.files());
    assertEquals(Outcome.DURABLE, upload(second, 0, "[1]"), "the same again");
    assertEquals(Outcome.CONFLICT, upload(second, 0, "[7]"));
    assertEquals(2, second.files());
    FailingSink events = new FailingSink();
    deliverAll(second, events);
    assertTrue(isStored(0) && isStored(1));
    assertEquals(1, events.names().size());
    assertEquals(Outcome.CONFLICT, upload(second, 1, "[7]"), "what was delivered stays, too");
    assertEquals(0, second.bytes());
  }

  /** To inflate what is stored for whoever asks would be dear. */
  @Test
  void conflictWithWhatWasDelivered_isSeenWithoutReadingIt_untilItIsDeleted() throws Exception {
    ReplayLane lane = lane(1 << 20);
    assertEquals(Outcome.DURABLE, upload(lane, 0, "[1]"));
    deliverAll(lane, new FailingSink());
    Path stored = directory.resolve(key(0).path());
    Files.writeString(stored, "no gzip any more");
    assertEquals(Outcome.CONFLICT, upload(lane, 0, "[7]"));
    assertEquals(Outcome.DURABLE, upload(lane, 0, "[1]"));
    assertEquals(0, lane.files());
    Files.delete(stored);
    assertEquals(Outcome.DURABLE, upload(lane, 0, "[7]"));
    assertEquals(1, lane.files());
  }

  @Test
  void damagedFile_isSetAside_andTheOthersAreDelivered() throws Exception {
    ReplayLane lane = lane(1 << 20);
    for (int sequence = 0; sequence < 3; sequence++) {
      assertEquals(Outcome.DURABLE, upload(lane, sequence, "[" + sequence + "]"));
    }
    List<Path> files;
    try (var list = Files.list(directory.resolve("spool/replays"))) {
      files = list.filter(Files::isRegularFile).sorted().toList();
    }
    byte[] bytes = Files.readAllBytes(files.get(1));
    bytes[bytes.length - 12] ^= 1;
    Files.write(files.get(1), bytes);
    deliverAll(lane, new FailingSink());
    assertTrue(isStored(0) && isStored(2));
    assertTrue(!isStored(1));
    assertEquals(1L, meters.losses().get("spool_damaged/replay"));
    Path kept = directory.resolve("rejected").resolve(files.get(1).getFileName());
    assertTrue(Files.exists(kept));
    assertTrue(Files.exists(kept.resolveSibling(kept.getFileName() + ".reason.txt")));
  }

  @Test
  void full_isFull_andAnAbandonedUploadGivesItsShareBack() throws Exception {
    ReplayLane lane = lane(400);
    ReplayLane.Upload upload = lane.begin();
    assertNotNull(upload);
    upload.write(new byte[300], 0, 300);
    assertNull(upload.trouble());
    assertEquals(Outcome.FULL, upload(lane, 0, "[1]"));
    upload.close();
    assertEquals(0, lane.bytes());
    assertEquals(Outcome.DURABLE, upload(lane, 0, "[1]"));
  }

  @Test
  void failedDisk_isForgottenWithoutABatch_andTheNextOneIsTaken() throws Exception {
    long[] time = {1_800_000_000_000L};
    InstantSource clock = () -> Instant.ofEpochMilli(time[0]);
    ReplayLane lane = new ReplayLane(directory.resolve("replays"), 1 << 20, store, clock);
    Path lost = directory.resolve("replays/tmp");
    Files.delete(lost); // nothing can be written there any more
    assertNull(lane.begin());
    assertTrue(!lane.accepting());
    time[0] += 20_000;
    assertTrue(lane.accepting());
    Files.createDirectory(lost);
    assertEquals(Outcome.DURABLE, upload(lane, 0, "[1]"));
  }

  /** A disk on which nothing is found for a while. */
  private record SlowStore(CountDownLatch well) implements ReplayStore {
    @Override
    public String name() {
      return "slow";
    }

    @Override
    public boolean isLocal() {
      return true;
    }

    @Override
    public boolean put(ReplayKey key, Path file) {
      return true;
    }

    @Override
    public List<Batch> list(String sessionId) {
      return List.of();
    }

    @Override
    public @Nullable InputStream open(ReplayKey key) throws SinkException {
      try {
        well.await();
        return null;
      } catch (InterruptedException e) {
        throw SinkException.retryable("interrupted", e);
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void uploadThatOutlivesItsLane_touchesNothingOfTheNext() throws Exception {
    ReplayLane.Upload old = Objects.requireNonNull(lane(1 << 20).begin());
    ReplayLane next = lane(1 << 20);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    try (ReplayLane.Upload upload = Objects.requireNonNull(next.begin())) {
      upload.write(new byte[] {1}, 0, 1);
      old.close();
      upload.finish(key(0), new byte[] {1}, outcome::complete);
      assertEquals(Outcome.DURABLE, outcome.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void uploadsThatWaitForTheDisk_holdUpNobody_andTooManyAreFull() throws Exception {
    CountDownLatch well = new CountDownLatch(1);
    ReplayLane lane =
        new ReplayLane(
            directory.resolve("replays"), 1 << 20, new SlowStore(well), InstantSource.system());
    List<CompletableFuture<Outcome>> burst = new ArrayList<>();
    for (int i = 0; i < ReplayLane.WRITERS + ReplayLane.WAITING; i++) {
      burst.add(begin(lane, i, "[1]"));
    }
    long held = lane.bytes();
    assertEquals(Outcome.FULL, begin(lane, burst.size(), "[1]").getNow(null));
    assertEquals(held, lane.bytes());
    assertFalse(lane.accepting());
    well.countDown();
    for (CompletableFuture<Outcome> one : burst) {
      assertEquals(Outcome.DURABLE, one.get(10, TimeUnit.SECONDS));
    }
    assertEquals(burst.size(), lane.files());
    assertTrue(lane.accepting());
    lane.close(Duration.ofSeconds(5));
    assertEquals(Outcome.FAILED, begin(lane, burst.size(), "[1]").getNow(null));
    assertEquals(held, lane.bytes());
  }
}
