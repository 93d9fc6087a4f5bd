package dev.observer.testserver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A backend as a process of our own. */
final class BackendProcess implements Backend {
  private final ProcessBuilder builder;
  private final URI uri;
  private final String readyPath;
  private final Path log;
  private Process process;

  private BackendProcess(ProcessBuilder builder, URI uri, String readyPath, Path log)
      throws IOException {
    this.builder = builder;
    this.uri = uri;
    this.readyPath = readyPath;
    this.log = log;
    this.process = builder.start();
  }

  /**
   * Starts a program and waits until it is ready.
   *
   * @param readyPath answers 200 when it is
   * @param log gets what it prints
   */
  static Backend start(
      List<String> command, Map<String, String> environment, URI uri, String readyPath, Path log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    BackendProcess backend = new BackendProcess(builder, uri, readyPath, log);
    backend.awaitReady();
    return backend;
  }

  private void awaitReady() throws IOException {
    try {
      Backend.awaitReady(uri.resolve(readyPath), this::isAliveForAWhile);
    } catch (IOException e) {
      close();
      throw new IOException(e.getMessage() + "\n" + Files.readString(log), e);
    }
  }

  /** Lets it have the processor for a moment. */
  private boolean isAliveForAWhile() {
    try {
      return !process.waitFor(20, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public URI uri() {
    return uri;
  }

  @Override
  public void freeze() {
    signal("STOP");
  }

  @Override
  public void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      String pid = Long.toString(process.pid());
      int status = new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void kill() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void restart() {
    kill();
    try {
      process = builder.start();
      awaitReady();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its data is the test's, so nothing is gained by asking it. */
  @Override
  public void close() {
    kill();
  }
}
