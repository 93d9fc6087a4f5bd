package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.event.ReplayHead;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.disk.DataDirectory;
import dev.observer.server.disk.DurableFiles;
import dev.observer.server.disk.ReadToken;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.embedded.FileReplayStore;
import dev.observer.server.metrics.Meters;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts the power at every step of what is written beside the lanes. */
class PowerCutTest {
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
  private static final ReplayKey KEY = new ReplayKey("session-1", "recording-1", 0);

  @TempDir Path directory;
  private int disks;

  private interface Act {
    void on(Path disk) throws Exception;
  }

  private interface Check {
    void of(Path leftOver, boolean finished) throws Exception;
  }

  /** Does it with one more step each time, until it gets to its end, and looks at what is left. */
  private void atEveryStep(Act before, Act act, Check check) throws Exception {
    boolean finished = false;
    for (int steps = 0; !finished; steps++) {
      Path place = Files.createDirectories(directory.resolve("disk-" + disks++));
      LossyDisk disk = new LossyDisk(Files.createDirectory(place.resolve("disk")));
      before.on(disk.path());
      disk.cutAfter(steps);
      try {
        act.on(disk.path());
        finished = true;
      } catch (LossyDisk.PowerCut e) {
        // as intended
      }
      assertTrue(steps < 100, "it does not end");
      Path left = place.resolve("left");
      disk.leftOver(left);
      try {
        check.of(left, finished);
      } catch (AssertionError e) {
        throw new AssertionError("after " + steps + " steps: " + e.getMessage(), e);
      }
    }
  }

  private static byte @Nullable [] bytes(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllBytes(file) : null;
  }

  private static boolean whole(Path file) throws IOException {
    return Files.exists(file)
        && new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
            .equals(new String(CONTENT, StandardCharsets.UTF_8));
  }

  private static void spool(Path disk) throws IOException {
    DurableFiles.createDirectories(disk.resolve("spool"));
    DurableFiles.write(disk.resolve("spool/file"), CONTENT);
  }

  @Test
  void fileSetAside_isInItsLaneOrInRejectedWithTheReason() throws Exception {
    atEveryStep(
        PowerCutTest::spool,
        disk -> {
          new Rejected(disk.resolve("rejected")).keep(disk.resolve("spool/file"), "file", "why");
          Files.deleteIfExists(disk.resolve("spool/file"));
        },
        (left, finished) -> {
          boolean aside = whole(left.resolve("rejected/file"));
          assertTrue(aside || whole(left.resolve("spool/file")), "it is lost");
          if (aside) {
            assertEquals("why\n", Files.readString(left.resolve("rejected/file.reason.txt")));
          }
          assertTrue(aside || !finished);
        });
  }

  @Test
  void contentSetAside_isInItsLaneOrInRejectedWithTheReason() throws Exception {
    atEveryStep(
        PowerCutTest::spool,
        disk -> {
          new Rejected(disk.resolve("rejected")).keep("file", CONTENT, "why");
          Files.delete(disk.resolve("spool/file"));
        },
        (left, finished) -> {
          boolean aside = whole(left.resolve("rejected/file"));
          assertTrue(aside || whole(left.resolve("spool/file")), "it is lost");
          if (aside) {
            assertEquals("why\n", Files.readString(left.resolve("rejected/file.reason.txt")));
          }
          assertTrue(aside || !finished);
        });
  }

  @Test
  void deliveredBatch_isInItsLaneOrInTheStore() throws Exception {
    atEveryStep(
        PowerCutTest::spool,
        disk -> {
          new FileReplayStore(disk).put(KEY, disk.resolve("spool/file"));
          Files.delete(disk.resolve("spool/file"));
        },
        (left, finished) -> {
          boolean stored = whole(left.resolve(KEY.path()));
          assertTrue(stored || whole(left.resolve("spool/file")), "it is lost");
          assertTrue(stored || !finished);
        });
  }

  @Test
  void expiredBatches_goWithoutTakingOthersWithThem() throws Exception {
    ReplayKey kept = new ReplayKey("session-1", "recording-2", 0);
    atEveryStep(
        disk -> {
          spool(disk);
          FileReplayStore store = new FileReplayStore(disk);
          store.put(KEY, disk.resolve("spool/file"));
          Files.setLastModifiedTime(disk.resolve(KEY.path()), FileTime.fromMillis(0));
          DurableFiles.write(disk.resolve("spool/other"), CONTENT);
          store.put(kept, disk.resolve("spool/other"));
        },
        disk -> new FileReplayStore(disk).deleteStoredBefore(1000, Long.MAX_VALUE, () -> true),
        (left, finished) -> {
          assertTrue(whole(left.resolve(kept.path())));
          assertFalse(finished && Files.exists(left.resolve(KEY.path())));
        });
  }

  @Test
  void openRecording_isKnown_beforeItsBatchLeavesTheLane() throws Exception {
    Meters meters = new Meters(new SimpleMeterRegistry());
    InstantSource clock = InstantSource.system();
    ReplayLane replays =
        new ReplayLane(
            directory.resolve("replays"), 1 << 20, new FileReplayStore(directory), clock);
    Rejected rejected = new Rejected(directory.resolve("rejected"));
    StoredRecord started = Records.event("started").build();
    ReplayHead head = new ReplayHead("session-1", "recording-1", 0, "rrweb", started);
    try (EventLane events = new EventLane(directory.resolve("events"), 1 << 20, clock)) {
      atEveryStep(
          disk -> {},
          disk -> {
            try (OpenRecordings recordings =
                new OpenRecordings(
                    disk.resolve("recordings"), events, replays, rejected, meters, clock)) {
              recordings.batch(head, clock.millis());
            }
          },
          (left, finished) -> {
            Path file = left.resolve("recordings/session-1.recording-1.json");
            assertTrue(Files.exists(file) || !finished, "it is forgotten");
            if (Files.exists(file)) {
              assertEquals(started.eventId(), StoredForm.read(Files.readAllBytes(file)).eventId());
            }
          });
    }
  }

