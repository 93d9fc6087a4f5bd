package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.Records;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.SinkException;
import io.micrometer.core.instrument.Counter;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sink lost after it took it comes back, from files that are kept for that. */
class DeliveryAuditTest {
  private static final Duration KEEP = Duration.ofMinutes(10);
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Meters meters = new Meters(registry);
  private final ForgetfulSink sink = new ForgetfulSink();
  private long now = System.currentTimeMillis();
  private final InstantSource clock = () -> Instant.ofEpochMilli(now);
  private EventLane lane;
  private DeliveredSegments kept;
  private DeliveryAudit audit;
  private List<Delivery<?>> deliveries;

  @BeforeEach
  void open() throws IOException {
    open(64 << 20);
  }

  private void open(long keptBytes) throws IOException {
    Rejected rejected = new Rejected(directory.resolve("rejected"));
    lane = new EventLane(directory.resolve("events"), 64 << 20, clock);
    kept = new DeliveredSegments(directory.resolve("delivered"), keptBytes, clock);
    audit = new DeliveryAudit(lane, kept, sink, KEEP, rejected, meters, clock);
    deliveries = EventDelivery.start(lane, List.of(sink), rejected, QUICK, meters);
  }

  @AfterEach
  void close() {
    audit.close();
    deliveries.forEach(Delivery::close);
    lane.close();
  }

  /** Appends records and waits until the sink took them. */
  private List<String> deliver(String... names) throws Exception {
    List<byte[]> lines = new ArrayList<>();
    for (String name : names) {
      lines.add(Records.line(name));
    }
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    lane.append(lines, outcome::complete);
    assertEquals(Outcome.DURABLE, outcome.get(10, TimeUnit.SECONDS));
    await(() -> lane.bytes() == 0);
    return List.of(names);
  }

