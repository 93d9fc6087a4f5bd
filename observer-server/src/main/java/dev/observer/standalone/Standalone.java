package dev.observer.standalone;

import dev.observer.Observer;
import dev.observer.config.ConfigException;
import dev.observer.config.ConfigReference;
import dev.observer.config.ObserverConfig;
import dev.observer.config.ObserverConfigBuilder;
import dev.observer.server.disk.DataDirectory;
import dev.observer.server.disk.ReadToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The server as a program: {@code java -jar observer-server-<version>-standalone.jar [--config
 * file]}. Prints one line when it is ready; ends with status 1 and one message when it cannot
 * start; finishes what it accepted when it is told to stop.
 */
public final class Standalone {
  private static final String USAGE =
      """
      usage: java -jar observer-server-standalone.jar [--config FILE]
             java -jar observer-server-standalone.jar --new-read-token [--config FILE]
             java -jar observer-server-standalone.jar --help

        --config FILE      reads a properties file; environment variables win over it
        --new-read-token   replaces the read token that the server made for itself, and ends; the
                           server must not be running
      """;

  /** Within the ten seconds that container runtimes give. */
  private static final Duration CLOSING = Duration.ofSeconds(9);

  private Standalone() {}

  /** Runs until the process is told to stop. */
  public static void main(String[] arguments) throws InterruptedException {
    try {
      List<String> given = new ArrayList<>(List.of(arguments));
      if (given.remove("--help")) {
        System.out.println(USAGE + "\n" + ConfigReference.help());
        return;
      }
      boolean newToken = given.remove("--new-read-token");
      ObserverConfig config = configuration(given);
      if (newToken) {
        replaceToken(config);
      } else {
        serve(config);
      }
    } catch (ConfigException | UncheckedIOException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void serve(ObserverConfig config) throws InterruptedException {
    Observer observer = Observer.start(config);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop(observer::close, CLOSING);
                  ended.countDown();
                },
                "observer-shutdown"));
    if (config.admin().isSeparate()) {
      System.out.println("Observer admin     " + observer.adminUri());
    }
    System.out.println("Observer listening on " + observer.uri());
    ended.await();
  }

  /** A disk that answers late may not hold up who stops us: what was acknowledged is on it. */
  static void stop(Runnable closing, Duration patience) {
    Thread thread = new Thread(closing, "observer-closing");
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void replaceToken(ObserverConfig config) {
    if (config.readToken() != null) {
      throw new IllegalArgumentException(
          "read-token is set by configuration; it is replaced there");
    }
    try (DataDirectory data = DataDirectory.open(config.dataDir())) {
      String token = ReadToken.replace(data).value();
      System.out.println("Observer console   " + config.http().basePath() + "/console/#" + token);
    } catch (IOException e) {
      throw new UncheckedIOException("the token was not replaced: " + e.getMessage(), e);
    }
  }

  private static ObserverConfig configuration(List<String> arguments) {
    ObserverConfigBuilder builder = ObserverConfig.builder();
    if (arguments.isEmpty()) {
      return builder.build();
    }
    if (arguments.size() != 2 || !arguments.get(0).equals("--config")) {
      throw new IllegalArgumentException("unknown arguments " + arguments + "\n" + USAGE);
    }
    return builder.file(Path.of(arguments.get(1))).build();
  }
}
