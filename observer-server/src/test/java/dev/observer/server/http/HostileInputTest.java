package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people who mean harm send. Whatever it is, the server answers, keeps nothing, and goes on.
 */
class HostileInputTest {
  private static final String EVENTS = "/api/observer/events?key=" + TestServer.KEY;

  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(directory, config -> config.limits(limits -> limits.requestsPerSecond(0)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.observer().uri().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** What comes back until the server closes the connection, or as much as there is. */
  private static String answer(Socket socket) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    InputStream in = socket.getInputStream();
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytes.write(buffer, 0, n);
      }
    } catch (SocketException e) {
      // a reset after the answer is an answer too
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private String exchange(String request) throws IOException {
    try (Socket socket = connect()) {
      try {
        send(socket, request);
        socket.shutdownOutput();
      } catch (SocketException e) {
        // the server had read enough and closed the connection
      }
      return answer(socket);
    }
  }

  /** The server still takes events, and has kept none but this one. */
  private void assertWellAndEmpty() throws Exception {
    String id = id();
    assertEquals(202, server.post("/events", events(event(id, "well"))).statusCode());
    JsonNode records =
        server.readUntil("/records", page -> page.get("records").size() > 0).get("records");
    assertEquals(1, records.size());
    assertEquals(id, records.get(0).get("event_id").asText());
  }

  private static void assertSaysNothingOfItself(String text) {
    for (String inside : List.of("\tat ", "java.", "Exception", "undertow", TestServer.TOKEN)) {
      assertFalse(text.contains(inside), text);
    }
  }

  @Test
  void codingsWithoutEnd_takeNoTime() {
    String request =
        "GET /api/observer/client.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: "
            + "gzip,".repeat(6_000)
            + "\u0085\r\n\r\n";
    assertTimeout(
        Duration.ofSeconds(10),
        () -> {
          for (int i = 0; i < 40; i++) {
            assertTrue(exchange(request).startsWith("HTTP/1.1 200 "));
          }
        });
  }

  @Test
  void announced50Megabytes_areRefusedBeforeTheyCome() throws Exception {
    try (Socket socket = connect()) {
      send(socket, "POST " + EVENTS + " HTTP/1.1\r\nHost: a\r\nContent-Length: 52428800\r\n\r\n{");
      String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
      assertEquals("HTTP/1.1 413", answer);
    }
    assertWellAndEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"events", "replay-events"})
  void endlessBody_isCutOff(String path) throws Exception {
    try (Socket socket = connect()) {
      send(
          socket,
          "POST /api/observer/"
              + path
              + "?key="
              + TestServer.KEY
              + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      byte[] chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.UTF_8);
      OutputStream out = socket.getOutputStream();
      long sent = 0;
      try {
        while (sent < 200L << 20) {
          out.write(chunk);
          sent += chunk.length;
        }
      } catch (SocketException e) {
        // cut off
      }
      assertTrue(sent < 100L << 20, "it read " + sent + " bytes");
    }
    assertWellAndEmpty();
  }

  @Test
  void refusedBody_thatIsSentAllTheSame_leavesTheAnswerIntact() throws Exception {
    String body = " ".repeat(5 << 20);
    String head = "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n";
    for (String path : List.of(EVENTS, EVENTS.replace("pk_test", "wrong"))) {
      try (Socket socket = connect()) {
        send(socket, head.formatted(path));
        send(socket, body); // a connection that is reset fails here, or loses the answer
        String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
        assertEquals(path.equals(EVENTS) ? "HTTP/1.1 413" : "HTTP/1.1 401", answer);
        send(socket, "GET /api/observer/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertTrue(answer(socket).contains("HTTP/1.1 200"), "the connection goes on");
      }
    }
  }

  private static byte[] gzip(String start, String repeated, int times, String end)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(start.getBytes(StandardCharsets.UTF_8));
      byte[] piece = repeated.repeat(1000).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < times / 1000; i++) {
        gzip.write(piece);
      }
      gzip.write(end.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  @Test
  void millionItems_are413() throws Exception {
    byte[] body = gzip("{\"events\":[{}", ",{}", 1_000_000, "]}");
    HttpResponse<String> answer = server.post("/events", body);
    assertEquals(413, answer.statusCode(), answer.body());
    assertWellAndEmpty();
  }

  @Test
  void tenMegabyteString_refusesItsItem_andKeepsTheOthers() throws Exception {
    String id = id();
    String start = "{\"events\":[" + event(id, "well") + "," + event(id(), "big").replace("}", "");
    byte[] body = gzip(start + ",\"title\":\"", "x", 10_000_000, "\"}]}");
    HttpResponse<String> answer = server.post("/events", body);
    assertEquals(202, answer.statusCode(), answer.body());
    assertEquals("/events/1/title", json(answer).at("/rejected/0/pointer").asText());
    server.readUntil("/records", page -> page.get("records").size() == 1);
  }

  @Test
  void hugeContextOverManyItems_doesNotMultiply() throws Exception {
    StringBuilder items = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      items.append(i == 0 ? "" : ",").append(event(id(), "a"));
    }
    String flags = "\"" + "x".repeat(60_000) + "\"";
    String context =
        "{\"context\":{\"release\":"
            + flags
            + ",\"language\":"
            + flags
            + ",\"user_agent\":"
            + flags
            + "},\"events\":[";
    HttpResponse<String> answer = server.post("/events", gzip(context + items, "", 0, "]}"));
    assertEquals(413, answer.statusCode(), answer.body());
    assertWellAndEmpty();
  }

