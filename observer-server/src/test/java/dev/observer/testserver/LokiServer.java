package dev.observer.testserver;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A real Loki with the configuration that the documentation recommends, and with tenants: each test
 * may take one of its own ({@code X-Scope-OrgID}). One elsewhere, named by {@code
 * OBSERVER_TEST_LOKI=http://host:3100}, must have them too ({@code auth_enabled: true}).
 */
public final class LokiServer implements AutoCloseable {
  private static final DockerImageName IMAGE = DockerImageName.parse("grafana/loki:3.7.8");
  private static final Path CONFIG = Path.of("..", "docs", "backends", "loki.yaml");
  private static final String READY = "/ready";

  private final Backend backend;
  private final Path data;

  private LokiServer(Backend backend, Path data) {
    this.backend = backend;
    this.data = data;
  }

  /**
   * Finds one, or starts one.
   *
   * @param directory gets the data ({@code loki}) and the log of one of our own
   * @param options of the program, which win over its configuration, such as {@code
   *     -distributor.ingestion-rate-limit-mb=1}; one elsewhere does not have them
   */
  public static LokiServer start(Path directory, String... options) throws IOException {
    return new LokiServer(
        Backend.find(
            "loki",
            program -> {
              int port = Backend.freePort();
              Path data = Files.createDirectories(directory.resolve("loki"));
              List<String> command = new ArrayList<>();
              command.add(program.toString());
              command.addAll(arguments(CONFIG.toString(), options));
              return BackendProcess.start(
                  command,
                  Map.of(
                      "LOKI_AUTH",
                      "true",
                      "LOKI_DIR",
                      data.toString(),
                      "LOKI_PORT",
                      Integer.toString(port),
                      "LOKI_GRPC_PORT",
                      Integer.toString(Backend.freePort())),
                  URI.create("http://127.0.0.1:" + port),
                  READY,
                  directory.resolve("loki.log"));
            },
            port ->
                BackendContainer.start(
                    new GenericContainer<>(IMAGE)
                        .withEnv(
                            Map.of(
                                "LOKI_AUTH", "true", "LOKI_DIR", "/loki", "LOKI_HOST", "0.0.0.0"))
                        .withCopyToContainer(
                            Transferable.of(Files.readAllBytes(CONFIG)), "/observer/loki.yaml")
                        .withCommand(
                            arguments("/observer/loki.yaml", options).toArray(new String[0])),
                    3100,
                    port,
                    READY)),
        directory.resolve("loki"));
  }

  private static List<String> arguments(String config, String... options) {
    List<String> arguments = new ArrayList<>();
    arguments.add("-config.expand-env=true");
    arguments.add("-config.file=" + config);
    arguments.addAll(List.of(options));
    return arguments;
  }

  /** Its directory; the test is skipped, in words, if it is not on this machine. */
  public Path data() {
    if (!Files.isDirectory(data)) {
      throw Program.missing("This test replaces Loki's directory, and that is elsewhere");
    }
    return data;
  }

  /** To break it. */
  public Backend backend() {
    return backend;
  }

  /** Where it listens, without a path. */
  public URI uri() {
    return backend.uri();
  }

  @Override
  public void close() {
    backend.close();
  }
}
