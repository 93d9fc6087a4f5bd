package dev.observer.testserver;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.testcontainers.containers.GenericContainer;

/** A backend as a container of our own. Its data is in the container, which a restart keeps. */
final class BackendContainer implements Backend {
  private static final long POLL_NANOS = 50_000_000;

  private final GenericContainer<?> container;
  private final URI uri;
  private final String readyPath;

  private BackendContainer(GenericContainer<?> container, URI uri, String readyPath) {
    this.container = container;
    this.uri = uri;
    this.readyPath = readyPath;
  }

  /**
   * Starts a container and waits until it is ready.
   *
   * @param innerPort where it listens inside; outside it is the same port before and after a
   *     restart
   */
  static Backend start(GenericContainer<?> container, int innerPort, int port, String readyPath)
      throws IOException {
    container
        .withExposedPorts(innerPort)
        .withCreateContainerCmdModifier(
            create -> {
              HostConfig host =
                  Objects.requireNonNullElseGet(create.getHostConfig(), HostConfig::new);
              host.withPortBindings(
                  new PortBinding(
                      Ports.Binding.bindIpAndPort("127.0.0.1", port), new ExposedPort(innerPort)));
              create.withHostConfig(host);
            });
    container.start();
    URI uri = URI.create("http://127.0.0.1:" + port);
    BackendContainer backend = new BackendContainer(container, uri, readyPath);
    backend.awaitReady();
    return backend;
  }

  private void awaitReady() throws IOException {
    try {
      Backend.awaitReady(
          uri.resolve(readyPath),
          () -> {
            LockSupport.parkNanos(POLL_NANOS); // asked without a pause it has no time to start
            return container.isRunning();
          });
    } catch (IOException e) {
      String log = container.getLogs();
      close();
      throw new IOException(e.getMessage() + "\n" + log, e);
    }
  }

  private DockerClient docker() {
    return container.getDockerClient();
  }

  @Override
  public URI uri() {
    return uri;
  }

  @Override
  public void freeze() {
    docker().pauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void thaw() {
    docker().unpauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void kill() {
    docker().killContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void restart() {
    if (container.isRunning()) {
      kill();
    }
    docker().startContainerCmd(container.getContainerId()).exec();
    try {
      awaitReady();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    container.stop();
  }
}
