package dev.observer.testserver;

import java.io.File;
import java.net.URI;
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
   * The program that {@code OBSERVER_TEST_<NAME>} names, or the one on the {@code PATH} or in the
   * cache directory. Without one the test is skipped, in words; with {@code
   * OBSERVER_TEST_REQUIRE_BACKENDS=true} it fails.
   *
   * @param debian the package that brings it
   */
  public static Path find(String name, String debian) {
    return locate(name)
        .orElseThrow(
            () ->
                missing(
                    "No %s: neither %s names one, nor is it on the PATH. On Debian: apt-get install %s"
                        .formatted(name, variable(name), debian)));
  }

  /**
   * The program that the environment names, else one on the {@code PATH}, else one in {@code
   * OBSERVER_TEST_BACKENDS}, by default {@code ~/.cache/observer-backends}, where {@code
   * .ci/backends} puts what it builds.
   */
  static Optional<Path> locate(String name) {
    Optional<String> named = named(name);
    if (named.isPresent()) {
      return named.map(Path::of).filter(Files::isExecutable);
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(
            Stream.of(path.split(File.pathSeparator)).map(Path::of), Stream.of(cacheDirectory()))
        .map(directory -> directory.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The address that {@code OBSERVER_TEST_<NAME>} names instead of a program. */
  static Optional<URI> address(String name) {
    return named(name).filter(text -> text.matches("https?://.*")).map(URI::create);
  }

  /** The variable that names a program or an address. */
  static String variable(String name) {
    return "OBSERVER_TEST_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /**
   * Skips the test for want of something, in words, or fails it where nothing may be missing.
   *
   * @return never
   */
  static RuntimeException missing(String what) {
    if (Boolean.parseBoolean(System.getenv("OBSERVER_TEST_REQUIRE_BACKENDS"))) {
      Assertions.fail(what);
    }
    Assumptions.abort(what);
    return new IllegalStateException(what);
  }

  private static Optional<String> named(String name) {
    return Optional.ofNullable(System.getenv(variable(name))).filter(text -> !text.isBlank());
  }

  private static Path cacheDirectory() {
    return Optional.ofNullable(System.getenv("OBSERVER_TEST_BACKENDS"))
        .filter(text -> !text.isBlank())
        .map(Path::of)
        .orElse(Path.of(System.getProperty("user.home", ""), ".cache", "observer-backends"));
  }
}
