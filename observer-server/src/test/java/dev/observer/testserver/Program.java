package dev.observer.testserver;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs that tests need and that not every machine has. */
public final class Program {
  private Program() {}

  /**
   * The program that {@code OBSERVER_TEST_<NAME>} names, or the one on the {@code PATH}. Without
   * one the test is skipped, in words; with {@code OBSERVER_TEST_REQUIRE_BACKENDS=true} it fails.
   *
   * @param debian the package that brings it
   */
  public static Path find(String name, String debian) {
    String variable = "OBSERVER_TEST_" + name.toUpperCase(Locale.ROOT);
    String named = System.getenv(variable);
    Optional<Path> found =
        named != null && !named.isBlank()
            ? Optional.of(Path.of(named)).filter(Files::isExecutable)
            : onPath(name);
    if (found.isPresent()) {
      return found.get();
    }
    String missing =
        "No %s: neither %s names one, nor is it on the PATH. On Debian: apt-get install %s"
            .formatted(name, variable, debian);
    if (Boolean.parseBoolean(System.getenv("OBSERVER_TEST_REQUIRE_BACKENDS"))) {
      Assertions.fail(missing);
    }
    return Assumptions.abort(missing);
  }

  private static Optional<Path> onPath(String name) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
