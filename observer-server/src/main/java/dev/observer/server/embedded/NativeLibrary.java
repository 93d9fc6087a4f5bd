package dev.observer.server.embedded;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DuckDB unpacks its library, 70 MB, into the temporary directory at every start, and deletes it
 * only when the process ends in peace. What killed processes left is swept here. A library that a
 * living process uses may go, too: it is mapped and not opened again (where the system does not
 * allow that, it stays).
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);

  /** A younger file may be about to be loaded. */
  private static final Duration YOUNG = Duration.ofMinutes(1);

  private NativeLibrary() {}

  static void sweep(Path temporaryDirectory, long nowMillis) {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(temporaryDirectory, "libduckdb_java*.so")) {
      for (Path file : files) {
        if (nowMillis - Files.getLastModifiedTime(file).toMillis() > YOUNG.toMillis()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      log.debug("what others left in {} could not all be deleted", temporaryDirectory, e);
    }
  }
}
