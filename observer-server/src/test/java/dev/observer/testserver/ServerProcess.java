package dev.observer.testserver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that runs in a process of its own and says {@code … listening on http://127.0.0.1:PORT}
 * when it is ready. Closing it ends the process.
 */
public final class ServerProcess implements AutoCloseable {

  /** The main class of the standalone server. */
  public static final String STANDALONE = "dev.observer.standalone.Standalone";

  private static final Pattern READY = Pattern.compile("listening on (http://\\S+)");
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

  private final Process process;
  private final URI uri;
  private final Duration startTime;

  private ServerProcess(Process process, URI uri, Duration startTime) {
    this.process = process;
    this.uri = uri;
    this.startTime = startTime;
  }

  /** The options of {@code java} that run a class of this process's class path. */
  public static List<String> onClassPath(String mainClass) {
    return List.of("-cp", System.getProperty("java.class.path", ""), mainClass);
  }

  /** The environment of a server that keeps everything in one directory and limits no rate. */
  public static Map<String, String> environment(Path dataDir, String writeKey, String readToken) {
    return Map.of(
        "OBSERVER_HTTP_PORT",
        "0",
        "OBSERVER_DATA_DIR",
        dataDir.toString(),
        "OBSERVER_WRITE_KEY",
        writeKey,
        "OBSERVER_READ_TOKEN",
        readToken,
        "OBSERVER_LIMITS_REQUESTS_PER_SECOND",
        "0");
  }

  /**
   * Starts {@code java} with these options and waits until the server is ready.
   *
   * @param environment added to this process's environment, without its OBSERVER_ variables
   * @throws IOException when it ends or is not ready within 60 s; the message has its output
   */
  public static ServerProcess start(List<String> options, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("OBSERVER_"));
    builder.environment().putAll(environment);
    long started = System.nanoTime();
    Process process = builder.start();
    Output output = new Output(process);
    try {
      URI uri = output.ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new ServerProcess(process, uri, Duration.ofNanos(System.nanoTime() - started));
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IOException("server did not get ready:\n" + output.text(), e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the server started", e);
    }
  }

  /** Where it listens, without a path. */
  public URI uri() {
    return uri;
  }

  /** From the start of the process to the line that says it is ready. */
  public Duration startTime() {
    return startTime;
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Resident memory in bytes, as Linux tells it; -1 elsewhere. */
  public long residentBytes() {
    return status("VmRSS:");
  }

  /** The most it ever had. */
  public long peakResidentBytes() {
    return status("VmHWM:");
  }

  private long status(String name) {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }

  /** Ends the process at once, as {@code kill -9} does, and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Asks the process to stop, and kills it when it takes longer than 15 s. */
  @Override
  public void close() {
    process.destroy();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Reads what the process prints for as long as it lives, so that it never blocks on a pipe. */
  private static final class Output {

    private static final int KEPT_LINES = 100;

    private final CompletableFuture<URI> ready = new CompletableFuture<>();
    private final List<String> lines = new ArrayList<>();

    private Output(Process process) {
      Thread reader = new Thread(() -> read(process), "output of process " + process.pid());
      reader.setDaemon(true);
      reader.start();
    }

    private void read(Process process) {
      try (BufferedReader reader = process.inputReader()) {
        String line;
        while ((line = reader.readLine()) != null) {
          keep(line);
          Matcher matcher = READY.matcher(line);
          if (matcher.find()) {
            ready.complete(URI.create(matcher.group(1)));
          }
        }
        ready.completeExceptionally(new IOException("the process ended"));
      } catch (IOException | UncheckedIOException e) {
        // A killed process closes its pipe in the middle of a line.
        ready.completeExceptionally(e);
      }
    }

    private synchronized void keep(String line) {
      if (lines.size() < KEPT_LINES) {
        lines.add(line);
      }
    }

    private synchronized String text() {
      return String.join("\n", lines);
    }
  }
}
