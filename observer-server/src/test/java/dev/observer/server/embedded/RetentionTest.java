package dev.observer.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.config.ObserverConfig;
import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.metrics.Meters;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.sink.ReplayKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  private static final long NOW = Instant.parse("2026-11-25T10:00:00Z").toEpochMilli();
  private static final long DAY = Duration.ofDays(1).toMillis();

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private void run(DuckDbEventStore events, FileReplayStore replays) {
    try (Retention retention =
        new Retention(
            new ObserverConfig.Retention(Duration.ofDays(2), Duration.ofDays(1), null, null),
            events,
            replays,
            new Meters(registry),
            InstantSource.fixed(Instant.ofEpochMilli(NOW)))) {
      retention.run();
    }
  }

  private double expired(String what) {
    return registry.get("observer.expired").tag("what", what).counter().count();
  }

  @Test
  void records_goByTheTimeTheyArrived_howeverMany() throws Exception {
    try (DuckDbEventStore events =
        DuckDbEventStore.open(directory.resolve("events.duckdb"), "256MB")) {
      List<StoredRecord> old = new ArrayList<>();
      for (int i = 0; i < 25_000; i++) {
        old.add(Records.event("old").set(Field.RECEIVED_AT, NOW - 2 * DAY - 1).build());
      }
      events.append(old);
      events.append(
          List.of(
              Records.event("late").set(Field.RECEIVED_AT, NOW).set(Field.TIMESTAMP, 1L).build(),
              Records.event("kept").set(Field.RECEIVED_AT, NOW - 2 * DAY).build()));
      run(events, new FileReplayStore(directory));
      List<String> left =
          events
              .records(new RecordFilter(null, null, null, null, null, null), 100, null)
              .items()
              .stream()
              .map(record -> String.valueOf(record.text(Field.EVENT_NAME)))
              .toList();
      assertEquals(List.of("late", "kept"), left);
      assertEquals(25_000, expired("record"));
    }
  }

  @Test
  void replays_goFileByFile_andLeaveNoEmptyDirectory() throws Exception {
    FileReplayStore replays = new FileReplayStore(directory);
    put(replays, "session-1", 0, NOW - DAY - 1000);
    put(replays, "session-1", 1, NOW - DAY + 1000);
    put(replays, "session-2", 0, NOW - DAY - 1000);
    Path foreign = Files.createDirectories(directory.resolve("replays/x")).resolve("mine");
    Files.writeString(foreign, "mine");
    Files.setLastModifiedTime(foreign, FileTime.fromMillis(0));
    try (DuckDbEventStore events =
        DuckDbEventStore.open(directory.resolve("events.duckdb"), "256MB")) {
      run(events, replays);
    }
    assertNull(replays.open(new ReplayKey("session-1", "recording-1", 0)));
    try (InputStream kept = replays.open(new ReplayKey("session-1", "recording-1", 1))) {
      assertTrue(kept != null);
    }
    assertFalse(Files.exists(directory.resolve("replays/session-2")));
    assertTrue(Files.exists(foreign));
    assertEquals(2, expired("replay_batch"));
  }

  private void put(FileReplayStore replays, String session, int sequence, long storedAt)
      throws Exception {
    Path file = Files.createTempFile(directory, "batch", ".gz");
    replays.put(new ReplayKey(session, "recording-1", sequence), file);
    Files.setLastModifiedTime(
        directory.resolve(new ReplayKey(session, "recording-1", sequence).path()),
        FileTime.fromMillis(storedAt));
  }
}
