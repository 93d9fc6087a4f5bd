package dev.observer.server.embedded;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.observer.server.sink.EventStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DuckDbEventStoreTest extends EventStoreContract {
  @Override
  protected Store open(Path directory) throws IOException {
    DuckDbEventStore store = DuckDbEventStore.open(directory.resolve("events.duckdb"), "256MB");
    return new Store(store, store);
  }

  @Test
  void fileThatIsNoStore_isRefusedInWords() throws IOException {
    Path file = directory.resolve("other.duckdb");
    Files.writeString(file, "this is no database, and it is long enough to be read as a header");
    IOException e = assertThrows(IOException.class, () -> DuckDbEventStore.open(file, "256MB"));
    org.junit.jupiter.api.Assertions.assertTrue(
        String.valueOf(e.getMessage()).contains("cannot be opened"), e.getMessage());
  }
}
