package dev.observer.server.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.observer.testserver.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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

  /** Another process that tries to take a directory: ends with 0 if it has got it. */
  static final class Other {
    public static void main(String[] arguments) {
      try (DataDirectory taken = DataDirectory.open(Path.of(arguments[0]))) {
        System.exit(taken.freeBytes() > 0 ? 0 : 2);
      } catch (IOException e) {
        System.exit(1);
      }
    }
  }

  private static int other(Path path) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(ServerProcess.onClassPath(Other.class.getName()));
    command.add(path.toString());
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Test
  void refusedSecond_doesNotLetAnotherProcessIn(@TempDir Path directory) throws Exception {
    try (DataDirectory first = DataDirectory.open(directory)) {
      Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
      assertThrows(IOException.class, () -> DataDirectory.open(link));
      assertEquals(1, other(first.path()));
    }
    assertEquals(0, other(directory));
  }

  @Test
  void closedTwice_leavesItToTheNext(@TempDir Path directory) throws Exception {
    DataDirectory first = DataDirectory.open(directory);
    first.close();
    try (DataDirectory second = DataDirectory.open(directory)) {
      first.close();
      assertThrows(IOException.class, () -> DataDirectory.open(second.path()));
    }
  }

  private static List<String> warnings(Path path) throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(DataDirectory.class);
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.addAppender(said);
    try {
      DataDirectory.open(path).close();
    } finally {
      logger.detachAppender(said);
    }
    return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void directoryThatIsMade_isItsOwnersOnly_andOneThatIsOpenIsSaidToBe(@TempDir Path directory)
      throws Exception {
    Path made = directory.resolve("a/data");
    assertEquals(List.of(), warnings(made));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x--x"));
    assertEquals(
        List.of(
            "the data directory "
                + open
                + " has rights for every user of this machine; chmod 700 takes them away"),
        warnings(open));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    assertEquals(List.of(), warnings(open));
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
