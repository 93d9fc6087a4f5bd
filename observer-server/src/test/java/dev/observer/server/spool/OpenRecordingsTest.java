package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.event.Arrival;
import dev.observer.event.Field;
import dev.observer.event.ReplayHead;
import dev.observer.event.ReplayReader;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.event.StoredRecord;
import dev.observer.server.TestServer;
import dev.observer.server.embedded.FileReplayStore;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.ReplayKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenRecordingsTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(2));
  private static final long START = Instant.parse("2026-11-25T10:00:00Z").toEpochMilli();
  private static final long MINUTE = 60_000;

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Meters meters = new Meters(registry);
  private final FailingSink sink = new FailingSink();
  private volatile long now = START;
  private final InstantSource clock = () -> Instant.ofEpochMilli(now);
  private EventLane events;
  private ReplayLane replays;
  private Delivery<?> delivery;

  @BeforeEach
  void open() throws IOException {
    events = new EventLane(directory.resolve("events"), 1, clock); // full, which is no reason
    replays =
        new ReplayLane(
            directory.resolve("replays"), 1 << 20, new FileReplayStore(directory), clock);
    delivery = EventDelivery.start(events, sink, rejected(), QUICK, meters);
  }

  @AfterEach
  void close() {
    delivery.close();
    events.close();
  }

  private Rejected rejected() {
    return new Rejected(directory.resolve("rejected"));
  }

  private OpenRecordings recordings(int maxOpen) throws IOException {
    return new OpenRecordings(
        directory.resolve("recordings"), events, replays, rejected(), meters, clock, maxOpen);
  }

  private void batch(OpenRecordings recordings, String recording, int sequence) throws Exception {
    ServiceNames services = new ServiceNames("shop", "test", 1);
    ReplayReader reader =
        new ReplayReader(9, 1000, new Arrival(now, Source.CLIENT, null, services));
    byte[] body =
        TestServer.replay("session-1", recording, sequence, "[1]")
            .replaceFirst("\"start_time\":\"[^\"]*\"", "\"start_time\":\"2026-11-25T09:59:59Z\"")
            .getBytes(StandardCharsets.UTF_8);
    reader.accept(body, 0, body.length);
    ReplayHead head = reader.finish();
    recordings.batch(head, now);
  }

  private void endQuiet(OpenRecordings recordings, long at) throws Exception {
    now = at;
    recordings.endQuiet();
  }

  /** What the sink has in the end, as {@code recording type minutes}. */
  private void assertStored(String... records) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (events.bytes() > 0) {
      assertTrue(System.nanoTime() < deadline, "the events lane is not delivered");
      Thread.onSpinWait();
    }
    assertEquals(List.of(records), sink.records().stream().map(OpenRecordingsTest::shown).toList());
  }

  private static String shown(StoredRecord record) {
    String type = String.valueOf(record.text(Field.EVENT_TYPE)).replace("session_replay_", "");
    return record.text(Field.RECORDING_ID)
        + " "
        + type
        + " "
        + Math.floorDiv(record.timestamp() - START, MINUTE);
  }

  private double ended(String cause) {
    return registry.get("observer.recordings.ended").tag("cause", cause).counter().count();
  }

  @Test
  void quietRecording_isEndedOnce_atTheTimeOfItsLastBatch() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    now = START + 20 * MINUTE;
    batch(recordings, "recording-1", 1);
    endQuiet(recordings, START + 50 * MINUTE - 1);
    assertStored("recording-1 started -1");
    endQuiet(recordings, START + 50 * MINUTE);
    endQuiet(recordings, START + 500 * MINUTE);
    assertStored("recording-1 started -1", "recording-1 ended 20");
    StoredRecord end = sink.records().get(1);
    assertEquals(
        List.of("replay", "session-1", "u-1", "https://shop.example/", START - 1000, "shop"),
        List.of(
            end.kind().wireName(),
            Objects.requireNonNull(end.text(Field.SESSION_ID)),
            Objects.requireNonNull(end.text(Field.USER_ID)),
            Objects.requireNonNull(end.text(Field.INITIAL_URL)),
            Objects.requireNonNull(end.number(Field.START_TIME)),
            Objects.requireNonNull(end.text(Field.SERVICE_NAME))));
    assertEquals(1, ended("quiet"));
    assertEquals(0, registry.get("observer.recordings.open").gauge().value());
  }

  @Test
  void restart_forgetsNoOpenRecording_andGivesBrowsersTimeToComeBack() throws Exception {
    batch(recordings(10), "recording-1", 0);
    now = START + MINUTE;
    batch(recordings(10), "recording-1", 1); // a restart in between, too
    now = START + 100 * MINUTE;
    OpenRecordings restarted = recordings(10);
    assertEquals(1, restarted.open());
    endQuiet(restarted, START + 130 * MINUTE - 1);
    assertStored("recording-1 started -1");
    endQuiet(restarted, START + 130 * MINUTE);
    assertStored("recording-1 started -1", "recording-1 ended 1");
  }

  @Test
  void killedAfterTheEndWasWritten_endsItAgain_andItIsStoredOnce() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    Path file = directory.resolve("recordings/session-1.recording-1.json");
    Path copy = directory.resolve("copy");
    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
    endQuiet(recordings, START + 30 * MINUTE);
    Files.move(copy, file); // as if it had not been deleted
    Files.writeString(directory.resolve("recordings/session-1.recording-2.json.tmp"), "{");
    OpenRecordings restarted = recordings(10);
    endQuiet(restarted, START + 60 * MINUTE);
    assertEquals(2, ended("quiet"));
    assertStored("recording-1 started -1", "recording-1 ended 0");
    try (var left = Files.list(directory.resolve("recordings"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void waitingBatches_keepTheirRecordingOpen() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    now = START + 29 * MINUTE;
    try (ReplayLane.Upload upload = Objects.requireNonNull(replays.begin())) {
      byte[] any = {1};
      upload.write(any, 0, 1);
      ReplayKey key = new ReplayKey("session-1", "recording-1", 1);
      assertEquals(Outcome.DURABLE, upload.finish(key, any));
    }
    endQuiet(recordings, START + 300 * MINUTE);
    assertStored("recording-1 started -1");
  }

  @Test
  void lateBatch_opensTheRecordingAgain_andTheFirstEndStays() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    endQuiet(recordings, START + 30 * MINUTE);
    now = START + 40 * MINUTE;
    batch(recordings, "recording-1", 1);
    assertEquals(1, recordings.open());
    endQuiet(recordings, START + 70 * MINUTE);
    assertEquals(0, recordings.open());
    assertStored("recording-1 started -1", "recording-1 ended 0");
  }

  @Test
  void oneTooMany_endsTheOneThatWasQuietForLongest() throws Exception {
    OpenRecordings recordings = recordings(2);
    batch(recordings, "recording-1", 0);
    now = START + MINUTE;
    batch(recordings, "recording-2", 0);
    now = START + 2 * MINUTE;
    batch(recordings, "recording-1", 1);
    batch(recordings, "recording-3", 0);
    assertStored(
        "recording-1 started -1",
        "recording-2 started -1",
        "recording-3 started -1",
        "recording-2 ended 1");
    assertEquals(1, ended("crowded"));
    assertEquals(2, recordings.open());
  }

  @Test
  void damagedFile_isSetAside_andTheOthersEnd() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    batch(recordings, "recording-2", 0);
    batch(recordings, "recording-3", 0);
    Path damaged = directory.resolve("recordings/session-1.recording-1.json");
    Files.writeString(damaged, "{\"kind");
    Files.delete(directory.resolve("recordings/session-1.recording-2.json"));
    Path unreadable = directory.resolve("recordings/session-1.recording-4.json");
    batch(recordings, "recording-4", 0);
    Files.delete(unreadable);
    Files.createDirectory(unreadable);
    endQuiet(recordings, START + 30 * MINUTE);
    assertStored(
        "recording-1 started -1",
        "recording-2 started -1",
        "recording-3 started -1",
        "recording-4 started -1",
        "recording-3 ended 0");
    assertEquals(3L, meters.losses().get("spool_damaged/replay"));
    assertEquals(
        "{\"kind", Files.readString(directory.resolve("rejected").resolve(damaged.getFileName())));
  }

  @Test
  void endThatTheEventsLaneDoesNotTake_isTriedAgain() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    events.close();
    assertThrows(IOException.class, () -> endQuiet(recordings, START + 30 * MINUTE));
    delivery.close();
    open();
    OpenRecordings restarted = recordings(10);
    endQuiet(restarted, START + 60 * MINUTE);
    assertStored("recording-1 started -1", "recording-1 ended 0");
  }

  @Test
  void thread_endsWhatIsQuiet() throws Exception {
    try (OpenRecordings recordings = recordings(10)) {
      batch(recordings, "recording-1", 0);
      now = START + 30 * MINUTE;
      recordings.start(Duration.ofMillis(1));
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (recordings.open() > 0) {
        assertTrue(System.nanoTime() < deadline, "it is not ended");
        Thread.onSpinWait();
      }
    }
    assertStored("recording-1 started -1", "recording-1 ended 0");
  }

  @Test
  void clockThatIsSetBack_keepsNothingOpenUntilItHasCaughtUp() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    endQuiet(recordings, START - 300 * MINUTE);
    endQuiet(recordings, START - 270 * MINUTE - 1);
    assertEquals(1, recordings.open());
    endQuiet(recordings, START - 270 * MINUTE);
    assertStored("recording-1 started -1", "recording-1 ended -1");
  }

  @Test
  void fileThatCannotBeOpenedNow_isNotTakenForDamaged() throws Exception {
    OpenRecordings recordings = recordings(10);
    batch(recordings, "recording-1", 0);
    Path file = directory.resolve("recordings/session-1.recording-1.json");
    Path there = Files.move(file, directory.resolve("there"));
    Files.createSymbolicLink(file, file); // as many links as there are, or files that are open
    assertThrows(FileSystemException.class, () -> endQuiet(recordings, START + 30 * MINUTE));
    Files.move(there, file, StandardCopyOption.REPLACE_EXISTING);
    endQuiet(recordings, START + 31 * MINUTE);
    assertStored("recording-1 started -1", "recording-1 ended 0");
    assertEquals(Map.of(), meters.losses());
  }
}
