package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import dev.observer.server.TestServer;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadingTest {
  private static final String[] BEARER = {"Authorization", "Bearer " + TestServer.TOKEN};

  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(directory);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/records",
        "/sessions",
        "/sessions/session-1",
        "/replays/session-1",
        "/replays/session-1/recording-1/0"
      })
  void withoutToken_is401(String path) throws Exception {
    for (String[] headers :
        List.of(
            new String[0],
            new String[] {"Authorization", "Bearer wrong"},
            new String[] {"Authorization", "Bearer " + TestServer.KEY},
            new String[] {"Authorization", "Basic " + TestServer.TOKEN},
            new String[] {"Cookie", "observer_console=" + TestServer.TOKEN})) {
      HttpResponse<String> answer = server.get(path, headers);
      assertEquals(401, answer.statusCode());
      assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""));
      assertEquals("no-store", answer.headers().firstValue("Cache-Control").orElse(""));
    }
  }

  /** As a proxy that wants a password of its own passes it on. */
  @Test
  void cookie_isEnough_whateverElseIsInAuthorization() throws Exception {
    HttpResponse<String> login =
        server.post(
            "/console/login",
            HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TestServer.TOKEN + "\"}"),
            "Origin",
            server.observer().uri().toString().replaceFirst("/$", ""));
    String cookie = login.headers().firstValue("Set-Cookie").orElse("").split(";", 2)[0];
    assertEquals(
        200,
        server
            .get("/records", "Cookie", cookie, "Authorization", "Basic dXNlcjpwYXNz")
            .statusCode());
  }

  /** As another application of this host sets it, for a longer path, which comes first. */
  @Test
  void cookie_isFound_besideOthersOfItsName() throws Exception {
    String right = HexFormat.of().formatHex(Signature.of(TestServer.TOKEN, "console"));
    String cookie = "observer_console=x; observer_console=" + right;
    assertEquals(200, server.get("/records", "Cookie", cookie).statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"$Version=x; a=b", "a=\"", "observer_console", "; ; =; ,"})
  void cookies_thatCannotBeRead_areNone(String cookies) throws Exception {
    assertEquals(200, server.get("/health", "Cookie", cookies).statusCode());
    assertEquals(401, server.get("/records", "Cookie", cookies).statusCode());
  }

  @Test
  void pageOfMuchText_endsEarly_andTheNextGoesOn() throws Exception {
    String text = "\"" + "x".repeat(60_000) + "\",";
    String properties =
        ",\"properties\":{\"a\":[" + text.repeat(15) + "1]}}"; // in all some 900,000 characters
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sent.add(0, id());
      String big = event(sent.get(0), "n" + i).replace("}", properties);
      assertEquals(202, server.post("/events", events(big)).statusCode());
    }
    server.readUntil("/sessions", page -> true);
    server.readUntil(
        "/records?limit=1",
        page ->
            page.get("records").size() == 1
                && page.get("records").get(0).get("event_id").asText().equals(sent.get(0)));
    List<String> read = new ArrayList<>();
    int pages = 0;
    String cursor = "";
    do {
      JsonNode page = server.read("/records?limit=1000" + cursor);
      assertTrue(page.get("records").size() <= 9, () -> page.get("records").size() + " in a page");
      page.get("records").forEach(record -> read.add(record.get("event_id").asText()));
      pages++;
      cursor =
          page.get("next_cursor").isNull() ? "" : "&cursor=" + page.get("next_cursor").asText();
    } while (!cursor.isEmpty());
    assertEquals(sent, read);
    assertEquals(3, pages);
  }

  @Test
  void missingBatches_areToldUpToABound() throws Exception {
    for (String recording : List.of("recording-1", "recording-2")) {
      for (int sequence : new int[] {2, 999_999}) {
        String batch = TestServer.replay("session-1", recording, sequence, "[]");
        assertEquals(202, server.post("/replay-events", batch).statusCode());
      }
    }
    JsonNode recordings =
        server
            .readUntil(
                "/replays/session-1",
                answer -> answer.findValues("batches").stream().mapToInt(JsonNode::size).sum() == 4)
            .get("recordings");
    JsonNode missing = recordings.get(0).get("missing");
    assertEquals(10_000, missing.size());
    assertEquals(
        "[0,1,3]", "[" + missing.get(0) + "," + missing.get(1) + "," + missing.get(2) + "]");
    assertEquals(0, recordings.get(1).get("missing").size());
  }

  @Test
  void pages_neitherSkipNorRepeat_whileMoreArrives() throws Exception {
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      sent.add(0, id());
      server.post("/events", events(event(sent.get(0), "n" + i)));
    }
    server.readUntil("/records", page -> page.get("records").size() == 25);
    List<String> read = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = server.read("/records?limit=10" + cursor);
      page.get("records").forEach(record -> read.add(record.get("event_id").asText()));
      cursor =
          page.get("next_cursor").isNull() ? "" : "&cursor=" + page.get("next_cursor").asText();
      server.post("/events", events(event(id(), "later")));
    } while (!cursor.isEmpty());
    assertEquals(sent, read);
  }

  @Test
  void foreignOrBentCursor_is400() throws Exception {
    server.post("/events", events(event(id(), "a"), event(id(), "b")));
    JsonNode page =
        server.readUntil("/records?limit=1", answer -> answer.get("next_cursor").isTextual());
    String cursor = page.get("next_cursor").asText();
    assertEquals(200, server.get("/records?cursor=" + cursor, BEARER).statusCode());
    for (String query :
        List.of(
            "/records?kind=event&cursor=" + cursor,
            "/records?trace_id=af&cursor=" + cursor,
            "/sessions?cursor=" + cursor,
            "/records?cursor=B" + cursor.substring(1),
            "/records?cursor=AAAA",
            "/records?cursor=%00")) {
      assertEquals(400, server.get(query, BEARER).statusCode(), query);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind=nothing",
        "limit=0",
        "limit=1001",
        "limit=x",
        "since=yesterday",
        "until=2026",
        "session_id=a%27b",
        "visitor_id=..%2F..%2Fetc",
        "event_id=17",
        "event_id=0193b1c2-7a10-7000-8000-00000000000g",
        "trace_id=a%27b",
        "service_name=a%20b",
        "environment=%00",
        "unknown=1",
        "limit=1&limit=2"
      })
  void badParameter_is400(String query) throws Exception {
    HttpResponse<String> answer = server.get("/records?" + query, BEARER);
    assertEquals(400, answer.statusCode());
    String named = query.startsWith("unknown") ? "trace_id" : query.split("=", 2)[0];
    assertTrue(answer.body().contains(named), answer.body());
  }

  @Test
  void filters_meanWhatTheySay() throws Exception {
    String context =
        "{\"context\":{\"session_id\":\"%s\",\"visitor_id\":\"%s\",\"user_id\":\"%s\"},\"events\":[%s]}";
    String hostile = "u' OR '1'='1";
    String id = id();
    String traced = event(id, "a").replace("}", ",\"trace_id\":\"" + "af".repeat(16) + "\"}");
    server.post("/events", context.formatted("session-1", "visitor-1", hostile, traced));
    server.post("/events", context.formatted("session-2", "visitor-2", "u-2", event(id(), "b")));
    server.post(
        "/errors",
        "{\"errors\":[{\"event_id\":\""
            + id()
            + "\",\"timestamp\":\"2026-01-02T00:00:00Z\",\"message\":\"m\","
            + "\"service_name\":\"other\",\"environment\":\"live\"}]}");
    server.readUntil("/records", page -> page.get("records").size() == 3);
    assertEquals(List.of("a"), names("session_id=session-1"));
    assertEquals(List.of("b"), names("visitor_id=visitor-2"));
    assertEquals(List.of("a"), names("user_id=u%27%20OR%20%271%27%3D%271"));
    assertEquals(List.of("a"), names("event_id=" + id));
    assertEquals(List.of("a"), names("trace_id=" + "af".repeat(16)));
    assertEquals(List.of("m"), names("service_name=other"));
    assertEquals(List.of("m"), names("environment=live"));
    assertEquals(List.of("b", "a"), names("kind=event"));
    assertEquals(
        List.of("m"),
        names("kind=error&since=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00.001Z"));
    assertEquals(List.of(), names("until=2026-01-02T00:00:00Z"));
    assertEquals(List.of("b", "a"), names("since=2026-01-02T00:00:00.001Z"));
  }

  private List<String> names(String query) throws Exception {
    List<String> names = new ArrayList<>();
    server
        .read("/records?" + query)
        .get("records")
        .forEach(
            record -> names.add(record.path("event_name").asText(record.path("message").asText())));
    return names;
  }

  @Test
  void session_isSummedUp() throws Exception {
    server.post(
        "/events",
        """
        {"context":{"session_id":"session-1","visitor_id":"visitor-1"},"events":[
         {"event_id":"%s","timestamp":"2026-11-01T10:00:05Z","event_type":"page_view","url":"https://s/second"},
         {"event_id":"%s","timestamp":"2026-11-01T10:00:00Z","event_type":"page_view","url":"https://s/first"},
         {"event_id":"%s","timestamp":"2026-11-01T10:00:09Z","event_type":"custom_event","event_name":"a","user_id":"u-1"}]}"""
            .formatted(id(), id(), id()));
    server.post(
        "/errors",
        """
        {"context":{"session_id":"session-1"},"errors":[
         {"event_id":"%s","timestamp":"2026-11-01T10:00:07Z","message":"m"}]}"""
            .formatted(id()));
    JsonNode session =
        server
            .readUntil("/sessions", page -> page.at("/sessions/0/errors").asInt() == 1)
            .at("/sessions/0");
    assertEquals(
        "{\"session_id\":\"session-1\",\"visitor_id\":\"visitor-1\",\"user_id\":\"u-1\","
            + "\"first_time\":\"2026-11-01T10:00:00.000Z\",\"last_time\":\"2026-11-01T10:00:09.000Z\","
            + "\"page_views\":2,\"custom_events\":1,\"errors\":1,\"entry_url\":\"https://s/first\","
            + "\"has_replay\":false}",
        session.toString());
    JsonNode one = server.read("/sessions/session-1");
    assertEquals("[]", one.get("recordings").toString());
    assertEquals(1, server.read("/sessions?user_id=u-1").get("sessions").size());
    assertEquals(0, server.read("/sessions?user_id=u-2").get("sessions").size());
    assertEquals(0, server.read("/sessions?service_name=other").get("sessions").size());
    assertEquals(0, server.read("/sessions?environment=live").get("sessions").size());
    assertEquals(0, server.read("/sessions?since=2026-11-01T10:00:10Z").get("sessions").size());
    assertEquals(0, server.read("/sessions?until=2026-11-01T10:00:00Z").get("sessions").size());
    assertEquals(404, server.get("/sessions/session-2", BEARER).statusCode());
    assertEquals(404, server.get("/sessions/..%2F..", BEARER).statusCode());
    assertEquals(404, server.get("/replays/session-1", BEARER).statusCode());
  }

  @Test
  void head_answersAsGetWithoutBody() throws Exception {
    for (String path : List.of("/records", "/health", "/sessions")) {
      HttpResponse<String> head =
          server.send("HEAD", server.uri(path), HttpRequest.BodyPublishers.noBody(), BEARER);
      assertEquals(200, head.statusCode(), path);
      assertEquals("", head.body());
      assertTrue(head.headers().firstValueAsLong("Content-Length").orElse(0) > 0);
    }
  }

  @Test
  void unknownAddressAndMethod_areToldApart() throws Exception {
    assertEquals(404, server.get("/nothing/here").statusCode());
    HttpResponse<String> answer = server.get("/events");
    assertEquals(405, answer.statusCode());
    assertEquals("OPTIONS, POST", answer.headers().firstValue("Allow").orElse(""));
    HttpResponse<String> post =
        server.send("POST", server.uri("/records"), HttpRequest.BodyPublishers.noBody());
    assertEquals(405, post.statusCode());
    assertEquals("GET, HEAD", post.headers().firstValue("Allow").orElse(""));
  }

  @Test
  void health_showsDetailsOnlyWithToken() throws Exception {
    JsonNode open = json(server.get("/health"));
    assertEquals("up", open.get("status").asText());
    assertEquals(2, open.size());
    JsonNode details = server.read("/health");
    assertTrue(details.at("/lanes/events/accepting").asBoolean());
    assertTrue(details.has("sinks") && details.has("losses"));
  }

  @Test
  void health_namesTheServicesThatRecordsCarry() throws Exception {
    server.post(
        "/events", events(event(id(), "a").replace("}", ",\"service_name\":\"shop-web\"}")));
    assertEquals(
        """
        [{"service_name":"app","environment":"development"},\
        {"service_name":"shop-web","environment":"development"}]""",
        server.read("/health").get("services").toString());
  }

  @Test
  void metrics_takeTheToken_andNameOurMeters() throws Exception {
    server.post("/events", events(event(id(), "a")));
    server.readUntil("/records", page -> page.get("records").size() == 1);
    java.net.URI metrics = server.observer().uri().resolve("/metrics");
    assertEquals(
        401, server.send("GET", metrics, HttpRequest.BodyPublishers.noBody()).statusCode());
    String text = server.send("GET", metrics, HttpRequest.BodyPublishers.noBody(), BEARER).body();
    for (String name :
        List.of(
            "observer_http_requests_seconds_count{method=\"POST\",path=\"/api/observer/events\",status=\"202\"} 1",
            "observer_records_accepted_total{kind=\"event\",type=\"custom_event\"} 1.0",
            "observer_delivered_records_total{sink=\"embedded\"} 1.0",
            "observer_spool_bytes{lane=\"events\"} 0.0",
            "observer_spool_files{lane=\"replays\"} 0.0",
            "observer_spool_oldest_seconds{lane=\"events\"} 0.0",
            "observer_delivery_seconds_count{outcome=\"success\",sink=\"embedded\"} 1",
            "jvm_memory_used_bytes")) {
      assertTrue(text.contains(name), name + " is not in\n" + text);
    }
  }

  @Test
  void console_takesTheTokenForACookie_thatReads() throws Exception {
    HttpResponse<String> wrong =
        server.post("/console/login", HttpRequest.BodyPublishers.ofString("{\"token\":\"wrong\"}"));
    assertEquals(401, wrong.statusCode());
    HttpResponse<String> foreign =
        server.post(
            "/console/login",
            HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TestServer.TOKEN + "\"}"),
            "Origin",
            "https://evil.example");
    assertEquals(403, foreign.statusCode());
    HttpResponse<String> right =
        server.post(
            "/console/login",
            HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TestServer.TOKEN + "\"}"));
    assertEquals(204, right.statusCode());
    String cookie = right.headers().firstValue("Set-Cookie").orElse("");
    assertTrue(cookie.startsWith("observer_console="), cookie);
    assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
    assertTrue(cookie.toLowerCase(java.util.Locale.ROOT).contains("path=/api/observer"), cookie);
    assertFalse(cookie.contains(TestServer.TOKEN));
    assertEquals(200, server.get("/records", "Cookie", cookie.split(";", 2)[0]).statusCode());
  }

  @Test
  void firstStart_makesATokenForItsOwnerOnly(@TempDir Path other) throws Exception {
    String token;
    try (TestServer first = TestServer.startBare(other)) {
      token = first.observer().firstToken().orElseThrow();
      assertEquals(200, first.get("/records", "Authorization", "Bearer " + token).statusCode());
      Path file = other.resolve("keys/read-token");
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
    try (TestServer second = TestServer.startBare(other)) {
      assertTrue(second.observer().firstToken().isEmpty());
      assertEquals(200, second.get("/records", "Authorization", "Bearer " + token).statusCode());
    }
  }

  @Test
  void startThatFails_leavesTheShowingOfTheTokenToTheNext(@TempDir Path other) throws Exception {
    int taken = server.observer().uri().getPort();
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .dataDir(other)
            .http(http -> http.port(taken))
            .build();
    assertThrows(UncheckedIOException.class, () -> Observer.start(config));
    try (TestServer next = TestServer.startBare(other)) {
      assertEquals(
          next.observer().firstToken().orElseThrow(),
          Files.readString(other.resolve("keys/read-token")).strip());
    }
  }
}
