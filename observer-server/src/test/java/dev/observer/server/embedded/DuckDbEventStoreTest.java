package dev.observer.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.observer.server.Records;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.sink.EventStoreContract;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;

class DuckDbEventStoreTest extends EventStoreContract {
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
    org.junit.jupiter.api.Assertions.assertTrue(
        String.valueOf(e.getMessage()).contains("cannot be opened"), e.getMessage());
  }

  @Test
  void tableOfAnEarlierVersion_isReadAndWritten() throws Exception {
    Path file = directory.resolve("old.duckdb");
    RecordFilter all = new RecordFilter(Map.of(), null, null);
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "256MB")) {
      store.append(Records.spooled(Records.event("before").build()));
    }
    try (Connection old = new DuckDBDriver().connect("jdbc:duckdb:" + file, new Properties());
        Statement statement = old.createStatement()) {
      statement.execute("ALTER TABLE records DROP COLUMN characters");
    }
    try (DuckDbEventStore store = DuckDbEventStore.open(file, "256MB")) {
      store.append(Records.spooled(Records.event("after").build()));
      assertEquals(2, store.records(all, 10, null).items().size());
    }
  }
}
