package dev.observer.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.server.TestServer;
import dev.observer.testserver.ServerProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk of 40 MB that is really full. */
class FullDiskIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> acknowledged = new ArrayList<>();

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private int post(URI server) throws Exception {
    List<String> ids = new ArrayList<>();
    String[] items = new String[50];
    for (int i = 0; i < items.length; i++) {
      ids.add(TestServer.id());
      items[i] = TestServer.event(ids.get(i), "x".repeat(300));
    }
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(server.resolve("/api/observer/events?key=" + TestServer.KEY))
                .POST(HttpRequest.BodyPublishers.ofString(TestServer.events(items))));
    if (answer.statusCode() == 202) {
      acknowledged.addAll(ids);
    } else {
      assertTrue(answer.headers().firstValue("Retry-After").isPresent());
    }
    return answer.statusCode();
  }

  private String health(URI server) throws Exception {
    String body = send(HttpRequest.newBuilder(server.resolve("/api/observer/health"))).body();
    return JSON.readTree(body).get("status").asText();
  }

  private List<String> read(URI server) throws Exception {
    List<String> ids = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page =
          JSON.readTree(
              send(HttpRequest.newBuilder(
                          server.resolve("/api/observer/records?limit=1000" + cursor))
                      .header("Authorization", "Bearer " + TestServer.TOKEN))
                  .body());
      page.path("records").forEach(record -> ids.add(record.get("event_id").asText()));
      cursor =
          page.path("next_cursor").isTextual() ? "&cursor=" + page.get("next_cursor").asText() : "";
    } while (!cursor.isEmpty());
    return ids;
  }

  private interface Question {
    boolean yes() throws Exception;
  }

  private static void await(String what, Question question) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!question.yes()) {
      assertTrue(System.nanoTime() < deadline, what + " within 30 s");
      Thread.onSpinWait();
    }
  }

  @Test
  void fullDisk_is503_losesNothingAcknowledged_andWorkResumesByItself() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), 40);
        ServerProcess server =
            ServerProcess.start(
                ServerProcess.onClassPath(ServerProcess.STANDALONE),
                ServerProcess.environment(
                    disk.root().resolve("data"), TestServer.KEY, TestServer.TOKEN))) {
      URI uri = server.uri();
      assertEquals(202, post(uri));
      disk.fill();
      await("the answers are 503", () -> post(uri) == 503);
      await("health is down", () -> health(uri).equals("down"));
      assertTrue(disk.empty());
      await("health is up", () -> health(uri).equals("up"));
      assertEquals(202, post(uri));
      await("all is read", () -> new HashSet<>(read(uri)).containsAll(acknowledged));
      List<String> read = read(uri);
      assertEquals(acknowledged.size(), read.size(), "nothing refused is kept, nothing twice");
      assertEquals(Set.copyOf(acknowledged), Set.copyOf(read));
    }
  }
}