  @Test
  void longPointers_areCut() throws Exception {
    String name = "n".repeat(60_000);
    String item =
        event(id(), "a")
            .replace("}", ",\"properties\":{\"" + name + "\":\"" + "x".repeat(70_000) + "\"}}");
    HttpResponse<String> answer = server.post("/events", events(item, item.replace("-7", "-7")));
    assertEquals(400, answer.statusCode());
    assertTrue(answer.body().length() < 5_000, "" + answer.body().length());
  }

  @Test
  void thousandsOfHeaders_areRefused() throws Exception {
    StringBuilder request = new StringBuilder("POST " + EVENTS + " HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 5000; i++) {
      request.append("X-").append(i).append(": ").append(i).append("\r\n");
    }
    String answer = exchange(request + "Content-Length: 2\r\n\r\n{}");
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
    assertSaysNothingOfItself(answer);
    String long1 =
        exchange(
            "GET /api/observer/health HTTP/1.1\r\nHost: a\r\nX: "
                + "x".repeat(200_000)
                + "\r\n\r\n");
    assertTrue(long1.isEmpty() || long1.startsWith("HTTP/1.1 4"), long1);
    assertWellAndEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 2\r\nContent-Length: 30",
        "Content-Length: 30\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Content-Length: x"
      })
  void ambiguousLength_smugglesNothing(String headers) throws Exception {
    String smuggled = "GET /api/observer/health HTTP/1.1\r\nHost: a\r\n\r\n";
    String answer =
        exchange("POST " + EVENTS + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n\r\n{}" + smuggled);
    assertFalse(answer.contains("HTTP/1.1 200"), answer);
    assertFalse(answer.contains("HTTP/1.1 202"), answer);
    assertSaysNothingOfItself(answer);
    assertWellAndEmpty();
  }

  @Test
  void slowSenders_holdUpNobody() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = connect();
        slow.add(socket);
        String path = i % 2 == 0 ? EVENTS : EVENTS.replace("events?", "replay-events?");
        send(socket, "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{\"ev");
      }
      long start = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        assertEquals(202, server.post("/events", events(event(id(), "quick"))).statusCode());
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertTrue(took.toMillis() < 5_000, "20 requests took " + took);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    server.readUntil("/records", page -> page.get("records").size() == 20);
    server.readUntil(
        "/health",
        health ->
            health.at("/lanes/replays/bytes").asLong() == 0
                && health.get("status").asText().equals("up"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"session_id\":\"a\\r\\nX: y\"",
        "\"session_id\":\"..........\"",
        "\"visitor_id\":\"' OR 1=1 --\"",
        "\"service_name\":\"{a=\\\"b\\\"}\"",
        "\"service_name\":\"\"",
        "\"environment\":\"a/b\"",
        "\"timestamp\":\"9999-12-31T23:59:59Z\"",
        "\"timestamp\":\"0000-00-00T00:00:00Z\"",
        "\"screen_width\":1e99",
        "\"screen_width\":99999999999999999999",
        "\"user_id\":{}",
        "\"received_at\":\"2026-01-01T00:00:00Z\"",
        "\"source\":\"server\""
      })
  void absurdField_refusesItsItem(String field) throws Exception {
    String item = event(id(), "a");
    String bent =
        field.startsWith("\"timestamp\"")
            ? item.replaceFirst("\"timestamp\":\"[^\"]*\"", field)
            : item.replace("}", "," + field + "}");
    HttpResponse<String> answer = server.post("/events", events(bent));
    assertEquals(400, answer.statusCode(), answer.body());
    String name = field.substring(1, field.indexOf('"', 1));
    assertEquals("/events/0/" + name, json(answer).at("/errors/0/pointer").asText());
    assertWellAndEmpty();
  }

  @Test
  void freeDataOfEveryKind_comesBackAsItWas() throws Exception {
    String properties =
        "{\"a b\":\"x\\r"
            + "\\n"
            + "y\",\"__proto__\":{\"a\":1},\"$ne\":null,\"\":[],\"{job=\\\"x\\\"}\":\"\\u0000\",\"n\":[1e308,-0.0,123456789012345678901234567890]}";
    HttpResponse<String> answer =
        server.post(
            "/events",
            events(event(id(), "a").replace("}", ",\"properties\":" + properties + "}")));
    assertEquals(202, answer.statusCode(), answer.body());
    HttpResponse<String> read =
        server.get("/records", "Authorization", "Bearer " + TestServer.TOKEN);
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!read.body().contains("properties") && System.nanoTime() < deadline) {
      read = server.get("/records", "Authorization", "Bearer " + TestServer.TOKEN);
    }
    assertTrue(read.body().contains("\"properties\":" + properties), read.body());
  }

  @Test
  void tokenGuessing_isSlowedDown() throws Exception {
    int refused = 0;
    for (int i = 0; i < 40; i++) {
      HttpResponse<String> answer =
          server.post(
              "/console/login",
              java.net.http.HttpRequest.BodyPublishers.ofString("{\"token\":\"guess " + i + "\"}"));
      assertTrue(List.of(401, 429).contains(answer.statusCode()));
      refused += answer.statusCode() == 429 ? 1 : 0;
    }
    assertTrue(refused > 10, refused + " of 40 were slowed down");
  }
}
