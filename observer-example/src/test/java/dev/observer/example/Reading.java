package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.Observer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * The reading API, with its token.
 *
 * @param base such as {@code http://127.0.0.1:8080/api/observer}
 */
record Reading(URI base, String token) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Reading of(URI root, Observer observer) {
    return new Reading(root.resolve("/api/observer"), observer.firstToken().orElseThrow());
  }

  /** The console's ready link. */
  String consoleLink() {
    return console() + "#" + token;
  }

  String console() {
    return base + "/console/";
  }

  /** All records of a kind, by their own time; without the events that are the SDK's own. */
  List<JsonNode> records(String kind) throws IOException, InterruptedException {
    return all(kind).stream().filter(record -> !isOwn(record)).toList();
  }

  /** The events of the SDK's own of this name, by their own time. */
  List<JsonNode> ownEvents(String name) throws IOException, InterruptedException {
    return all("event").stream()
        .filter(event -> event.path("event_name").asText().equals("observer." + name))
        .toList();
  }

  private static boolean isOwn(JsonNode record) {
    return record.path("event_name").asText().startsWith("observer.");
  }

  private List<JsonNode> all(String kind) throws IOException, InterruptedException {
    JsonNode page = json("/records?limit=1000&kind=" + kind);
    assertEquals("null", page.path("next_cursor").asText("null"), "one page holds them all");
    List<JsonNode> records = new ArrayList<>();
    page.path("records").forEach(records::add);
    records.sort(Comparator.comparing(record -> record.path("timestamp").asText()));
    return records;
  }

  /** The only session there is; an empty object while there is none. */
  JsonNode onlySession() throws IOException, InterruptedException {
    JsonNode sessions = json("/sessions").path("sessions");
    if (sessions.isEmpty()) {
      return MAPPER.createObjectNode();
    }
    assertEquals(1, sessions.size(), sessions::toPrettyString);
    return json("/sessions/" + sessions.get(0).path("session_id").asText());
  }

  /** Whether everything that was accepted is delivered. */
  boolean delivered() throws IOException, InterruptedException {
    JsonNode lanes = json("/health").path("lanes");
    assertEquals(2, lanes.size(), lanes::toPrettyString);
    for (JsonNode lane : lanes) {
      if (lane.path("files").asInt(-1) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Every stored batch of a session's recordings, unpacked, in order. */
  List<JsonNode> replayBatches(JsonNode session) throws IOException, InterruptedException {
    List<JsonNode> batches = new ArrayList<>();
    for (JsonNode recording : session.path("recordings")) {
      for (JsonNode batch : recording.path("batches")) {
        String path =
            "/replays/%s/%s/%s"
                .formatted(
                    session.path("session_id").asText(),
                    recording.path("recording_id").asText(),
                    batch.path("sequence").asText());
        HttpResponse<byte[]> answer = get(path);
        assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElse(""), path);
        assertEquals(batch.path("bytes").asInt(), answer.body().length, path);
        batches.add(MAPPER.readTree(gunzip(answer.body())));
      }
    }
    return batches;
  }

  /** Everything that a session's recordings hold, as one text. */
  String recorded(JsonNode session) throws IOException, InterruptedException {
    return replayBatches(session).stream().map(JsonNode::toString).collect(Collectors.joining());
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return MAPPER.readTree(get(path).body());
  }

  /** {@code /metrics} in the format that is asked for. */
  String metrics(String accept) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/metrics"))
            .header("Authorization", "Bearer " + token)
            .header("Accept", accept)
            .build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Authorization", "Bearer " + token)
            .build();
    HttpResponse<byte[]> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(
        200,
        answer.statusCode(),
        () -> path + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    return answer;
  }

  /** A field as text; empty where there is none. */
  static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }

  static byte[] gunzip(byte[] bytes) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }
}
