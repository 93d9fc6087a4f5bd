package dev.observer.server.embedded;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.Records;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.sink.EventStoreContract;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;

class DuckDbEventStoreTest extends EventStoreContract {
  private static final RecordFilter ALL = new RecordFilter(Map.of(), null, null);

  @Override
  protected Store open(Path directory) throws IOException {
    DuckDbEventStore store = DuckDbEventStore.open(directory.resolve("events.duckdb"), "256MB");
    return new Store(store, store);
  }

  @Test
  void closed_staysClosed() throws Exception {
    Path file = directory.resolve("closed.duckdb");
    DuckDbEventStore store = DuckDbEventStore.open(file, "64MB");
    store.close();
    for (int i = 0; i < 3; i++) {
      assertThrows(
          SinkException.class, () -> store.append(Records.spooled(Records.event("late").build())));
      assertThrows(SinkException.class, store::positions);
      assertThrows(SinkException.class, () -> store.deleteOldest(1));
      assertThrows(SinkException.class, store::checkpoint);
    }
  }

  @Test
  void fileThatIsNoStore_isRefusedInWords() throws IOException {
    Path file = directory.resolve("other.duckdb");
    Files.writeString(file, "this is no database, and it is long enough to be read as a header");
    IOException e = assertThrows(IOException.class, () -> DuckDbEventStore.open(file, "256MB"));
    assertTrue(String.valueOf(e.getMessage()).contains("cannot be opened"), e.getMessage());
  }

  /** As one without the right to it: it cannot be opened for writing. */
  @Test
  void directoryOfItsName_isRefusedInTheSameWords() throws IOException {
    Path file = Files.createDirectory(directory.resolve("taken.duckdb"));
    IOException e = assertThrows(IOException.class, () -> DuckDbEventStore.open(file, "256MB"));
    assertTrue(String.valueOf(e.getMessage()).contains("cannot be opened: "), e.getMessage());
  }

  @Test
  void tableOfAnEarlierVersion_isReadAndWritten() throws Exception {
    Path file = directory.resolve("old.duckdb");
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "256MB")) {
      store.append(Records.spooled(Records.event("before").build()));
    }
    try (Connection old = new DuckDBDriver().connect("jdbc:duckdb:" + file, new Properties());
        Statement statement = old.createStatement()) {
      statement.execute("ALTER TABLE records DROP COLUMN characters");
    }
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "256MB")) {
      store.append(Records.spooled(Records.event("after").build()));
      assertEquals(2, store.records(ALL, 10, null).items().size());
    }
  }

  private static List<SpooledRecord> records(int count) {
    return Records.spooled(
        IntStream.range(0, count).mapToObj(i -> Records.event("e" + i).build()).toList());
  }

  @Test
  void pageOfTheLastCommitThatWasNotWritten_costsOnlyThat_andTheLogIsKeptAsItWas()
      throws Exception {
    Path file = directory.resolve("running.duckdb");
    Path left = directory.resolve("left.duckdb");
    Path wal = directory.resolve("left.duckdb.wal");
    List<SpooledRecord> last = records(100);
    byte[] damaged;
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "64MB")) {
      store.append(records(100));
      Path log = directory.resolve("running.duckdb.wal");
      int before = Math.toIntExact(Files.size(log));
      store.append(last);
      Files.copy(file, left);
      damaged = Files.readAllBytes(log);
      int page = (before + damaged.length) / 2 / 4096 * 4096;
      assertTrue(before < page && page + 4096 < damaged.length);
      Arrays.fill(damaged, page, page + 4096, (byte) 0);
      Files.write(wal, damaged);
    }
    try (DuckDbEventStore store = DuckDbEventStore.open(left, "64MB")) {
      assertEquals(100, store.records(ALL, 1000, null).items().size());
      store.append(last);
      assertEquals(200, store.records(ALL, 1000, null).items().size());
    }
    try (var files = Files.list(directory)) {
      Path kept = files.filter(each -> each.toString().contains(".wal.damaged-")).findAny().get();
      assertArrayEquals(damaged, Files.readAllBytes(kept));
    }
  }

  @Test
  void filesThatSomebodyDeleted_areMadeAnew_beforeMoreIsTaken() throws Exception {
    Path file = directory.resolve("deleted.duckdb");
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "64MB")) {
      store.append(records(1));
      Files.delete(file);
      Files.delete(directory.resolve("deleted.duckdb.wal"));
      List<SpooledRecord> more = records(1);
      assertThrows(SinkException.class, () -> store.append(more));
      store.append(more);
      assertEquals(1, store.records(ALL, 10, null).items().size());
    }
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "64MB")) {
      assertEquals(1, store.records(ALL, 10, null).items().size());
    }
  }
}
