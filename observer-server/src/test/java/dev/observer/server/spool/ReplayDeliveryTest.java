package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "a store on this machine: {0}")
@ValueSource(booleans = {true, false})
class ReplayDeliveryTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));

  @TempDir Path directory;
  private final boolean local;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Meters meters = new Meters(registry);
  private final InstantSource clock = InstantSource.system();
  private Store store;
  private Rejected rejected;
  private EventLane events;
  private ReplayLane lane;
  private OpenRecordings recordings;

  ReplayDeliveryTest(boolean local) {
    this.local = local;
  }

  /** Files, as if they were elsewhere; knows whether something was set aside before each put. */
  private final class Store implements ReplayStore {
    private final FileReplayStore files = new FileReplayStore(directory);
    private final List<Boolean> afterASetAside = new ArrayList<>();
    private final List<Integer> tried = new ArrayList<>();
    private IntPredicate failing = sequence -> false;

    @Override
    public String name() {
      return "store";
    }

    @Override
    public boolean isLocal() {
      return local;
    }

    @Override
    public synchronized boolean put(ReplayKey key, Path file) throws SinkException {
      afterASetAside.add(Files.exists(directory.resolve("rejected")));
      tried.add(key.sequence());
      if (failing.test(key.sequence())) {
        throw SinkException.retryable("not now", null);
      }
      return files.put(key, file);
    }

    synchronized int tries() {
      return tried.size();
    }

    synchronized void fail(IntPredicate sequences) {
      failing = sequences;
    }

    @Override
    public List<Batch> list(String sessionId) throws SinkException {
      return files.list(sessionId);
    }

    @Override
    public @Nullable InputStream open(ReplayKey key) throws SinkException {
      return files.open(key);
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void open() throws IOException {
    store = new Store();
    rejected = new Rejected(directory.resolve("rejected"));
    events = new EventLane(directory.resolve("events"), 1 << 20, clock);
    lane = new ReplayLane(directory.resolve("spool"), 1 << 20, store, clock);
    recordings =
        new OpenRecordings(directory.resolve("recordings"), events, lane, rejected, meters, clock);
  }

  @AfterEach
  void close() {
    events.close();
  }

  private void upload(String recording, int sequence) throws IOException {
    byte[] body =
        TestServer.replay("session-1", recording, sequence, "[1]").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
      gzip.write(body);
    }
    try (ReplayLane.Upload upload = Objects.requireNonNull(lane.begin())) {
      upload.write(gzipped.toByteArray(), 0, gzipped.size());
      ReplayKey key = new ReplayKey("session-1", recording, sequence);
      assertEquals(Outcome.DURABLE, upload.finish(key, ReplayLane.sha256().digest(body)));
    }
  }

  private Delivery<?> deliver() {
    ServiceNames services = new ServiceNames("shop", "test", 1);
    return ReplayDelivery.start(lane, store, recordings, services, rejected, QUICK, meters);
  }

  private static void await(Delivery<?> delivery, BooleanSupplier done) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, delivery.failure());
      Thread.onSpinWait();
    }
  }

  /** Something that stands where a file is expected and cannot be read or replaced. */
  private static Path inTheWay(Path file) throws IOException {
    Files.deleteIfExists(file);
    return Files.createFile(Files.createDirectory(file).resolve("something"));
  }

  @Test
  void recordingThatCannotBeNoted_isInNobodysWay() throws Exception {
    upload("recording-1", 0);
    upload("recording-2", 0);
    upload("recording-3", 0);
    Path notes = directory.resolve("recordings/session-1.recording-1.json.tmp");
    Path something = inTheWay(notes);
    try (Delivery<?> delivery = deliver()) {
      await(delivery, () -> lane.files() == 1);
      assertEquals(
          "recording-1", Objects.requireNonNull(lane.directory().oldest()).key().recordingId());
      Files.delete(something);
      await(delivery, () -> lane.files() == 0);
    }
    assertEquals(3, recordings.open());
  }

  @Test
  void batchesThatDoNotGoIn_areInNobodysWay_andGoWhenTheyCan() throws Exception {
    for (int sequence = 0; sequence < 60; sequence++) {
      upload("recording-1", sequence);
    }
    store.fail(sequence -> sequence < 20);
    try (Delivery<?> delivery = deliver()) {
      await(delivery, () -> lane.files() == 20);
      store.fail(sequence -> false);
      await(delivery, () -> lane.files() == 0);
    }
    assertEquals(60, store.list("session-1").size());
  }

  @Test
  void afterARoundInWhichNoneWent_oneIsGivenAlone_anotherEachTime() throws Exception {
    for (int sequence = 0; sequence < 20; sequence++) {
      upload("recording-1", sequence);
    }
    store.fail(sequence -> true);
    try (Delivery<?> delivery = deliver()) {
      await(delivery, () -> store.tries() >= 20);
    }
    assertEquals(store.tries() - 7, attempts("failure"));
    assertEquals(
        IntStream.range(0, 20).boxed().toList(), store.tried.stream().limit(20).sorted().toList());
  }

  private long attempts(String outcome) {
    return registry.get("observer.delivery").tag("outcome", outcome).timer().count();
  }

  @Test
  void filesThatCannotBeRead_areSetAsideInTime_andTheOthersAreDeliveredBefore() throws Exception {
    for (int sequence = 0; sequence < 12; sequence++) {
      upload("recording-1", sequence);
    }
    List<ReplayFile> files = lane.directory().entries();
    for (ReplayFile file : files.subList(0, 10)) {
      inTheWay(file.path());
    }
    try (Delivery<?> delivery = deliver()) {
      await(delivery, () -> lane.files() == 0);
    }
    assertEquals(List.of(false, false), store.afterASetAside);
    assertEquals(10L, meters.losses().get("spool_damaged/replay"));
    String name = String.valueOf(files.get(9).path().getFileName());
    assertTrue(Files.exists(directory.resolve("rejected").resolve(name).resolve("something")));
    String reason = Files.readString(directory.resolve("rejected/" + name + ".reason.txt"));
    assertTrue(reason.startsWith("the file cannot be read: "), reason);
  }
}
