package dev.observer.testserver;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A real MinIO. One elsewhere is named with its keys: {@code
 * OBSERVER_TEST_MINIO=http://ACCESS_KEY:SECRET_KEY@host:9000}. Buckets are the tests' to name.
 */
public final class MinioServer implements AutoCloseable {
  private static final DockerImageName IMAGE =
      DockerImageName.parse("minio/minio:RELEASE.2025-09-07T16-13-09Z");
  private static final String READY = "/minio/health/ready";
  private static final String USER = "observer-test";
  private static final String PASSWORD = "observer-test-secret";

  private final Backend backend;

  private MinioServer(Backend backend) {
    this.backend = backend;
  }

  /**
   * Finds one, or starts one.
   *
   * @param directory gets the data and the log of one of our own
   */
  public static MinioServer start(Path directory) throws IOException {
    // The console would listen on every interface.
    Map<String, String> environment =
        Map.of("MINIO_ROOT_USER", USER, "MINIO_ROOT_PASSWORD", PASSWORD, "MINIO_BROWSER", "off");
    return new MinioServer(
        Backend.find(
            "minio",
            program -> {
              String address = "127.0.0.1:" + Backend.freePort();
              Path data = Files.createDirectories(directory.resolve("minio"));
              return BackendProcess.start(
                  List.of(
                      program.toString(),
                      "server",
                      data.toString(),
                      "--quiet",
                      "--address",
                      address),
                  environment,
                  URI.create("http://" + address),
                  READY,
                  directory.resolve("minio.log"));
            },
            port ->
                BackendContainer.start(
                    new GenericContainer<>(IMAGE)
                        .withEnv(environment)
                        .withCommand("server", "/data", "--address", ":9000"),
                    9000,
                    port,
                    READY)));
  }

  /** To break it. */
  public Backend backend() {
    return backend;
  }

  /** Where it listens, without keys. */
  public URI uri() {
    URI uri = backend.uri();
    return URI.create(uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort());
  }

  public String accessKey() {
    return key(0, USER);
  }

  public String secretKey() {
    return key(1, PASSWORD);
  }

  private String key(int place, String ours) {
    String keys = backend.uri().getUserInfo();
    return keys == null ? ours : keys.split(":", 2)[place];
  }

  @Override
  public void close() {
    backend.close();
  }
}