  @Test
  void logOfTheStore_hasItsName_whenABatchIsTaken() throws Exception {
    LossyDisk disk = new LossyDisk(Files.createDirectory(directory.resolve("disk")));
    try (DuckDbEventStore store =
        DuckDbEventStore.open(disk.path().resolve("events.duckdb"), "64MB")) {
      List<SpooledRecord> refused = Records.spooled(Records.event("first").build());
      disk.failSyncs(1);
      assertThrows(SinkException.class, () -> store.append(refused));
      store.append(refused);
      for (int i = 0; i < 3; i++) {
        store.append(Records.spooled(Records.event("e" + i).build()));
        Path left = directory.resolve("left-" + i);
        disk.leftOver(left);
        assertTrue(Files.exists(left.resolve("events.duckdb")));
        assertTrue(Files.exists(left.resolve("events.duckdb.wal")), "after " + i + " checkpoints");
        store.checkpoint();
      }
    }
  }

  @Test
  void readToken_isTheOldOrTheNewOne_asAWhole() throws Exception {
    List<String> tokens = new ArrayList<>();
    atEveryStep(
        disk -> {
          tokens.clear();
          try (DataDirectory data = DataDirectory.open(disk)) {
            tokens.add(ReadToken.replace(data).value());
          }
        },
        disk -> {
          try (DataDirectory data = DataDirectory.open(disk)) {
            tokens.add(ReadToken.replace(data).value());
          }
        },
        (left, finished) -> {
          String token = Files.readString(left.resolve("keys/read-token")).strip();
          assertTrue(tokens.contains(token) || (!finished && token.length() == 43), token);
          assertEquals(finished, tokens.size() == 2 && token.equals(tokens.get(1)));
        });
  }

  @Test
  void directoryWhoseNameWasNotSynced_isMadeAgain() throws Exception {
    LossyDisk disk = new LossyDisk(Files.createDirectory(directory.resolve("disk")));
    Path wanted = disk.path().resolve("a/b");
    disk.failSyncs(1);
    assertThrows(IOException.class, () -> DurableFiles.createDirectories(wanted));
    DurableFiles.createDirectories(wanted);
    DurableFiles.write(wanted.resolve("file"), CONTENT);
    disk.leftOver(directory.resolve("left"));
    assertArrayEquals(CONTENT, bytes(directory.resolve("left/a/b/file")));
  }

  @Test
  void fileThatCouldNotBeSynced_leavesNothingBeside() throws Exception {
    LossyDisk disk = new LossyDisk(Files.createDirectory(directory.resolve("disk")));
    disk.failSyncs(1);
    Path file = disk.path().resolve("file");
    assertThrows(IOException.class, () -> DurableFiles.write(file, CONTENT));
    try (var left = Files.list(directory.resolve("disk"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void recordsOfAKilledProcess_areOnTheDisk_whenTheyAreTakenForStored() throws Exception {
    Path place = Files.createDirectory(directory.resolve("disk"));
    List<SpooledRecord> records = Records.spooled(Records.event("first").build());
    Path running = directory.resolve("events.duckdb");
    try (DuckDbEventStore killed = DuckDbEventStore.open(running, "64MB")) {
      killed.append(records);
      for (String name : List.of("events.duckdb", "events.duckdb.wal")) {
        Files.copy(running.resolveSibling(name), place.resolve(name));
      }
    }
    LossyDisk disk = new LossyDisk(place);
    Path left = directory.resolve("left");
    try (DuckDbEventStore next =
        DuckDbEventStore.open(disk.path().resolve("events.duckdb"), "64MB")) {
      next.append(records);
      disk.leftOver(left);
    }
    try (DuckDbEventStore last = DuckDbEventStore.open(left.resolve("events.duckdb"), "64MB")) {
      RecordFilter all = new RecordFilter(Map.of(), null, null);
      assertEquals(1, last.records(all, 10, null).items().size());
    }
  }

  @Test
  void directoriesOfAKilledProcess_areOnTheDisk_whenABatchIsStored() throws Exception {
    Path place = directory.resolve("disk");
    Files.createDirectories(place.resolve(KEY.path()).resolveSibling(""));
    LossyDisk disk = new LossyDisk(place);
    DurableFiles.syncDirectory(disk.path());
    spool(disk.path());
    new FileReplayStore(disk.path()).put(KEY, disk.path().resolve("spool/file"));
    disk.leftOver(directory.resolve("left"));
    assertTrue(whole(directory.resolve("left").resolve(KEY.path())));
  }

  @Test
  void batchOfAKilledProcess_hasItsName_whenItCountsAsKept() throws Exception {
    Path place = directory.resolve("disk");
    Files.createDirectories(place.resolve("lane/tmp"));
    String name = ReplayFile.name(1, 1_800_000_000_000L, KEY);
    Files.write(place.resolve("lane").resolve(name), CONTENT);
    LossyDisk disk = new LossyDisk(place);
    DurableFiles.syncDirectory(disk.path());
    FileReplayStore store = new FileReplayStore(directory);
    Path path = disk.path().resolve("lane");
    assertEquals(1, new ReplayLane(path, 1 << 20, store, InstantSource.system()).files());
    disk.leftOver(directory.resolve("left"));
    assertTrue(Files.exists(directory.resolve("left/lane").resolve(name)));
  }
}
