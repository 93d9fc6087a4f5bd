package dev.observer.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
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

  /** Another process that opens a store: says why it cannot. */
  static final class Other {
    public static void main(String[] arguments) {
      try {
        DuckDbEventStore.open(Path.of(arguments[0]), "64MB").close();
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void temporaryDirectoryThatTakesNothing_isNamed(@TempDir Path directory) throws Exception {
    Path missing = directory.resolve("missing");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + missing);
    command.addAll(ServerProcess.onClassPath(Other.class.getName()));
    command.add(directory.resolve("events.duckdb").toString());
    Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(said.contains("the temporary directory " + missing + " and cannot load"), said);
    assertEquals(0, other.waitFor());
  }
}
