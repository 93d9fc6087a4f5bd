package dev.observer.standalone;

import dev.observer.Observer;
import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.config.ObserverConfigBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The server as a program: {@code java -jar observer-server-<version>-standalone.jar [--config
 * file]}. Prints one line when it is ready; ends with status 1 and one message when it cannot
 * start; finishes what it accepted when it is told to stop.
 */
public final class Standalone {
  private Standalone() {}

  /** Runs until the process is told to stop. */
  public static void main(String[] arguments) throws InterruptedException {
    ObserverConfig config;
    Observer observer;
    try {
      config = configuration(arguments);
      keepNativeLibraryIn(config.dataDir());
      observer = Observer.start(config);
    } catch (ConfigException | UncheckedIOException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(1);
      return;
    }
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  observer.close();
                  ended.countDown();
                },
                "observer-shutdown"));
    announce(observer, System.out);
    ended.await();
  }

  private static void announce(Observer observer, PrintStream out) {
    observer
        .firstToken()
        .ifPresent(
            token ->
                out.println(
                    "Observer console   " + observer.uri() + observer.consolePath() + "#" + token));
    out.println("Observer listening on " + observer.uri());
    out.flush();
  }

  private static ObserverConfig configuration(String[] arguments) {
    ObserverConfigBuilder builder = ObserverConfig.builder();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--config") && i + 1 < arguments.length) {
        builder.file(Path.of(arguments[++i]));
      } else {
        throw new IllegalArgumentException(
            "unknown argument " + arguments[i] + "; usage: [--config file]");
      }
    }
    return builder.build();
  }

  /**
   * DuckDB unpacks 70 MB into the temporary directory at every start, and leaves it there when the
   * process is killed; here it is ours to sweep.
   */
  private static void keepNativeLibraryIn(Path dataDirectory) {
    try {
      Path directory = Files.createDirectories(dataDirectory.resolve("native"));
      try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "libduckdb_java*")) {
        for (Path library : left) {
          Files.deleteIfExists(library); // a process that runs has it mapped and does not miss it
        }
      }
      System.setProperty("java.io.tmpdir", directory.toAbsolutePath().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Observer cannot start: the data directory cannot be written: " + e.getMessage(), e);
    }
  }
}
