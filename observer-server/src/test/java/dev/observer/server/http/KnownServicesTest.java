package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownServicesTest {
  @TempDir Path directory;

  private TestServer start() {
    return TestServer.start(directory, config -> config.limits(limits -> limits.services(2)));
  }

  private static HttpResponse<String> send(TestServer server, String service) throws Exception {
    return server.post(
        "/events",
        "{\"context\":{\"service_name\":\"%s\"},\"events\":[%s]}"
            .formatted(service, TestServer.event(TestServer.id(), "any")));
  }

  @Test
  void knownServices_keepTheirPlaces_overARestart() throws Exception {
    try (TestServer server = start()) {
      assertEquals(202, send(server, "first").statusCode());
      server.readUntil("/records", answer -> answer.get("records").size() == 1);
      HttpResponse<String> refused = send(server, "second");
      assertEquals(400, refused.statusCode());
      assertTrue(refused.body().contains("/context/service_name"), refused.body());
    }
    try (TestServer server = start()) {
      assertEquals(400, send(server, "second").statusCode(), "it took a place that was not free");
      assertEquals(202, send(server, "first").statusCode());
    }
  }
}
