package dev.observer.testserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The backends of other tests can be broken as those tests say. */
class BackendIT {
  @TempDir Path directory;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private int get(URI uri, Duration patience) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(patience).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private void breakAndMend(Backend backend, String ready) throws Exception {
    URI uri = backend.uri().resolve(ready);
    assertEquals(200, get(uri, Duration.ofSeconds(10)));
    backend.freeze();
    awaitFrozen(uri);
    backend.thaw();
    assertEquals(200, get(uri, Duration.ofSeconds(10)));
    backend.kill();
    assertThrows(ConnectException.class, () -> get(uri, Duration.ofSeconds(10)));
    backend.restart();
    assertEquals(200, get(uri, Duration.ofSeconds(10)));
  }

  /** On a busy machine a thread that was about to answer may do so before the signal reaches it. */
  private void awaitFrozen(URI uri) throws IOException, InterruptedException {
    for (int i = 0; i < 10; i++) {
      try {
        get(uri, Duration.ofMillis(500));
      } catch (HttpTimeoutException e) {
        return;
      }
    }
    fail("it goes on answering");
  }

  @Test
  void minio_canBeFrozen_killed_andStartedAgain() throws Exception {
    try (MinioServer minio = MinioServer.start(directory)) {
      breakAndMend(minio.backend(), "/minio/health/ready");
    }
  }

  @Test
  void loki_canBeFrozen_killed_andStartedAgain() throws Exception {
    try (LokiServer loki = LokiServer.start(directory)) {
      breakAndMend(loki.backend(), "/ready");
    }
  }
}
