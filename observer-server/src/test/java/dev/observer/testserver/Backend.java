package dev.observer.testserver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.testcontainers.DockerClientFactory;

/**
 * A real backend as a test has it. It is looked for in this order: an address in {@code
 * OBSERVER_TEST_<NAME>}; a program of that name, as {@link Program} finds it; Docker; else the test
 * is skipped, in words, or fails with {@code OBSERVER_TEST_REQUIRE_BACKENDS=true}. The last two
 * start one of our own on a free port of the loopback interface, which a test may break; closing it
 * ends it.
 */
public interface Backend extends AutoCloseable {
  /** Where it listens, without a path. */
  URI uri();

  /** Stops it in the middle of whatever it does: it takes connections and never answers. */
  void freeze();

  /** Lets it go on after {@link #freeze}. */
  void thaw();

  /** Ends it at once, as {@code kill -9} does, and waits until it is gone. */
  void kill();

  /** Starts it again on the same data and the same port, and waits until it is ready. */
  void restart();

  @Override
  void close();

  /** Starts a backend of our own, and waits until it is ready. */
  @FunctionalInterface
  interface Starter<T> {
    Backend start(T with) throws IOException;
  }

  /**
   * Finds one, or starts one.
   *
   * @param name {@code minio} or {@code loki}
   * @param program given the program
   * @param container given a free port
   */
  static Backend find(String name, Starter<Path> program, Starter<Integer> container)
      throws IOException {
    var address = Program.address(name);
    if (address.isPresent()) {
      return new BackendElsewhere(name, address.get());
    }
    var found = Program.locate(name);
    if (found.isPresent()) {
      return program.start(found.get());
    }
    if (DockerClientFactory.instance().isDockerAvailable()) {
      return container.start(freePort());
    }
    throw Program.missing(
        "No %s: %s names neither an address nor a program, there is none on the PATH or in the"
                .formatted(name, Program.variable(name))
            + " cache directory, where .ci/backends would build it, and Docker is not there");
  }

  /** A port of the loopback interface that nobody listens on. */
  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /**
   * Asks until the answer is 200.
   *
   * @param goOn asked in between, and may wait a little; false ends it
   * @throws IOException if it is not ready within 60 s
   */
  static void awaitReady(URI address, BooleanSupplier goOn) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    String last = "";
    do {
      try {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          return;
        }
        last = answer.statusCode() + " " + answer.body();
      } catch (IOException e) {
        last = e.toString();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    } while (System.nanoTime() < deadline && goOn.getAsBoolean());
    throw new IOException(address + " is not ready: " + last);
  }
}
