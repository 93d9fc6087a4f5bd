package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every address has in common: methods, headers, refusals, and who may read an answer. */
class WireTest {
  private static final String[] BEARER = {"Authorization", "Bearer " + TestServer.TOKEN};
  private static final String SHOP = "https://shop.example";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND");

  private static final Map<Integer, String> TITLES =
      Map.of(
          400, "Bad Request",
          401, "Unauthorized",
          403, "Forbidden",
          404, "Not Found",
          405, "Method Not Allowed",
          409, "Conflict",
          413, "Request Entity Too Large",
          415, "Unsupported Media Type");

  @TempDir static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            directory,
            config -> config.allowedOrigins(SHOP).limits(limits -> limits.requestsPerSecond(0)));
    server.post(
        "/events",
        events(event(id(), "a"))
            .replaceFirst("\\{", "{\"context\":{\"session_id\":\"session-1\"},"));
    server.post("/replay-events", TestServer.replay("session-1", "recording-1", 0, "[1]"));
    server.readUntil("/records", page -> page.get("records").size() == 2);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static URI at(String path) {
    return server.observer().uri().resolve(path);
  }

  private static HttpResponse<String> send(String method, String path, String... headers)
      throws Exception {
    return checked(server.send(method, at(path), HttpRequest.BodyPublishers.noBody(), headers));
  }

  private static HttpResponse<String> write(String path, String body, String... headers)
      throws Exception {
    return checked(server.post(path, body, headers));
  }

  /** What holds for every answer. */
  private static HttpResponse<String> checked(HttpResponse<String> answer) throws Exception {
    assertEquals("nosniff", header(answer, "X-Content-Type-Options"));
    if (answer.statusCode() >= 400) {
      assertEquals("application/problem+json", header(answer, "Content-Type"));
      if (!answer.request().method().equals("HEAD")) {
        JsonNode problem = json(answer);
        assertEquals("about:blank", problem.get("type").asText());
        assertEquals(TITLES.get(answer.statusCode()), problem.get("title").asText());
        assertEquals(answer.statusCode(), problem.get("status").asInt());
        assertTrue(problem.get("detail").asText().length() > 10, answer.body());
        assertFalse(answer.body().contains(TestServer.TOKEN));
      }
    }
    return answer;
  }

  private static String header(HttpResponse<?> answer, String name) {
    return String.join("|", answer.headers().allValues(name));
  }

  private static void assertNoCors(HttpResponse<?> answer) {
    for (String name : answer.headers().map().keySet()) {
      assertFalse(name.startsWith("access-control-"), name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/observer/events                              | OPTIONS, POST",
        "/api/observer/errors                              | OPTIONS, POST",
        "/api/observer/replay-events                       | OPTIONS, POST",
        "/api/observer/records                             | GET, HEAD",
        "/api/observer/sessions                            | GET, HEAD",
        "/api/observer/sessions/session-1                  | GET, HEAD",
        "/api/observer/replays/session-1                   | GET, HEAD",
        "/api/observer/replays/session-1/recording-1/0     | GET, HEAD",
        "/api/observer/health                              | GET, HEAD",
        "/metrics                                          | GET, HEAD",
        "/api/observer/client.js                           | GET, HEAD",
        "/api/observer/console                             | GET, HEAD",
        "/api/observer/console/                            | GET, HEAD",
        "/api/observer/console/login                       | POST",
        "/api/observer/console/logout                      | POST",
      })
  void everyAddress_takesItsMethods_andSaysSo(String path, String allow) throws Exception {
    Set<String> allowed = Set.of(allow.split(", ", -1));
    for (String method : METHODS) {
      HttpResponse<String> answer = send(method, path, BEARER);
      if (allowed.contains(method)) {
        assertTrue(answer.statusCode() != 405 && answer.statusCode() != 404, method);
      } else {
        assertEquals(405, answer.statusCode(), method);
        assertEquals(allow, header(answer, "Allow"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api",
        "/api/observer",
        "/api/observer/",
        "/api/observer/nothing",
        "/api/observer/nothing.js",
        "/api/observer/events/",
        "/api/observer/events/x",
        "/api/observer/replays",
        "/api/observer/replays/session-1/recording-1",
        "/api/observer/replays/session-1/recording-1/0/0",
        "/metrics/x",
        "/api/observer//events",
        "/API/observer/events"
      })
  void whatIsNotThere_is404_whateverTheMethod(String path) throws Exception {
    for (String method : METHODS) {
      assertEquals(404, send(method, path, BEARER).statusCode(), method);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/observer/records",
        "/api/observer/records?limit=0",
        "/api/observer/sessions",
        "/api/observer/sessions/session-1",
        "/api/observer/sessions/session-9",
        "/api/observer/replays/session-1",
        "/api/observer/replays/session-9",
        "/api/observer/replays/session-1/recording-1/0",
        "/api/observer/replays/session-1/recording-1/1",
        "/api/observer/health",
        "/metrics"
      })
  void reading_isNeverCached_neverAnswersCors_andHasAHead(String path) throws Exception {
    // What other tests wrote would come in between the two that are compared.
    server.readUntil("/health", health -> health.at("/lanes/events/bytes").asLong() == 0);
    for (String[] headers :
        List.of(
            BEARER,
            new String[0],
            new String[] {"Origin", SHOP},
            new String[] {"Origin", SHOP, BEARER[0], BEARER[1]})) {
      HttpResponse<String> get = send("GET", path, headers);
      HttpResponse<String> head = send("HEAD", path, headers);
      for (HttpResponse<String> answer : List.of(get, head)) {
        assertEquals("no-store", header(answer, "Cache-Control"));
        assertNoCors(answer);
        assertEquals(
            answer.statusCode() == 401 ? "Bearer" : "", header(answer, "WWW-Authenticate"));
      }
      assertEquals(get.statusCode(), head.statusCode());
      assertEquals(header(get, "Content-Type"), header(head, "Content-Type"));
      assertEquals(header(get, "Content-Encoding"), header(head, "Content-Encoding"));
      assertEquals("", head.body());
      if (!path.equals("/metrics") && !path.endsWith("/health")) {
        assertEquals(header(get, "Content-Length"), header(head, "Content-Length"));
      }
      assertTrue(Integer.parseInt(header(head, "Content-Length")) > 0);
    }
    HttpResponse<String> preflight =
        send("OPTIONS", path, "Origin", SHOP, "Access-Control-Request-Method", "GET");
    assertEquals(405, preflight.statusCode());
    assertNoCors(preflight);
  }

  @Test
  void storedObject_isSentAsItIs() throws Exception {
    HttpResponse<byte[]> stored = server.getBytes("/replays/session-1/recording-1/0");
    assertEquals("gzip", header(stored, "Content-Encoding"));
    assertEquals("application/json", header(stored, "Content-Type"));
    assertEquals(String.valueOf(stored.body().length), header(stored, "Content-Length"));
    assertEquals((byte) 0x1F, stored.body()[0]);
    int listed = server.read("/replays/session-1").at("/recordings/0/batches/0/bytes").asInt();
    assertEquals(listed, stored.body().length);
    HttpResponse<String> head =
        send("HEAD", "/api/observer/replays/session-1/recording-1/0", BEARER);
    assertEquals(String.valueOf(listed), header(head, "Content-Length"));
    assertEquals("gzip", header(head, "Content-Encoding"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://shop.example, true",
    "https://SHOP.example, true",
    "http://shop.example, false",
    "https://shop.example:8443, false",
    "https://shop.example.evil.example, false",
    "https://a.shop.example, false",
    "https://shop.example/, false",
    "https://shop.example https://evil.example, false",
    "'https://evil.example, https://shop.example', false",
    "null, false",
    "'', false",
    "*, false",
    "file://, false",
  })
  void origin_isAllowedAsAWhole(String origin, boolean allowed) throws Exception {
    for (String path : List.of("/events", "/errors", "/replay-events")) {
      HttpResponse<String> answer = write(path, "nonsense", "Origin", origin);
      assertEquals(allowed ? 400 : 403, answer.statusCode());
      assertEquals("Origin", header(answer, "Vary"));
      HttpResponse<String> preflight =
          send(
              "OPTIONS",
              "/api/observer" + path,
              "Origin",
              origin,
              "Access-Control-Request-Method",
              "POST",
              "Access-Control-Request-Headers",
              "content-type,observer-key");
      assertEquals("Origin", header(preflight, "Vary"));
      assertEquals(204, preflight.statusCode());
      if (allowed) {
        assertEquals(origin, header(answer, "Access-Control-Allow-Origin"));
        assertEquals(
            "Retry-After, Observer-Retry", header(answer, "Access-Control-Expose-Headers"));
        assertEquals(origin, header(preflight, "Access-Control-Allow-Origin"));
        assertEquals("POST", header(preflight, "Access-Control-Allow-Methods"));
        assertEquals(
            "Content-Type, Content-Encoding, Observer-Key, traceparent",
            header(preflight, "Access-Control-Allow-Headers"));
        assertTrue(Integer.parseInt(header(preflight, "Access-Control-Max-Age")) > 0);
      } else {
        assertNoCors(answer);
        assertNoCors(preflight);
      }
      assertEquals("", header(answer, "Access-Control-Allow-Credentials"));
    }
  }

  @Test
  void everyRefusalOfIngest_mayBeReadByAnAllowedPage() throws Exception {
    String good = events(event(id(), "a"));
    String[] page = {"Origin", SHOP};
    List<HttpResponse<String>> refusals =
        List.of(
            write("/events", "{", page),
            checked(server.post("/events?key=no", HttpRequest.BodyPublishers.ofString(good), page)),
            write("/events", " ".repeat(2 << 20), page),
            write("/events", good, "Origin", SHOP, "Content-Type", "text/html"),
            write("/events", good, "Origin", SHOP, "Content-Encoding", "zstd"),
            write("/replay-events", TestServer.replay("session-1", "recording-1", 0, "[2]"), page));
    assertEquals(
        List.of(400, 401, 413, 415, 415, 409),
        refusals.stream().map(HttpResponse::statusCode).toList());
    for (HttpResponse<String> refusal : refusals) {
      assertEquals(SHOP, header(refusal, "Access-Control-Allow-Origin"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // type | coding | status
        "application/json | | 202",
        "application/json; charset=utf-8 | | 202",
        "APPLICATION/JSON | identity | 202",
        "text/plain | | 202",
        "text/plain;charset=UTF-8 | | 202",
        "application/x-www-form-urlencoded | | 415",
        "multipart/form-data; boundary=x | | 415",
        "application/problem+json | | 415",
        "application/json, text/html | | 415",
        "text/html | | 415",
        "application/json | gzip, gzip | 415",
        "application/json | br | 415",
        "application/json | deflate | 415",
        "application/json | gzip | 400", // it is none
      })
  void typeAndCoding_decideBeforeTheBodyIsRead(String type, String coding, int status)
      throws Exception {
    List<String> headers = new ArrayList<>(List.of("Content-Type", type));
    if (coding != null) {
      headers.addAll(List.of("Content-Encoding", coding));
    }
    HttpResponse<String> answer =
        write("/events", events(event(id(), "a")), headers.toArray(String[]::new));
    assertEquals(status, answer.statusCode(), answer.body());
  }

  @Test
  void bodyWithoutAType_isTaken() throws Exception {
    String body = events(event(id(), "a"));
    for (String type : List.of("", "Content-Type: \r\n")) {
      String answer =
          TestServer.raw(
              server.observer().uri(),
              "POST /api/observer/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                  + "Observer-Key: "
                  + TestServer.KEY
                  + "\r\n"
                  + type
                  + "Content-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body);
      assertTrue(answer.startsWith("HTTP/1.1 202 "), answer);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // one line | another | status
        "Content-Type: application/json | Content-Type: application/json | 400", // of its body
        "Content-Type: application/json | Content-Type: text/html | 415",
        "Content-Type: text/plain;charset=UTF-8 | Content-Type: text/html | 415",
        "Content-Encoding: identity | Content-Encoding: br | 415",
      })
  void typeAndCoding_mayHaveSeveralLines_whichAllCount(String one, String another, int status)
      throws Exception {
    String answer =
        TestServer.raw(
            server.observer().uri(),
            "POST /api/observer/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                + "Observer-Key: "
                + TestServer.KEY
                + "\r\n"
                + one
                + "\r\n"
                + another
                + "\r\nContent-Length: 2\r\n\r\n{}");
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
  }

  @Test
  void gzip_isRecognised_howeverItsBytesCome() throws Exception {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(events(event(id(), "a")).getBytes(StandardCharsets.UTF_8));
    }
    for (String path : List.of("events", "replay-events")) {
      StringBuilder request = new StringBuilder("POST /api/observer/" + path + "?key=");
      request.append(TestServer.KEY).append(" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
      request.append("Transfer-Encoding: chunked\r\n\r\n");
      for (byte b : packed.toByteArray()) {
        request.append("1\r\n").append((char) (b & 0xFF)).append("\r\n");
      }
      String answer =
          TestServer.raw(server.observer().uri(), request.append("0\r\n\r\n").toString());
      assertTrue(
          path.equals("events")
              ? answer.startsWith("HTTP/1.1 202 ")
              : answer.contains("/session_id\",\"reason\":\"is required"),
          answer);
    }
  }

  @Test
  void senderThatAsksWhetherToSend_isTold() throws Exception {
    String head =
        "POST /api/observer/events?key=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + "Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s";
    String body = events(event(id(), "a"));
    String taken =
        TestServer.raw(
            server.observer().uri(), head.formatted(TestServer.KEY, body.length(), body));
    assertTrue(taken.contains("HTTP/1.1 202 "), taken);
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), server.observer().uri().getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              head.formatted(TestServer.KEY, body.length(), "")
                  .getBytes(StandardCharsets.US_ASCII));
      assertEquals(
          "HTTP/1.1 100 ",
          new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII));
    }
    String refused =
        TestServer.raw(server.observer().uri(), head.formatted("wrong", body.length(), ""));
    assertTrue(refused.startsWith("HTTP/1.1 401 "), refused);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE\r\n\r\n",
        "GET /api/observer/health HTTP/1.1\r\n\r\n",
        "GET /api/observer/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /api/observer/%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /api/observer/records?user_id=%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
      })
  void whatIsNoRequest_isRefusedAsAnyOther(String request) throws Exception {
    String answer = TestServer.raw(server.observer().uri(), request);
    assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    assertTrue(answer.contains("\r\nX-Content-Type-Options: nosniff\r\n"), answer);
    assertTrue(answer.contains("\r\nContent-Type: application/problem+json\r\n"), answer);
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertTrue(answer.contains("\r\nContent-Length: " + body.length() + "\r\n"), answer);
    assertTrue(
        body.startsWith("{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"));
    assertTrue(body.contains("\"errors\":[{\"pointer\":\"\","), body);
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, 401",
    "PARAMETER, 202",
    "HEADER, 202",
    "BOTH, 202",
    "WRONG_HEADER, 401",
    "EMPTY_HEADER, 401",
    "READ_TOKEN, 401",
    "BEARER, 401",
    "TWICE, 202",
  })
  void writeKey_travelsInTheQueryOrInItsHeader(String how, int status) throws Exception {
    String query =
        switch (how) {
          case "PARAMETER", "BOTH", "WRONG_HEADER" -> "?key=" + TestServer.KEY;
          case "TWICE" -> "?key=" + TestServer.KEY + "&key=other";
          case "READ_TOKEN" -> "?key=" + TestServer.TOKEN;
          default -> "";
        };
    String[] headers =
        switch (how) {
          case "HEADER", "BOTH" -> new String[] {"Observer-Key", TestServer.KEY};
          case "WRONG_HEADER" -> new String[] {"Observer-Key", "other"};
          case "EMPTY_HEADER" -> new String[] {"Observer-Key", ""};
          case "BEARER" -> BEARER;
          default -> new String[0];
        };
    HttpResponse<String> answer =
        checked(
            server.post(
                "/events" + query,
                HttpRequest.BodyPublishers.ofString(events(event(id(), "a"))),
                headers));
    assertEquals(status, answer.statusCode(), answer.body());
  }

  @Test
  void rightKey_doesNotHelpAPageOfAnotherOrigin() throws Exception {
    HttpResponse<String> answer =
        write("/events", events(event(id(), "a")), "Origin", "https://evil.example");
    assertEquals(403, answer.statusCode());
  }

  @Test
  void manifest_namesWhatIsMissing_recordingsByTheirStart(@TempDir Path other) throws Exception {
    try (TestServer replays = TestServer.start(other)) {
      String first = TestServer.replay("session-1", "recording-b", 0, "[]");
      first =
          first.replaceFirst(
              "\"start_time\":\"[^\"]*\"", "\"start_time\":\"2026-01-01T00:00:00Z\"");
      assertEquals(202, replays.post("/replay-events", first).statusCode());
      for (int sequence : new int[] {7, 2, 5, 3}) {
        String batch =
            TestServer.replay("session-1", "recording-a", sequence, "[" + sequence + "]");
        assertEquals(202, replays.post("/replay-events", batch).statusCode());
      }
      JsonNode manifest =
          replays.readUntil(
              "/replays/session-1",
              node ->
                  node.at("/recordings/1/batches").size() == 4
                      && node.at("/recordings/1/start_time").isTextual()
                      && node.at("/recordings/0/start_time").isTextual());
      assertEquals("session-1", manifest.get("session_id").asText());
      assertEquals("recording-b", manifest.at("/recordings/0/recording_id").asText());
      assertEquals("2026-01-01T00:00:00.000Z", manifest.at("/recordings/0/start_time").asText());
      assertEquals("[]", manifest.at("/recordings/0/missing").toString());
      List<Integer> sequences = new ArrayList<>();
      manifest.at("/recordings/1/batches").forEach(b -> sequences.add(b.get("sequence").asInt()));
      assertEquals(List.of(2, 3, 5, 7), sequences);
      assertEquals("[0,1,4,6]", manifest.at("/recordings/1/missing").toString());
      assertEquals(
          manifest.get("recordings"), replays.read("/sessions/session-1").get("recordings"));
      for (String sequence : List.of("0", "1", "4", "8", "02", "+2", "-2", "2.0", "x", "9999999")) {
        assertEquals(
            404,
            replays.getBytes("/replays/session-1/recording-a/" + sequence).statusCode(),
            sequence);
      }
      assertEquals(200, replays.getBytes("/replays/session-1/recording-a/2").statusCode());
    }
  }

  @Test
  void pages_neitherSkipNorRepeat_whileAWriterNeverRests(@TempDir Path other) throws Exception {
    try (TestServer busy =
        TestServer.start(other, config -> config.limits(l -> l.requestsPerSecond(0)))) {
      List<String> before = new ArrayList<>();
      for (int batch = 0; batch < 10; batch++) {
        String[] items = new String[10]; // of one batch all have one received_at
        for (int i = 0; i < items.length; i++) {
          String id = id();
          before.add(0, id);
          items[i] = event(id, "before");
        }
        String session = "{\"context\":{\"session_id\":\"session-" + batch + "\"},";
        assertEquals(
            202, busy.post("/events", events(items).replaceFirst("\\{", session)).statusCode());
      }
      busy.readUntil("/records", page -> page.get("records").size() == 100);
      Thread writer = new Thread(() -> writeUntilInterrupted(busy));
      writer.start();
      try {
        busy.readUntil(
            "/records?limit=1",
            page -> page.at("/records/0/event_name").asText().equals("meanwhile"));
        for (int limit : new int[] {1, 3, 7}) {
          List<String> ids = all(busy, "records", "event_id", limit);
          assertEquals(new HashSet<>(ids).size(), ids.size(), "an id comes twice");
          assertEquals(before, ids.subList(ids.size() - before.size(), ids.size()));
        }
        for (int limit : new int[] {1, 3}) {
          List<String> sessions = all(busy, "sessions", "session_id", limit);
          assertEquals(new HashSet<>(sessions).size(), sessions.size(), "a session comes twice");
          assertTrue(sessions.containsAll(List.of("session-0", "session-5", "session-9")));
        }
        assertTrue(writer.isAlive(), "the writer had stopped");
      } finally {
        writer.interrupt();
        writer.join();
      }
    }
  }

  /** New events, and for known sessions older ones than any, so that they move in their list. */
  private static void writeUntilInterrupted(TestServer server) {
    try {
      for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
        String time = "\"timestamp\":\"2025-01-01T00:00:00Z\"";
        String older = event(id(), "meanwhile").replaceFirst("\"timestamp\":\"[^\"]*\"", time);
        String context = "{\"context\":{\"session_id\":\"session-" + i % 10 + "\"},";
        server.post("/events", events(older).replaceFirst("\\{", context));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> all(TestServer server, String list, String field, int limit)
      throws Exception {
    List<String> read = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = server.read("/" + list + "?limit=" + limit + cursor);
      page.get(list).forEach(item -> read.add(item.get(field).asText()));
      assertTrue(page.get(list).size() <= limit);
      cursor =
          page.get("next_cursor").isNull() ? "" : "&cursor=" + page.get("next_cursor").asText();
    } while (!cursor.isEmpty());
    return read;
  }
}