  /** The same, and until its file is one of the delivered: the lane ends it after a rest. */
  private List<String> deliverFile(String... names) throws Exception {
    int before = kept.all().size();
    List<String> delivered = deliver(names);
    await(() -> kept.all().size() > before);
    return delivered;
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, "it does not come");
      Thread.onSpinWait();
    }
  }

  private double checked(String outcome) {
    Counter counter = registry.find("observer.checked.records").tag("outcome", outcome).counter();
    return counter == null ? 0 : counter.count();
  }

  private long filesIn(String name) throws IOException {
    if (!Files.exists(directory.resolve(name))) {
      return 0;
    }
    try (var files = Files.list(directory.resolve(name))) {
      return files.count();
    }
  }

  @Test
  void deliveredFile_isKept_andLetGoInItsTime_whenTheSinkHasIt() throws Exception {
    deliverFile("a", "b");
    assertEquals(0, filesIn("events"));
    assertEquals(1, filesIn("delivered"));
    assertTrue(kept.bytes() > 0);
    now += KEEP.toMillis() - 1;
    audit.look();
    assertEquals(1, filesIn("delivered"));
    now += 1;
    audit.look();
    assertEquals(0, filesIn("delivered"));
    assertEquals(0, kept.bytes());
    assertEquals(2, checked("present"));
    assertEquals(2, sink.appended());
  }

  @Test
  void lostWithoutASign_isFoundBeforeTheFileIsLetGo_andRestoredAsItWas() throws Exception {
    deliverFile("a", "b", "c");
    Map<String, Long> times = sink.times();
    sink.lose(List.of("b", "c"));
    audit.look();
    assertEquals(List.of("a"), sink.names());
    now += KEEP.toMillis();
    audit.look();
    assertEquals(times, sink.times());
    assertEquals(2, checked("restored"));
    assertEquals(1, checked("present"));

    // It may be lost again, so it is kept anew.
    assertEquals(1, filesIn("delivered"));
    sink.lose(List.of("a"));
    now += KEEP.toMillis();
    audit.look();
    assertEquals(times.keySet(), sink.times().keySet());
    now += KEEP.toMillis();
    audit.look();
    assertEquals(0, filesIn("delivered"));
  }

  @Test
  void lostWithASign_isRestoredAtOnce_alsoOfTheFileThatIsStillWritten() throws Exception {
    List<String> old = deliverFile("a", "b");
    deliver("c");
    sink.restart(List.of("a", "c"));
    audit.look();
    assertEquals(List.of("a", "b", "c"), sink.names());
    assertEquals(2, checked("restored"));
    audit.look();
    assertEquals(2, checked("restored"));
    assertEquals(2, old.size());
  }

  @Test
  void afterARestartOfTheServer_keptFilesAreStillKept_andNotDeliveredAgain() throws Exception {
    deliverFile("a", "b");
    close();
    sink.restart(List.of("b"));
    open();
    deliverFile("c");
    audit.look();
    assertEquals(List.of("a", "b", "c"), sink.names());
    assertEquals(3, sink.appended());
    assertEquals(2, filesIn("delivered"));
    now += KEEP.toMillis();
    audit.look();
    assertEquals(0, filesIn("delivered"));
  }

  @Test
  void whileTheSinkSaysNothing_nothingIsLetGo() throws Exception {
    deliverFile("a");
    sink.lose(List.of("a"));
    sink.silent(true);
    now += 10 * KEEP.toMillis();
    assertThrows(SinkException.class, audit::look);
    assertEquals(1, filesIn("delivered"));
    sink.silent(false);
    audit.look();
    assertEquals(List.of("a"), sink.names());
  }

  @Test
  void tooManyBytes_letTheOldestGo_andThatIsCounted() throws Exception {
    close();
    open(3_000);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      now += 1;
      names.addAll(deliver(i + "x".repeat(1_000)));
      await(() -> filesIn("events") == 0 && kept.bytes() <= 3_000);
    }
    await(() -> filesIn("delivered") == 2);
    assertEquals(2, checked("unchecked"));
    assertTrue(kept.bytes() <= 3_000);
    sink.restart(names);
    audit.look();
    assertEquals(names.subList(2, 4), sink.names());
  }

  @Test
  void refusedWhenRestored_isSetAsideOnce_andTheOthersAreRestored() throws Exception {
    deliverFile("a", "b", "c");
    sink.refuse(List.of("b"));
    sink.restart(List.of("a", "b", "c"));
    audit.look();
    assertEquals(List.of("a", "c"), sink.names());
    assertEquals(2, filesIn("rejected"));
    assertEquals(Map.of("sink_refused/event", 1L), meters.losses());
    now += KEEP.toMillis();
    audit.look();
    assertEquals(0, filesIn("delivered"), "that it was refused is known");
    assertEquals(Map.of("sink_refused/event", 1L), meters.losses());
  }

  @Test
  void whatItWouldNotTakeAgain_isLetGo_andCountedAsUnchecked() throws Exception {
    deliverFile("a", "b", "c");
    List<String> old = List.of("a", "b");
    sink.lose(old);
    sink.outgrow(old);
    sink.refuse(old);
    now += KEEP.toMillis();
    audit.look();
    assertEquals(0, filesIn("delivered"));
    assertEquals(0, filesIn("rejected"));
    assertEquals(2, checked("unchecked"));
    assertEquals(1, checked("present"));
  }

  @Test
  void whatIsHidden_isNotRestoredForEver() throws Exception {
    deliverFile("a");
    sink.hide();
    for (int i = 0; i < 3; i++) {
      now += KEEP.toMillis();
      audit.look();
      assertEquals(1, filesIn("delivered"));
    }
    now += KEEP.toMillis();
    audit.look();
    assertEquals(0, filesIn("delivered"));
    assertEquals(3, checked("restored"));
    assertEquals(1, checked("hidden"));
  }

  @Test
  void largeFile_isAskedForInParts_andSmallOnesTogether() throws Exception {
    String[] large = new String[150]; // 9 MB
    Arrays.setAll(large, i -> i + "x".repeat(60_000));
    List<String> names = new ArrayList<>(deliverFile(large));
    names.addAll(deliverFile("a", "b"));
    names.addAll(deliverFile("c"));
    sink.restart(names);
    audit.look();
    assertEquals(names.stream().sorted().toList(), sink.names());
    assertEquals(153, checked("restored"));
    assertTrue(sink.asked() <= 5, "asked " + sink.asked() + " times");
    now += KEEP.toMillis();
    audit.look();
    assertEquals(0, filesIn("delivered"));
  }

  @Test
  void foreignFile_isLeftAlone() throws Exception {
    Path file = directory.resolve("delivered/notes.txt");
    Files.writeString(file, "mine");
    close();
    open();
    now += KEEP.toMillis();
    audit.look();
    assertEquals("mine", Files.readString(file));
  }
}
