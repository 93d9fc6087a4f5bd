package dev.observer.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where the benchmarks run: this machine, and this module's build directory. */
final class Machine {

  private static final String JAR = "glob:observer-server-*-standalone.jar";

  private Machine() {}

  /** Figures mean little without it. */
  static String description() {
    return "%d cores, %s %s, %s %s."
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("java.vm.name"),
            System.getProperty("java.vm.version"),
            System.getProperty("os.name"),
            System.getProperty("os.arch"));
  }

  /** A directory on the disk of the checkout: the system's temporary one may be memory. */
  static Path benchDirectory() throws IOException {
    return Files.createDirectories(target().resolve("bench"));
  }

  /**
   * The standalone jar that was built last.
   *
   * @throws IOException when there is none
   */
  static Path standaloneJar() throws IOException {
    try (Stream<Path> files = Files.list(target())) {
      return files
          .filter(file -> file.getFileSystem().getPathMatcher(JAR).matches(file.getFileName()))
          .findFirst()
          .orElseThrow(() -> new IOException("no standalone jar: run mvn package first"));
    }
  }

  static void delete(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  private static Path target() {
    return Path.of("target").toAbsolutePath();
  }
}
