package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.server.TestServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IngestTest {
  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(directory, config -> config.allowedOrigins("https://shop.example"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] gzip(String text) throws IOException {
    return gzip(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertProblem(int status, HttpResponse<String> answer) throws IOException {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElse(""));
    JsonNode problem = json(answer);
    assertEquals(status, problem.get("status").asInt());
    assertTrue(problem.hasNonNull("type") && problem.hasNonNull("title"));
    assertTrue(problem.get("detail").asText().length() > 5);
  }

  private JsonNode stored(int count) throws Exception {
    return server
        .readUntil("/records", answer -> answer.get("records").size() >= count)
        .get("records");
  }

  private void assertNothingKept() throws Exception {
    String id = id();
    server.post("/events", events(event(id, "after")));
    JsonNode records = stored(1);
    assertEquals(1, records.size());
    assertEquals(id, records.get(0).get("event_id").asText());
    assertEquals(0, server.read("/health").at("/lanes/replays/files").asInt());
    try (var files = Files.walk(directory.resolve("spool/replays"))) {
      assertEquals(List.of(), files.filter(Files::isRegularFile).toList());
    }
  }

  @Test
  void acceptedEvent_isReadable() throws Exception {
    String id = id();
    HttpResponse<String> answer = server.post("/events", events(event(id, "a")));
    assertEquals(202, answer.statusCode());
    assertEquals("{\"accepted\":1,\"rejected\":[]}", answer.body());
    assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElse(""));
    assertEquals(id, stored(1).get(0).get("event_id").asText());
  }

  @Test
  void oneBadItemOfFifty_isRefusedAlone() throws Exception {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      items.add(event(id(), i == 3 ? " " : "name " + i));
    }
    HttpResponse<String> answer = server.post("/events", events(items.toArray(String[]::new)));
    assertEquals(202, answer.statusCode());
    assertEquals(
        "{\"accepted\":49,\"rejected\":[{\"pointer\":\"/events/3/event_name\","
            + "\"reason\":\"must not be blank\"}]}",
        answer.body());
    assertEquals(49, stored(49).size());
  }

  @Test
  void nothingAcceptable_is400_withEveryPointer() throws Exception {
    HttpResponse<String> answer = server.post("/events", "{\"events\":[{\"event_id\":\"x\"},7]}");
    assertProblem(400, answer);
    List<String> pointers = new ArrayList<>();
    json(answer).get("errors").forEach(error -> pointers.add(error.get("pointer").asText()));
    assertEquals(List.of("/events/0/event_id", "/events/1"), pointers);
    assertNothingKept();
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "text/plain;charset=UTF-8", "Text/Plain"})
  void bodyOfAllowedType_isAccepted(String type) throws Exception {
    assertEquals(
        202, server.post("/events", events(event(id(), "a")), "Content-Type", type).statusCode());
  }

  @Test
  void otherTypeOrCoding_is415() throws Exception {
    String body = events(event(id(), "a"));
    assertProblem(415, server.post("/events", body, "Content-Type", "application/xml"));
    assertProblem(415, server.post("/events", body, "Content-Encoding", "br"));
    assertProblem(415, server.post("/replay-events", body, "Content-Encoding", "deflate"));
    assertNothingKept();
  }

  @Test
  void gzip_isDeclaredOrRecognised() throws Exception {
    byte[] first = gzip(events(event(id(), "a")));
    byte[] second = gzip(events(event(id(), "b")));
    assertEquals(202, server.post("/events", first, "Content-Encoding", "gzip").statusCode());
    assertEquals(202, server.post("/events", second).statusCode());
    assertEquals(2, stored(2).size());
  }

  @Test
  void brokenGzip_is400() throws Exception {
    byte[] whole = gzip(events(event(id(), "a")));
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 9);
    byte[] trailing = java.util.Arrays.copyOf(whole, whole.length + 5);
    byte[] flipped = whole.clone();
    flipped[whole.length - 6] ^= 1;
    for (byte[] body : List.of(cut, trailing, flipped)) {
      assertProblem(400, server.post("/events", body));
      assertProblem(400, server.post("/replay-events", body));
    }
    assertProblem(
        400, server.post("/events", events(event(id(), "a")), "Content-Encoding", "gzip"));
    assertNothingKept();
  }

  @Test
  void tooLargeBody_is413_announcedOrNot() throws Exception {
    byte[] large = new byte[(1 << 20) + 1];
    java.util.Arrays.fill(large, (byte) ' ');
    assertProblem(413, server.post("/events", large));
    assertProblem(
        413,
        server.post(
            "/events?key=" + TestServer.KEY,
            HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));
    assertNothingKept();
  }

  @Test
  void bodyThatInflatesTooFar_is413() throws Exception {
    byte[] bomb = gzip(new byte[(10 << 20) + 1]);
    assertTrue(bomb.length < 20_000);
    byte[] spaces = new byte[(64 << 20) + 1];
    java.util.Arrays.fill(spaces, (byte) ' ');
    assertProblem(413, server.post("/errors", gzip(java.util.Arrays.copyOf(spaces, 11 << 20))));
    assertProblem(413, server.post("/replay-events", gzip(spaces)));
    int status = server.post("/errors", bomb).statusCode();
    assertTrue(status == 413 || status == 400, "NUL is not JSON either: " + status);
    assertNothingKept();
  }

  @Test
  void tooDeepBody_is413() throws Exception {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertProblem(413, server.post("/events", "{\"events\":" + deep + "}"));
    assertProblem(413, server.post("/events", events("{\"properties\":" + deep + "}")));
    assertProblem(
        413, server.post("/replay-events", TestServer.replay("session-1", "recording-1", 0, deep)));
    assertNothingKept();
  }

  @Test
  void whatIsNotJson_is400() throws Exception {
    for (String body : List.of("", "nonsense", "{\"events\":[}", "{\"events\":[]} x", "null")) {
      assertProblem(400, server.post("/events", body));
      assertProblem(400, server.post("/replay-events", body));
    }
    assertNothingKept();
  }

  @Test
  void missingOrWrongKey_is401() throws Exception {
    HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(events(event(id(), "a")));
    assertProblem(401, server.post("/events", body));
    assertProblem(401, server.post("/events?key=wrong", body));
    assertProblem(401, server.post("/events?key=" + TestServer.TOKEN, body));
    assertEquals(202, server.post("/events", body, "Observer-Key", TestServer.KEY).statusCode());
  }

  @Test
  void pageOfAnotherOrigin_is403_ofAnAllowedOneIsAnsweredWithCors() throws Exception {
    String body = events(event(id(), "a"));
    HttpResponse<String> refused = server.post("/events", body, "Origin", "https://evil.example");
    assertProblem(403, refused);
    assertTrue(refused.headers().firstValue("Access-Control-Allow-Origin").isEmpty());

    HttpResponse<String> accepted = server.post("/events", body, "Origin", "https://shop.example");
    assertEquals(202, accepted.statusCode());
    assertEquals(
        "https://shop.example",
        accepted.headers().firstValue("Access-Control-Allow-Origin").orElse(""));
    assertEquals(
        "Retry-After, Observer-Retry",
        accepted.headers().firstValue("Access-Control-Expose-Headers").orElse(""));
    assertEquals(
        202,
        server.post("/events", body, "Origin", server.observer().uri().toString()).statusCode());
  }

  @Test
  void preflight_isAnsweredForAllowedPagesOnly() throws Exception {
    HttpResponse<String> allowed =
        server.send(
            "OPTIONS",
            server.uri("/events"),
            HttpRequest.BodyPublishers.noBody(),
            "Origin",
            "https://shop.example",
            "Access-Control-Request-Method",
            "POST");
    assertEquals(204, allowed.statusCode());
    assertEquals("POST", allowed.headers().firstValue("Access-Control-Allow-Methods").orElse(""));
    HttpResponse<String> other =
        server.send(
            "OPTIONS",
            server.uri("/events"),
            HttpRequest.BodyPublishers.noBody(),
            "Origin",
            "https://evil.example");
    assertTrue(other.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
  }

  @Test
  void withoutKey_onlyPagesMayWrite(@TempDir Path other) throws Exception {
    try (TestServer open = TestServer.startBare(other)) {
      HttpRequest.BodyPublisher body =
          HttpRequest.BodyPublishers.ofString(events(event(id(), "a")));
      assertProblem(403, open.post("/events", body));
      assertProblem(403, open.post("/events", body, "Origin", "https://shop.example"));
      assertEquals(
          202, open.post("/events", body, "Origin", open.observer().uri().toString()).statusCode());
    }
  }

  @Test
  void sameEventAgain_isAccepted_andStoredOnce() throws Exception {
    String id = id();
    String first = events(event(id, "first"), event(id, "same batch"));
    assertEquals(202, server.post("/events", first).statusCode());
    assertEquals(202, server.post("/events", events(event(id, "again"))).statusCode());
    String last = id();
    server.post("/events", events(event(last, "last")));
    JsonNode records =
        server
            .readUntil(
                "/records",
                answer ->
                    answer.get("records").size() > 0
                        && answer.get("records").get(0).get("event_id").asText().equals(last))
            .get("records");
    assertEquals(2, records.size());
    assertEquals("first", records.get(1).get("event_name").asText());
  }

  /** Kilobytes that become megabytes on the disk are not worth one request. */
  @Test
  void bodyThatInflatesToMuch_countsAsSeveralRequests(@TempDir Path other) throws Exception {
    try (TestServer limited =
        TestServer.start(
            other, config -> config.limits(limits -> limits.requestsPerSecond(1).burst(12)))) {
      String text = "\"" + "x".repeat(60_000) + "\",";
      String properties =
          ",\"properties\":{\"a\":[" + text.repeat(160) + "1]}}"; // 9.6 MB of 10 MiB
      byte[] body = gzip(events(event(id(), "a").replace("}", properties)));
      assertTrue(body.length < 100_000, "" + body.length);
      assertEquals(202, limited.post("/events", body).statusCode());
      int taken = 0;
      HttpResponse<String> answer = limited.post("/events", events(event(id(), "b")));
      while (answer.statusCode() == 202) {
        taken++;
        answer = limited.post("/events", events(event(id(), "b")));
      }
      assertEquals(429, answer.statusCode());
      assertTrue(taken <= 4, taken + " after it, of 12 in all");
    }
  }

  @Test
  void tooManyRequests_is429_withRetryAfter(@TempDir Path other) throws Exception {
    try (TestServer limited =
        TestServer.start(
            other, config -> config.limits(limits -> limits.requestsPerSecond(1).burst(2)))) {
      int refused = 0;
      for (int i = 0; i < 4; i++) {
        HttpResponse<String> answer = limited.post("/events", events(event(id(), "a")));
        if (answer.statusCode() == 429) {
          assertProblem(429, answer);
          assertTrue(answer.headers().firstValue("Retry-After").orElse("").matches("[1-9]\\d*"));
          assertPauses("error,event,replay", answer);
          refused++;
        }
      }
      assertTrue(refused >= 1);
    }
  }

  @Test
  void replayBatch_isStoredByteForByte_gzippedOnTheWayOrNot() throws Exception {
    String plain = TestServer.replay("session-1", "recording-1", 0, "[{\"type\":4}, {\"type\":2}]");
    String packed = TestServer.replay("session-1", "recording-1", 2, "[ 1,2 ]");
    assertEquals(202, server.post("/replay-events", plain).statusCode());
    byte[] sent = gzip(packed);
    HttpResponse<String> answer = server.post("/replay-events", sent);
    assertEquals("{\"accepted\":1,\"rejected\":[]}", answer.body());

    JsonNode manifest =
        server.readUntil(
            "/sessions/session-1",
            node ->
                node.get("recordings").size() == 1
                    && node.get("recordings").get(0).get("batches").size() == 2);
    JsonNode recording = manifest.get("recordings").get(0);
    assertEquals("recording-1", recording.get("recording_id").asText());
    assertEquals("https://shop.example/", recording.get("initial_url").asText());
    assertEquals("u-1", recording.get("user_id").asText());
    assertEquals("[1]", recording.get("missing").toString());
    assertTrue(manifest.get("has_replay").asBoolean());

    HttpResponse<byte[]> first = server.getBytes("/replays/session-1/recording-1/0");
    assertEquals("gzip", first.headers().firstValue("Content-Encoding").orElse(""));
    assertEquals("no-store", first.headers().firstValue("Cache-Control").orElse(""));
    assertEquals(plain, gunzip(first.body()));
    HttpResponse<byte[]> third = server.getBytes("/replays/session-1/recording-1/2");
    assertArrayEquals(sent, third.body());
    assertEquals(recording.get("batches").get(1).get("bytes").asInt(), third.body().length);
    assertEquals(404, server.getBytes("/replays/session-1/recording-1/1").statusCode());
    assertEquals(404, server.getBytes("/replays/session-1/recording-1/00").statusCode());
  }

  private static String gunzip(byte[] bytes) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void replayBatchAgain_isAccepted_otherBytesAre409() throws Exception {
    String batch = TestServer.replay("session-1", "recording-1", 0, "[1]");
    assertEquals(202, server.post("/replay-events", batch).statusCode());
    assertEquals(202, server.post("/replay-events", gzip(batch)).statusCode());
    server.readUntil("/records?kind=replay", answer -> answer.get("records").size() == 1);
    assertEquals(202, server.post("/replay-events", batch).statusCode());
    assertProblem(409, server.post("/replay-events", batch.replace("[1]", "[2]")));
    assertEquals(1, server.read("/records?kind=replay").get("records").size());
  }

  @Test
  void fullReplayLane_is503_andEventsFlowOn(@TempDir Path other) throws Exception {
    try (TestServer small =
        TestServer.start(
            other,
            config ->
                config
                    .spool(spool -> spool.replaysBytes(2000))
                    .limits(limits -> limits.replay(replay -> replay.bodyBytes(2000))))) {
      java.util.Random random = new java.util.Random(1);
      byte[] noise = new byte[1300];
      random.nextBytes(noise);
      String text = java.util.HexFormat.of().formatHex(noise);
      byte[] body = gzip(TestServer.replay("session-1", "recording-1", 0, "[\"" + text + "\"]"));
      assertTrue(body.length > 1000 && body.length < 2000, "" + body.length);
      // One is on its way and not complete, so the other does not fit.
      try (Socket slow =
          new Socket(java.net.InetAddress.getLoopbackAddress(), small.observer().uri().getPort())) {
        slow.getOutputStream()
            .write(
                ("POST /api/observer/replay-events?key="
                        + TestServer.KEY
                        + " HTTP/1.1\r\nHost: a\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        slow.getOutputStream().write(body, 0, body.length - 1);
        slow.getOutputStream().flush();
        small.readUntil(
            "/health", health -> health.get("lanes").get("replays").get("bytes").asLong() > 1000);
        byte[] second =
            gzip(TestServer.replay("session-1", "recording-1", 1, "[\"" + text + "\"]"));
        HttpResponse<String> answer = small.post("/replay-events", second);
        assertProblem(503, answer);
        assertTrue(answer.headers().firstValue("Retry-After").orElse("").matches("[1-9]\\d*"));
        assertPauses("replay", answer);
        assertEquals("degraded", json(small.get("/health")).get("status").asText());
        assertEquals(202, small.post("/events", events(event(id(), "a"))).statusCode());
      }
      // The sender went away: its share is free again, and nothing of it is kept.
      small.readUntil("/health", health -> health.get("status").asText().equals("up"));
      assertEquals(404, small.getBytes("/replays/session-1/recording-1/0").statusCode());
    }
  }

  @Test
  void batchThatDoesNotFitTheLane_is503_andOthersStillFit(@TempDir Path other) throws Exception {
    try (TestServer small =
        TestServer.start(
            other,
            config ->
                config
                    .spool(spool -> spool.eventsBytes(2000))
                    .limits(limits -> limits.bodyBytes(2000).inflatedBytes(2000)))) {
      // The stored form is longer than what was sent.
      String[] items = new String[12];
      java.util.Arrays.setAll(items, i -> event(id(), "a"));
      HttpResponse<String> answer = small.post("/events", events(items));
      assertProblem(503, answer);
      assertTrue(answer.headers().firstValue("Retry-After").orElse("").matches("[1-9]\\d*"));
      assertPauses("error,event", answer);
      assertEquals(202, small.post("/events", events(event(id(), "b"))).statusCode());
      JsonNode records =
          small.readUntil("/records", page -> page.get("records").size() == 1).get("records");
      assertEquals("b", records.get(0).get("event_name").asText());
      assertEquals(12, small.read("/health").get("losses").get("lane_full/event").asInt());
    }
  }

  /** Says for how long, as {@code Retry-After} does, and what has to wait. */
  private static void assertPauses(String kinds, HttpResponse<?> answer) {
    String seconds = answer.headers().firstValue("Retry-After").orElse("");
    assertEquals(
        seconds + ";" + kinds, answer.headers().firstValue("Observer-Retry").orElse("none"));
  }
}
