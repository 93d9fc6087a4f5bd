package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.event.Field;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One lane, read for several sinks, and what a sink is told of a record's place in it. */
class TwoSinksTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Meters meters = new Meters(registry);

  /** Gives each batch to whoever looks, who may refuse it. */
  private static final class Watched implements EventSink {
    interface Watcher {
      void see(List<SpooledRecord> records) throws SinkException;
    }

    private final Watcher watcher;
    private final List<SpooledRecord> taken = new ArrayList<>();

    Watched(Watcher watcher) {
      this.watcher = watcher;
    }

    @Override
    public String name() {
      return "watched";
    }

    @Override
    public synchronized void append(List<SpooledRecord> records) throws SinkException {
      watcher.see(records);
      taken.addAll(records);
    }

    synchronized List<SpooledRecord> taken() {
      return List.copyOf(taken);
    }

    List<String> names() {
      return taken().stream().map(TwoSinksTest::name).toList();
    }

    @Override
    public void close() {}
  }

  private static String name(SpooledRecord spooled) {
    return String.valueOf(spooled.record().text(Field.EVENT_NAME));
  }

  private EventLane lane(Path events, InstantSource clock) throws IOException {
    return new EventLane(events, 64 << 20, clock);
  }

  private EventLane lane() throws IOException {
    return lane(directory.resolve("events"), InstantSource.system());
  }

  private static void append(EventLane lane, byte[]... lines) throws Exception {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    lane.append(new ArrayList<>(List.of(lines)), outcome::complete);
    assertEquals(Outcome.DURABLE, outcome.get(10, TimeUnit.SECONDS));
  }

  /** Delivers until all of it is, and closes. */
  private void deliver(EventLane lane, EventSink... sinks) {
    List<Delivery<?>> deliveries = start(lane, sinks);
    awaitEmpty(lane);
    deliveries.forEach(Delivery::close);
  }

  private List<Delivery<?>> start(EventLane lane, EventSink... sinks) {
    return EventDelivery.start(
        lane, List.of(sinks), new Rejected(directory.resolve("rejected")), QUICK, meters);
  }

  private static void awaitEmpty(EventLane lane) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (lane.bytes() > 0) {
      assertTrue(System.nanoTime() < deadline, lane.bytes() + " bytes are left");
      Thread.onSpinWait();
    }
  }

  private static List<String> names(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("e" + i);
    }
    return names;
  }

  @Test
  void second_isGivenOnlyWhatTheFirstHas() throws Exception {
    FailingSink first = new FailingSink().failing(20);
    Watched second =
        new Watched(
            records -> {
              List<String> had = first.names();
              for (SpooledRecord record : records) {
                assertTrue(had.contains(name(record)), name(record) + " came too early");
              }
            });
    try (EventLane lane = lane()) {
      List<Delivery<?>> deliveries = start(lane, first, second);
      for (String name : names(300)) {
        append(lane, Records.line(name));
      }
      awaitEmpty(lane);
      deliveries.forEach(Delivery::close);
    }
    assertEquals(names(300), first.names());
    assertEquals(names(300), second.names());
    assertEquals(Map.of(), meters.losses());
  }

  @Test
  void sinkThatHangs_doesNotHoldUpTheOneBeforeIt_andKeepsTheFile() throws Exception {
    FailingSink first = new FailingSink();
    FailingSink second = new FailingSink().hanging();
    Path events = directory.resolve("events");
    try (EventLane lane = lane()) {
      List<Delivery<?>> deliveries = start(lane, first, second);
      append(lane, Records.line("e0"));
      first.awaitNames(names(1));
      append(lane, Records.line("e1"), Records.line("e2"));
      first.awaitNames(names(3));
      assertTrue(lane.bytes() > 0);
      assertEquals(1, lane.files());
      second.release();
      second.awaitNames(names(3));
      awaitEmpty(lane);
      deliveries.forEach(Delivery::close);
    }
    try (var files = Files.list(events)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void both_getEverythingOfManyFiles_andThenNothingIsLeft() throws Exception {
    FailingSink first = new FailingSink();
    FailingSink second = new FailingSink();
    List<String> names = new ArrayList<>();
    try (EventLane lane = lane()) {
      List<Delivery<?>> deliveries = start(lane, first, second);
      for (int i = 0; i < 700; i++) {
        names.add(i + "x".repeat(60_000));
        append(lane, Records.line(names.get(i)));
      }
      awaitEmpty(lane);
      deliveries.forEach(Delivery::close);
    }
    assertEquals(names, first.names());
    assertEquals(names, second.names());
    try (var files = Files.list(directory.resolve("events"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void damage_isSetAsideAndCountedOnce() throws Exception {
    try (EventLane lane = lane()) {
      append(lane, Records.line("e0"), Records.line("e1"), Records.line("e2"));
    }
    Path file = directory.resolve("events/00000000000000000001.3.ndjson");
    byte[] bytes = Files.readAllBytes(file);
    bytes[60] ^= 1;
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    FailingSink first = new FailingSink();
    FailingSink second = new FailingSink();
    try (EventLane lane = lane()) {
      deliver(lane, first, second);
    }
    assertEquals(List.of("e1"), first.names());
    assertEquals(List.of("e1"), second.names());
    assertEquals(Map.of("spool_damaged/unknown", 2L), meters.losses());
    try (var files = Files.list(directory.resolve("rejected"))) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void refusedBeforeAFailure_isCountedOnce_andNotGivenAgain() throws Exception {
    int[] failures = {3};
    Watched sink =
        new Watched(
            records -> {
              if (records.stream().anyMatch(record -> name(record).equals("bad"))) {
                throw SinkException.refused("never");
              }
              if (name(records.get(0)).equals("last") && failures[0]-- > 0) {
                throw SinkException.retryable("not now", null);
              }
            });
    try (EventLane lane = lane()) {
      append(lane, Records.line("bad"), Records.line("last"));
      deliver(lane, sink);
    }
    assertEquals(List.of("last"), sink.names());
    assertEquals(Map.of("sink_refused/event", 1L), meters.losses());
    assertEquals(1, registry.get("observer.rejected.records").counter().count());
    assertEquals(1, registry.get("observer.delivered.records").counter().count());
  }

  @Test
  void oneIdTwiceAtOnce_isGivenOnce() throws Exception {
    StoredRecord first = Records.event("first").build();
    StoredRecord again = first.toBuilder().set(Field.EVENT_NAME, "again").build();
    Watched sink = new Watched(records -> {});
    try (EventLane lane = lane()) {
      append(lane, StoredForm.write(first), StoredForm.write(again), Records.line("other"));
      deliver(lane, sink);
    }
    assertEquals(List.of("first", "other"), sink.names());
  }

  @Test
  void times_growWithinAMillisecondAndOverFiles_andAreTheSameWhenReadAgain() throws Exception {
    InstantSource still = () -> Instant.ofEpochMilli(5_000_000_000_000L);
    Path events = directory.resolve("events");
    try (EventLane lane = lane(events, still)) {
      for (int i = 0; i < 300; i++) {
        append(lane, Records.line(i + "x".repeat(60_000)), Records.line(i + "b"));
      }
    }
    Path copy = Files.createDirectory(directory.resolve("copy"));
    try (var files = Files.list(events)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(String.valueOf(file.getFileName())));
      }
    }
    Watched whole = new Watched(records -> {});
    try (EventLane lane = lane(events, still)) {
      deliver(lane, whole);
    }
    Watched again = new Watched(failingEveryOther());
    try (EventLane lane = lane(copy, still)) {
      deliver(lane, again);
    }
    List<Long> times = whole.taken().stream().map(SpooledRecord::arrivalNanos).toList();
    assertEquals(600, times.size());
    for (int i = 1; i < times.size(); i++) {
      assertTrue(times.get(i) > times.get(i - 1), i + ": " + times.get(i));
      assertTrue(whole.taken().get(i).isAfter(whole.taken().get(i - 1)));
    }
    assertEquals(5_000_000_000_000L, times.get(0) / 1_000_000);
    assertEquals(5_000_000_000_001L, times.get(599) / 1_000_000);
    assertEquals(times, again.taken().stream().map(SpooledRecord::arrivalNanos).toList());
  }

  private static Watched.Watcher failingEveryOther() {
    int[] calls = {0};
    return records -> {
      if (calls[0]++ % 2 == 0) {
        throw SinkException.retryable("not now", null);
      }
    };
  }

  @Test
  void file_endsAfterTenMinutes_soThatLittleIsDeliveredAgainAfterACrash() throws Exception {
    long[] time = {5_000_000_000_000L};
    InstantSource clock = () -> Instant.ofEpochMilli(time[0]);
    Path events = directory.resolve("events");
    try (EventLane lane = lane(events, clock)) {
      append(lane, Records.line("a"));
      time[0] += 599_999;
      append(lane, Records.line("b"));
      time[0] += 1;
      append(lane, Records.line("c"));
      append(lane, Records.line("d"));
    }
    try (var files = Files.list(events)) {
      assertEquals(
          List.of("00000000000000000001.3.ndjson", "00000000000000000002.1.ndjson"),
          files.map(file -> String.valueOf(file.getFileName())).sorted().toList());
    }
  }
}
