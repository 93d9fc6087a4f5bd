package dev.observer.server.embedded;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  @Test
  void oldLibraries_areSwept_youngOnesAndOtherFilesStay(@TempDir Path directory) throws Exception {
    Path old = Files.createFile(directory.resolve("libduckdb_java123.so"));
    Path young = Files.createFile(directory.resolve("libduckdb_java456.so"));
    Path other = Files.createFile(directory.resolve("other.so"));
    long now = 1_800_000_000_000L;
    Files.setLastModifiedTime(old, FileTime.fromMillis(now - 61_000));
    Files.setLastModifiedTime(young, FileTime.fromMillis(now - 59_000));
    Files.setLastModifiedTime(other, FileTime.fromMillis(0));
    NativeLibrary.sweep(directory, now);
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(young) && Files.exists(other));
  }
}
