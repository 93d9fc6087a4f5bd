package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.BrokenLog;
import dev.observer.server.Records;
import dev.observer.server.disk.DirectIo;
import dev.observer.server.metrics.Meters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lane of events on a disk that fails, and without memory. */
@Timeout(60)
class EventLaneFaultsTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));
  private static final long START = 1_800_000_000_000L;
  private static final long LINE = Segment.lineBytes(Records.line("a"));

  @TempDir Path directory;
  private Path events;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Meters meters = new Meters(registry);
  private final AtomicInteger failingSyncs = new AtomicInteger();
  private volatile long now = START;

  /** Opens a file, or fails as a disk may. */
  private volatile DirectIo.Opener opener =
      (path, options) -> new FaultyChannel(FileChannel.open(path, options), failingSyncs);

  @BeforeEach
  void make() throws IOException {
    events = Files.createDirectory(directory.resolve("events"));
  }

  private EventLane lane() throws IOException {
    DirectIo io = DirectIo.of(events).with((path, options) -> opener.open(path, options));
    return new EventLane(new SegmentLog(events, 1 << 20, io), () -> Instant.ofEpochMilli(now));
  }

  private Delivery<?> deliver(EventLane lane, FailingSink sink) {
    return EventDelivery.start(
        lane, sink, new Rejected(directory.resolve("rejected")), QUICK, meters);
  }

  private static Outcome append(EventLane lane, List<byte[]> lines) throws Exception {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    lane.append(lines, outcome::complete);
    return outcome.get(10, TimeUnit.SECONDS);
  }

  private static Outcome append(EventLane lane, String name) throws Exception {
    return append(lane, List.of(Records.line(name)));
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(events)) {
      return files.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }

  private void awaitNoFileBut(String... names) throws IOException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!files().equals(List.of(names)) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals(List.of(names), files());
  }

  /** Lines that no memory is found for when they are written. */
  private static List<byte[]> tooMany() {
    return new AbstractList<>() {
      @Override
      public byte[] get(int index) {
        return Records.line("a");
      }

      @Override
      public int size() {
        return 1;
      }

      @Override
      public Object[] toArray() {
        throw new OutOfMemoryError("none for the lines");
      }
    };
  }

  @Test
  void append_withoutMemory_isFailed_givesItsShareBack_andTheNextIsKept() throws Exception {
    try (BrokenLog log = new BrokenLog(EventLane.class);
        EventLane lane = lane()) {
      assertEquals(Outcome.FAILED, append(lane, tooMany()));
      assertEquals(true, lane.failing(), log::toString);
      assertEquals(1, lane.log().freeShare());
      assertEquals(Outcome.DURABLE, append(lane, "b"));
      assertFalse(lane.failing());
    }
  }

  @Test
  void whoFailsToGoOn_holdsUpNobody() throws Exception {
    try (BrokenLog log = new BrokenLog(EventLane.class);
        EventLane lane = lane()) {
      for (int i = 0; i < 3; i++) {
        lane.append(
            List.of(Records.line("a")),
            outcome -> {
              throw new NoClassDefFoundError("gone");
            });
      }
      assertEquals(Outcome.DURABLE, append(lane, "b"), log::toString);
      assertEquals(4 * LINE, lane.bytes());
    }
  }

  @Test
  void failedWrites_leaveNoFiles() throws Exception {
    try (EventLane lane = lane()) {
      failingSyncs.set(1_000);
      for (int i = 0; i < 5; i++) {
        assertEquals(Outcome.FAILED, append(lane, "a"));
      }
      assertEquals(List.of(), files());
      failingSyncs.set(0);
      assertEquals(Outcome.DURABLE, append(lane, "b"));
      assertEquals(1, files().size());
    }
  }

  @Test
  void emptyFilesOfBefore_holdUpNothing() throws Exception {
    for (int i = 1; i <= 200; i++) {
      Files.createFile(events.resolve(String.format("%020d.0.ndjson", i)));
    }
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane();
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, append(lane, "a"));
      sink.awaitNames(List.of("a")); // for 10 s; with a pause after each it would be a minute
      assertEquals("failing", delivery.sink());
    }
  }

  @Test
  void nameThatIsTaken_costsOneWrite() throws Exception {
    DirectIo.Opener good = opener;
    try (EventLane lane = lane()) {
      opener =
          (path, options) -> {
            Files.createFile(path); // and it cannot be removed
            throw new IOException("Input/output error");
          };
      assertEquals(Outcome.FAILED, append(lane, "a"));
      opener = good;
      assertEquals(Outcome.DURABLE, append(lane, "b"));
    }
  }

  @Test
  void whateverComesAfterTheSync_itIsDurable_andTheFileIsLetGo() throws Exception {
    opener =
        (path, options) ->
            new FaultyChannel(FileChannel.open(path, options), failingSyncs) {
              @Override
              public FileChannel truncate(long size) {
                throw new OutOfMemoryError("none to end a file with");
              }
            };
    FailingSink sink = new FailingSink().hanging();
    try (BrokenLog log = new BrokenLog(SegmentLog.class);
        EventLane lane = lane();
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, append(lane, "a"));
      now = START + 600_000;
      assertEquals(Outcome.DURABLE, append(lane, "b"), log::toString);
      assertEquals(2 * LINE, lane.bytes());
      sink.release();
      sink.awaitNames(List.of("a", "b"));
      awaitNoFileBut();
      assertEquals("failing", delivery.sink());
    }
    assertEquals(Map.of(), meters.losses());
  }

  @Test
  void fileThatCannotBeRenamed_isDeliveredOnceAndDeleted() throws Exception {
    FailingSink sink = new FailingSink().hanging();
    try (EventLane lane = lane();
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, append(lane, "a"));
      String inTheWay = "00000000000000000001.2.ndjson";
      Files.createFile(events.resolve(inTheWay));
      now = START + 600_000;
      assertEquals(Outcome.DURABLE, append(lane, "b"));
      assertEquals(Outcome.DURABLE, append(lane, "c"));
      sink.release();
      sink.awaitNames(List.of("a", "b", "c"));
      awaitNoFileBut(inTheWay);
      assertEquals(3, registry.get("observer.delivered.records").counter().count());
      assertEquals("failing", delivery.sink());
    }
  }

  @Test
  void fileThatCannotBeRead_isSetAsideInTime_andTheNextIsDelivered() throws Exception {
    try (EventLane lane = lane()) {
      assertEquals(Outcome.DURABLE, append(lane, List.of(Records.line("a"), Records.line("b"))));
    }
    Path bad = events.resolve("00000000000000000001.2.ndjson");
    byte[] content = Files.readAllBytes(bad);
    DirectIo.Opener good = opener;
    opener =
        (path, options) -> {
          if (path.equals(bad) && Files.exists(path)) {
            throw new IOException("Input/output error");
          }
          return good.open(path, options);
        };
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane();
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, append(lane, "c"));
      sink.awaitNames(List.of("c"));
      assertEquals("failing", delivery.sink());
    }
    assertEquals(Map.of("spool_damaged/unknown", 2L), meters.losses());
    try (var rejected = Files.list(directory.resolve("rejected"))) {
      Path kept =
          rejected.filter(file -> file.toString().endsWith(".unreadable.ndjson")).findAny().get();
      assertArrayEquals(content, Files.readAllBytes(kept));
    }
  }

  @Test
  void fileThatCannotBeLetGo_takesNothingFromTheNext() throws Exception {
    for (String name : List.of("bad", "good")) {
      try (EventLane lane = lane()) {
        assertEquals(Outcome.DURABLE, append(lane, name));
      }
    }
    AtomicInteger failures = new AtomicInteger(1);
    FailingSink sink = new FailingSink().refusing("bad");
    try (EventLane lane = lane()) {
      lane.log()
          .afterwards(
              segment -> {
                if (failures.getAndDecrement() > 0) {
                  throw new IOException("Read-only file system");
                }
              });
      try (Delivery<?> delivery = deliver(lane, sink)) {
        sink.awaitNames(List.of("good"));
        assertEquals("failing", delivery.sink());
      }
    }
    assertEquals(Map.of("sink_refused/event", 1L), meters.losses());
  }

  @Test
  void fileThatSomebodyDeleted_takesNothingMore_andTheNextDoes() throws Exception {
    try (EventLane lane = lane()) {
      assertEquals(Outcome.DURABLE, append(lane, "a"));
      Files.delete(events.resolve(files().get(0)));
      assertEquals(Outcome.FAILED, append(lane, "b"));
      assertEquals(Outcome.DURABLE, append(lane, "c"));
      assertEquals(1, files().size());
      FailingSink sink = new FailingSink();
      try (Delivery<?> delivery = deliver(lane, sink)) {
        sink.awaitNames(List.of("c"));
        assertEquals("failing", delivery.sink());
      }
    }
    assertEquals(Map.of("spool_damaged/unknown", 1L), meters.losses());
  }

  @Test
  void whatAKilledProcessTriedTheDiskWith_isDeleted() throws Exception {
    Files.writeString(events.resolve("probe.tmp"), "");
    Files.writeString(events.resolve("probe.tmp.tmp"), "");
    try (EventLane lane = lane()) {
      assertEquals(List.of(), files());
      assertFalse(lane.failing());
    }
  }

  @Test
  void syncThatOutlivesTheLane_leavesTheFileToTheNext() throws Exception {
    CountDownLatch syncing = new CountDownLatch(1);
    CountDownLatch well = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    DirectIo.Opener good = opener;
    opener =
        (path, options) ->
            new FaultyChannel(FileChannel.open(path, options), failingSyncs) {
              @Override
              public void force(boolean metaData) throws IOException {
                syncing.countDown();
                try {
                  well.await();
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
                super.force(metaData);
              }

              @Override
              protected void implCloseChannel() throws IOException {
                super.implCloseChannel();
                closed.countDown();
              }
            };
    EventLane slow = lane();
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    slow.append(List.of(Records.line("a")), outcome::complete);
    syncing.await();
    slow.close(Duration.ZERO);
    opener = good;
    FailingSink sink = new FailingSink().hanging();
    try (EventLane next = lane();
        Delivery<?> delivery = deliver(next, sink)) {
      List<String> found = files();
      well.countDown();
      assertEquals(Outcome.DURABLE, outcome.get(10, TimeUnit.SECONDS));
      closed.await();
      assertEquals(Outcome.DURABLE, append(next, "b"));
      assertTrue(files().containsAll(found), () -> found + " are gone");
      sink.release();
      sink.awaitNames(List.of("a", "b"));
      assertEquals("failing", delivery.sink());
    }
    assertEquals(Map.of(), meters.losses());
  }
}
