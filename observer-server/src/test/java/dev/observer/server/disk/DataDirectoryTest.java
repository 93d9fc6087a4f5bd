package dev.observer.server.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @Test
  void second_isRefusedInWords_untilTheFirstLetsGo(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("a/b/c");
    try (DataDirectory first = DataDirectory.open(path)) {
      IOException e = assertThrows(IOException.class, () -> DataDirectory.open(path));
      assertTrue(String.valueOf(e.getMessage()).contains("is in use"), e.getMessage());
      assertTrue(first.path().endsWith("c"));
    }
    DataDirectory.open(path).close();
  }

  @Test
  void disk_saysWhatIsLeft_andNothingWhereTheDirectoryIsGone(@TempDir Path directory)
      throws Exception {
    Path path = directory.resolve("data");
    try (DataDirectory data = DataDirectory.open(path)) {
      assertEquals((double) Files.getFileStore(directory).getTotalSpace(), data.totalBytes());
      assertTrue(data.freeBytes() > 0 && data.freeBytes() < data.totalBytes());
      Files.delete(path.resolve("lock"));
      Files.delete(path);
      assertEquals(Double.NaN, data.freeBytes());
      assertEquals(Double.NaN, data.totalBytes());
    }
  }
}
