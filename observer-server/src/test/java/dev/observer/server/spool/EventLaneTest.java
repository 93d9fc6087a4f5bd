package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.Records;
import dev.observer.server.disk.DirectIo;
import dev.observer.server.metrics.Meters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"past the page cache", "through the page cache"})
class EventLaneTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));

  private final boolean cached;
  @TempDir Path directory;
  private final Meters meters = new Meters(new SimpleMeterRegistry());

  EventLaneTest(String writing) {
    this.cached = writing.startsWith("through");
  }

  private EventLane lane(long maxBytes) throws IOException {
    return lane(directory.resolve("events"), maxBytes, InstantSource.system());
  }

  private EventLane lane(Path events, long maxBytes, InstantSource clock) throws IOException {
    return new EventLane(new SegmentLog(events, maxBytes, io(events)), clock);
  }

  private DirectIo io(Path events) throws IOException {
    Files.createDirectories(events);
    return cached ? DirectIo.cached() : DirectIo.of(events);
  }

  private static CompletableFuture<Outcome> append(EventLane lane, String... names) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    List<byte[]> lines = new ArrayList<>();
    for (String name : names) {
      lines.add(Records.line(name));
    }
    lane.append(lines, outcome::complete);
    return outcome;
  }

  private static Outcome outcome(CompletableFuture<Outcome> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  private Delivery<?> deliver(EventLane lane, FailingSink sink) {
    return EventDelivery.start(
        lane, sink, new Rejected(directory.resolve("rejected")), QUICK, meters);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(directory.resolve("events"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private String rejected(String ending) throws IOException {
    try (var files = Files.list(directory.resolve("rejected"))) {
      Path file = files.filter(path -> path.toString().endsWith(ending)).findFirst().orElseThrow();
      return Files.readString(file);
    }
  }

  private List<String> fileNames() throws IOException {
    return files().stream().map(path -> String.valueOf(path.getFileName())).toList();
  }

  @Test
  void appended_isInOneOpenFile_thatGetsItsCountWhenItEnds() throws Exception {
    try (EventLane lane = lane(1 << 20)) {
      assertEquals(Outcome.DURABLE, outcome(append(lane, "a", "b")));
      assertEquals(Outcome.DURABLE, outcome(append(lane, "c")));
      assertEquals(List.of("00000000000000000001.open.ndjson"), fileNames());
      assertEquals(3L * Segment.lineBytes(Records.line("a")), lane.bytes());
    }
    assertEquals(List.of("00000000000000000001.3.ndjson"), fileNames());
    assertEquals(3L * Segment.lineBytes(Records.line("a")), Files.size(files().get(0)));
  }

  @Test
  void large_isSpreadOverFiles_andAllIsDelivered() throws Exception {
    String large = "x".repeat(60_000);
    List<String> names = new ArrayList<>();
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(64 << 20)) {
      for (int i = 0; i < 700; i++) {
        names.add(i + large);
        outcome(append(lane, names.get(i)));
      }
      assertTrue(lane.files() >= 3, lane.files() + " files");
      try (Delivery<?> delivery = deliver(lane, sink)) {
        sink.awaitNames(names);
        assertEquals("failing", delivery.sink());
      }
    }
  }

  @Test
  void deliveredFile_isDeleted_onceNothingMoreComes() throws Exception {
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(1 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      outcome(append(lane, "a"));
      sink.awaitNames(List.of("a"));
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (!files().isEmpty() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), files());
      outcome(append(lane, "b"));
      sink.awaitNames(List.of("a", "b"));
      assertEquals("failing", delivery.sink());
    }
    assertEquals(List.of(), files());
  }

  @Test
  void appendedInACrowd_isDurableForEveryone() throws Exception {
    try (EventLane lane = lane(64 << 20)) {
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        outcomes.add(append(lane, "e" + i));
      }
      for (CompletableFuture<Outcome> future : outcomes) {
        assertEquals(Outcome.DURABLE, outcome(future));
      }
    }
  }

  @Test
  void delivered_inOrder_afterARestart() throws Exception {
    try (EventLane lane = lane(1 << 20)) {
      outcome(append(lane, "a"));
      outcome(append(lane, "b", "c"));
    }
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(1 << 20)) {
      assertEquals(1, lane.files());
      try (Delivery<?> delivery = deliver(lane, sink)) {
        assertEquals(Outcome.DURABLE, outcome(append(lane, "d")));
        sink.awaitNames(List.of("a", "b", "c", "d"));
        assertEquals("failing", delivery.sink());
      }
    }
  }

  @Test
  void append_whenFull_isFull_andGoesOnWhenThereIsRoom() throws Exception {
    int line = Segment.lineBytes(Records.line("a"));
    FailingSink sink = new FailingSink().hanging();
    try (EventLane lane = lane(line * 2L);
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, outcome(append(lane, "a", "b")));
      assertEquals(Outcome.FULL, outcome(append(lane, "c")));
      assertFalse(lane.accepting());
      sink.release();
      sink.awaitNames(List.of("a", "b"));
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (!lane.accepting() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertEquals(Outcome.DURABLE, outcome(append(lane, "d")));
      sink.awaitNames(List.of("a", "b", "d"));
      assertEquals("failing", delivery.sink());
    }
  }

  @Test
  void append_whenTheDiskFails_isFailed_keepsNothing_andGoesOn() throws Exception {
    try (EventLane lane = lane(1 << 20)) {
      Path lost = directory.resolve("events");
      Files.delete(lost); // nothing can be written there any more
      assertEquals(Outcome.FAILED, outcome(append(lane, "a")));
      assertFalse(lane.accepting());
      assertEquals(0, lane.bytes());
      Files.createDirectory(lost);
      assertEquals(Outcome.DURABLE, outcome(append(lane, "b")));
      assertTrue(lane.accepting());
      assertEquals(1, lane.files());
    }
  }

  @Test
  void append_thatBreaksInTheMiddle_leavesNothingBehind_andTheNextIsKept() throws Exception {
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(64 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, outcome(append(lane, "a")));
      CompletableFuture<Outcome> broken = new CompletableFuture<>();
      // The first line is written out at once; the second has no room for its received_at.
      lane.append(List.of(Records.line("x".repeat(2 << 20)), new byte[3]), broken::complete);
      assertEquals(Outcome.FAILED, outcome(broken));
      assertEquals(Outcome.DURABLE, outcome(append(lane, "b")));
      sink.awaitNames(List.of("a", "b"));
      awaitEmpty(lane);
      assertEquals("failing", delivery.sink());
    }
    assertEquals(java.util.Map.of(), meters.losses());
  }

  @Test
  void append_whenASyncFails_isFailed_keepsNothing_andGoesOnInAnotherFile() throws Exception {
    Path events = directory.resolve("events");
    AtomicInteger failures = new AtomicInteger();
    DirectIo faulty =
        io(events)
            .with((path, options) -> new FaultyChannel(FileChannel.open(path, options), failures));
    FailingSink sink = new FailingSink().hanging();
    try (EventLane lane =
            new EventLane(new SegmentLog(events, 1 << 20, faulty), InstantSource.system());
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, outcome(append(lane, "a", "b")));
      long kept = lane.bytes();
      failures.set(2); // that of the data, and that of taking it back
      assertEquals(Outcome.FAILED, outcome(append(lane, "lost")));
      assertTrue(lane.failing());
      assertEquals(kept, lane.bytes());
      assertEquals(Outcome.DURABLE, outcome(append(lane, "c")));
      assertFalse(lane.failing());
      assertEquals(2, lane.files());
      sink.release();
      sink.awaitNames(List.of("a", "b", "c"));
      awaitEmpty(lane);
      assertEquals("failing", delivery.sink());
    }
    assertEquals(java.util.Map.of(), meters.losses());
  }

  @Test
  void append_afterClose_isFailed() throws Exception {
    EventLane lane = lane(1 << 20);
    lane.close();
    assertEquals(Outcome.FAILED, outcome(append(lane, "a")));
  }

  private List<String> receivedAt() throws IOException {
    List<String> times = new ArrayList<>();
    for (Path path : files()) {
      Pattern.compile("\"received_at\":\"2128-06-11T(.*?)Z\"")
          .matcher(Files.readString(path))
          .results()
          .forEach(time -> times.add(time.group(1)));
    }
    return times;
  }

  @Test
  void receivedAt_isAheadOfAClockThatWasSetBack_byAMinuteAtMost() throws Exception {
    long[] time = {5_000_000_000_000L};
    InstantSource jumping = () -> Instant.ofEpochMilli(time[0]);
    try (EventLane lane = lane(directory.resolve("events"), 1 << 20, jumping)) {
      outcome(append(lane, "a"));
      outcome(append(lane, "b"));
      time[0] -= 60_000;
      outcome(append(lane, "c"));
      time[0] += 1_000;
      outcome(append(lane, "d"));
      time[0] -= 2 * 3_600_000;
      outcome(append(lane, "e"));
      time[0] += 1_000;
      outcome(append(lane, "f"));
    }
    assertEquals(
        List.of(
            "08:53:20.000",
            "08:53:20.000",
            "08:53:20.000",
            "08:53:20.000",
            "06:52:21.000",
            "06:52:22.000"),
        receivedAt());
  }

  @Test
  void failingSink_isTriedAgain_untilItTakesEverythingOnce() throws Exception {
    FailingSink sink = new FailingSink().failing(5);
    try (EventLane lane = lane(1 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      assertEquals(Outcome.DURABLE, outcome(append(lane, "a")));
      assertEquals(Outcome.DURABLE, outcome(append(lane, "b")));
      sink.awaitNames(List.of("a", "b"));
      assertEquals("failing", delivery.sink());
    }
  }

  @Test
  void refusedRecord_isSetAside_andTheOthersAreDelivered() throws Exception {
    FailingSink sink = new FailingSink().refusing("bad");
    try (EventLane lane = lane(1 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      outcome(append(lane, "a", "b", "bad", "c"));
      sink.awaitNames(List.of("a", "b", "c"));
      awaitEmpty(lane);
      assertEquals("failing", delivery.sink());
    }
    assertTrue(rejected(".json").contains("\"event_name\":\"bad\""));
    assertEquals("failing: never\n", rejected(".reason.txt"));
    assertEquals(1, meters.losses().get("sink_refused/event"));
  }

  private static void awaitEmpty(EventLane lane) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (lane.files() > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(lane.files() + " files are left");
      }
      Thread.onSpinWait();
    }
  }

  /** Damages a file of six lines, and expects the others delivered. */
  private void assertDelivered(Damage damage, int lost, List<String> expected) throws Exception {
    try (EventLane lane = lane(1 << 20)) {
      outcome(append(lane, "a", "b", "c"));
      outcome(append(lane, "d", "e", "f"));
    }
    damage.to(files().get(0));
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(1 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      outcome(append(lane, "later"));
      sink.awaitNames(expected);
      awaitEmpty(lane);
      assertEquals("failing", delivery.sink());
    }
    assertEquals((long) lost, meters.losses().get("spool_damaged/unknown"));
    assertTrue(rejected(".reason.txt").startsWith(lost + " lines"), rejected(".reason.txt"));
  }

  private interface Damage {
    void to(Path file) throws IOException;
  }

  @Test
  void flippedByte_costsItsLineOnly() throws Exception {
    assertDelivered(
        file -> {
          byte[] bytes = Files.readAllBytes(file);
          bytes[60] ^= 1;
          Files.write(file, bytes);
        },
        1,
        List.of("b", "c", "d", "e", "f", "later"));
    assertTrue(rejected("damaged.ndjson").contains("\"event_name\":\"a\""));
  }

  @Test
  void truncatedFile_costsWhatIsCutOff() throws Exception {
    assertDelivered(
        file -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 20);
          }
        },
        1,
        List.of("a", "b", "c", "d", "e", "later"));
  }

  @Test
  void fileCutAtALinesEnd_isNoticed() throws Exception {
    assertDelivered(
        file -> {
          byte[] bytes = Files.readAllBytes(file);
          int end = 0;
          while (bytes[end++] != '\n') {}
          Files.write(file, Arrays.copyOf(bytes, end));
        },
        5,
        List.of("a", "later"));
  }

  @Test
  void emptyFile_costsItsLinesOnly() throws Exception {
    assertDelivered(file -> Files.write(file, new byte[0]), 6, List.of("later"));
  }

  @Test
  void processThatDied_leavesAnOpenFile_ofWhichOnlyTheUnfinishedEndIsSetAside() throws Exception {
    Path crashed = directory.resolve("crashed");
    Files.createDirectories(crashed);
    try (EventLane lane = lane(1 << 20)) {
      outcome(append(lane, "a", "b"));
      Path file = files().get(0);
      byte[] bytes = Files.readAllBytes(file);
      byte[] torn = Arrays.copyOf(bytes, bytes.length + 40); // half a line and zeros
      System.arraycopy(bytes, 0, torn, bytes.length, 30);
      Files.write(crashed.resolve(file.getFileName()), torn);
    }
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(crashed, 1 << 20, InstantSource.system());
        Delivery<?> delivery = deliver(lane, sink)) {
      outcome(append(lane, "c"));
      sink.awaitNames(List.of("a", "b", "c"));
      awaitEmpty(lane);
      assertEquals("failing", delivery.sink());
    }
    assertEquals(java.util.Map.of("spool_unfinished/unknown", 1L), meters.losses());
    assertTrue(rejected(".reason.txt").contains("never acknowledged"));
  }

  @Test
  void processThatDied_mayLeaveAFileThatWasNotNeededYet_whichIsNoLoss() throws Exception {
    try (EventLane lane = lane(1 << 20)) {
      outcome(append(lane, "a"));
    }
    Path unused = files().get(0).resolveSibling("00000000000000000002.open.ndjson");
    Files.createFile(unused);
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(1 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      outcome(append(lane, "b"));
      sink.awaitNames(List.of("a", "b"));
      awaitEmpty(lane);
      assertEquals("failing", delivery.sink());
    }
    assertEquals(List.of(), files());
    assertEquals(java.util.Map.of(), meters.losses());
  }

  @Test
  void smallAppends_shareBlocks_andAreReadWhileTheFileGrows() throws Exception {
    List<String> names = new ArrayList<>();
    FailingSink sink = new FailingSink();
    try (EventLane lane = lane(1 << 20);
        Delivery<?> delivery = deliver(lane, sink)) {
      for (int i = 0; i < 300; i++) {
        names.add("e" + i);
        assertEquals(Outcome.DURABLE, outcome(append(lane, names.get(i))));
      }
      sink.awaitNames(names);
      assertEquals("failing", delivery.sink());
    }
    assertEquals(java.util.Map.of(), meters.losses());
  }

  @Test
  void foreignFile_isLeftAlone() throws Exception {
    Files.createDirectories(directory.resolve("events"));
    Path foreign = Files.writeString(directory.resolve("events/notes.txt"), "mine");
    try (EventLane lane = lane(1 << 20)) {
      assertEquals(0, lane.files());
    }
    assertTrue(Files.exists(foreign));
  }
}
