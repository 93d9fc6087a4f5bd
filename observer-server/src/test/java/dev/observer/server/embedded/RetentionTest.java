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
import dev.observer.server.sink.ReplayStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  private static final long NOW = Instant.parse("2026-11-25T10:00:00Z").toEpochMilli();
  private static final long DAY = Duration.ofDays(1).toMillis();

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private void run(DuckDbEventStore events, FileReplayStore replays) throws Exception {
    try (Retention retention = retention(events, replays, null, null)) {
      retention.run();
    }
  }

  private Retention retention(
      DuckDbEventStore events,
      FileReplayStore replays,
      @Nullable Long eventsBytes,
      @Nullable Long replaysBytes) {
    return new Retention(
        new ObserverConfig.Retention(
            Duration.ofDays(2), Duration.ofDays(1), eventsBytes, replaysBytes),
        events,
        replays,
        new Meters(registry),
        InstantSource.fixed(Instant.ofEpochMilli(NOW)));
  }

  private double expired(String what, String cause) {
    return registry.get("observer.expired").tags("what", what, "cause", cause).counter().count();
  }

  private DuckDbEventStore openEvents() throws IOException {
    return DuckDbEventStore.open(directory.resolve("events.duckdb"), "256MB");
  }

  private long onDisk() throws IOException {
    long sum = 0;
    for (String name : List.of("events.duckdb", "events.duckdb.wal")) {
      Path file = directory.resolve(name);
      sum += Files.exists(file) ? Files.size(file) : 0;
    }
    return sum;
  }

  @Test
  void records_goByTheTimeTheyArrived_howeverMany() throws Exception {
    try (DuckDbEventStore events = openEvents()) {
      List<StoredRecord> old = new ArrayList<>();
      for (int i = 0; i < 25_000; i++) {
        old.add(Records.event("old").set(Field.RECEIVED_AT, NOW - 2 * DAY - 1).build());
      }
      events.append(Records.spooled(old));
      events.append(
          Records.spooled(
              Records.event("late").set(Field.RECEIVED_AT, NOW).set(Field.TIMESTAMP, 1L).build(),
              Records.event("kept").set(Field.RECEIVED_AT, NOW - 2 * DAY).build()));
      run(events, new FileReplayStore(directory));
      List<String> left =
          events.records(new RecordFilter(Map.of(), null, null), 100, null).items().stream()
              .map(record -> String.valueOf(record.text(Field.EVENT_NAME)))
              .toList();
      assertEquals(List.of("late", "kept"), left);
      assertEquals(25_000, expired("record", "age"));
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
    try (DuckDbEventStore events = openEvents()) {
      run(events, replays);
    }
    assertNull(replays.open(new ReplayKey("session-1", "recording-1", 0)));
    try (InputStream kept = replays.open(new ReplayKey("session-1", "recording-1", 1))) {
      assertTrue(kept != null);
    }
    assertFalse(Files.exists(directory.resolve("replays/session-2")));
    assertTrue(Files.exists(foreign));
    assertEquals(2, expired("replay_batch", "age"));
  }

  @Test
  void recordsBeyondTheBytes_goOldestFirst_andTheFileStaysAsItIs_whileMoreCome() throws Exception {
    long limit = 8L << 20; // of some 31 bytes a record
    long group = 4L << 20; // what is freed at once
    long rounds = 10;
    long records = 50_000;
    Random random = new Random(1);
    List<Long> onDisk = new ArrayList<>();
    try (DuckDbEventStore events = openEvents();
        Retention retention = retention(events, new FileReplayStore(directory), limit, null)) {
      for (int round = 0; round < rounds; round++) {
        List<StoredRecord> more = new ArrayList<>();
        for (int i = 0; i < records; i++) {
          String name = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
          more.add(
              Records.event(name)
                  .set(Field.TIMESTAMP, NOW + round)
                  .set(Field.RECEIVED_AT, NOW + round)
                  .build());
        }
        events.append(Records.spooled(more));
        retention.run();
        assertTrue(events.bytes() <= limit + group, "round " + round + ": " + events.bytes());
        onDisk.add(onDisk());
        Path log = directory.resolve("events.duckdb.wal");
        assertTrue(round < 5 || !Files.exists(log) || Files.size(log) < 1024, "nothing is freed");
        long left = count(events);
        retention.run(); // what is deleted and not freed yet is not deleted in its stead
        assertEquals(left, count(events), "round " + round);
      }
      // The limit is reached in the middle; from then on the file neither grows nor is it large.
      assertTrue(onDisk.get(9) < onDisk.get(6) + group, "the file grows: " + onDisk);
      assertTrue(Collections.max(onDisk) < 3 * limit, "the file is large: " + onDisk);
      double expired = expired("record", "bytes");
      assertTrue(expired > 100_000, "deleted only " + expired);
      assertEquals(rounds * records - (long) expired, count(events));
      long oldest = NOW + (long) expired / records; // some of this round are left, none before
      assertTrue(none(events, oldest) && !none(events, oldest + 1));
      assertTrue(count(events) > 130_000, "more was deleted than had to be: " + count(events));
      assertEquals(
          events.bytes(),
          (long) registry.get("observer.store.bytes").tag("sink", "embedded").gauge().value());
    }
  }

  private static long count(DuckDbEventStore events) throws Exception {
    return events.recordsBeyond(0);
  }

  private static boolean none(DuckDbEventStore events, long until) throws Exception {
    RecordFilter filter = new RecordFilter(Map.of(), null, until);
    return events.records(filter, 1, null).items().isEmpty();
  }

  @Test
  void replaysBeyondTheBytes_goOldestFirst_andNoMoreThanMust() throws Exception {
    FileReplayStore replays = new FileReplayStore(directory);
    long hour = Duration.ofHours(1).toMillis();
    for (int i = 0; i < 30; i++) { // of 4 KiB each on the disk; the last ten in one minute
      put(replays, "session-" + i % 3, i, i < 20 ? NOW - (30 - i) * hour / 2 : NOW - i);
    }
    Path copy = directory.resolve("replays/session-0/recording-1/000099.json.gz.tmp");
    Files.writeString(copy, "half"); // a crash in the middle of copying
    Files.setLastModifiedTime(copy, FileTime.fromMillis(NOW - 2 * DAY));
    try (DuckDbEventStore events = openEvents();
        Retention retention = retention(events, replays, null, 20 * 4096L)) {
      retention.run();
      List<Integer> left = sequences(replays);
      assertEquals(IntStream.range(11, 30).boxed().toList(), left); // 95 % are 19
      assertFalse(Files.exists(copy));
      assertEquals(11, expired("replay_batch", "bytes"));
      assertEquals(19 * 4096, replays.bytes());
      put(replays, "session-4", 30, NOW);
      retention.run();
      assertEquals(20, sequences(replays).size());
      put(replays, "session-4", 31, NOW);
      put(replays, "session-4", 31, NOW); // the same again
      retention.run();
      assertEquals(IntStream.range(13, 32).boxed().toList(), sequences(replays));
    }
    try (DuckDbEventStore events = openEvents();
        Retention retention = retention(events, replays, null, 5 * 4096L)) {
      retention.run();
      assertEquals(4, sequences(replays).size());
      assertFalse(sequences(replays).stream().anyMatch(sequence -> sequence < 20));
    }
  }

  private static List<Integer> sequences(FileReplayStore replays) throws Exception {
    List<Integer> sequences = new ArrayList<>();
    for (String session : List.of("session-0", "session-1", "session-2", "session-4")) {
      for (ReplayStore.Batch batch : replays.list(session)) {
        sequences.add(batch.key().sequence());
      }
    }
    Collections.sort(sequences);
    return sequences;
  }

  private void put(FileReplayStore replays, String session, int sequence, long storedAt)
      throws Exception {
    Path file = Files.createTempFile(directory, "batch", ".gz");
    Files.writeString(file, "any");
    replays.put(new ReplayKey(session, "recording-1", sequence), file);
    Files.setLastModifiedTime(
        directory.resolve(new ReplayKey(session, "recording-1", sequence).path()),
        FileTime.fromMillis(storedAt));
  }
}
