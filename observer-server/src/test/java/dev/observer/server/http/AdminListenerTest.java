package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import dev.observer.server.TestServer;
import io.undertow.Undertow;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and administration on a listener of their own. */
class AdminListenerTest {
  private static final String[] BEARER = {"Authorization", "Bearer " + TestServer.TOKEN};

  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(directory, config -> config.admin(admin -> admin.port(0)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private URI open(String path) {
    return server.observer().uri().resolve(path);
  }

  private URI admin(String path) {
    return server.observer().adminUri().resolve(path);
  }

  private HttpResponse<String> send(String method, URI uri, String... headers) throws Exception {
    return server.send(method, uri, HttpRequest.BodyPublishers.noBody(), headers);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/observer/records",
        "HEAD /api/observer/records",
        "GET /api/observer/sessions",
        "GET /api/observer/sessions/session-1",
        "GET /api/observer/replays/session-1",
        "GET /api/observer/replays/session-1/recording-1/0",
        "GET /api/observer/console",
        "GET /api/observer/console/",
        "POST /api/observer/console/login",
        "POST /api/observer/console/logout",
        "GET /metrics"
      })
  void whatReadsOrAdministers_isOnlyThere(String request) throws Exception {
    String method = request.split(" ", 2)[0];
    String path = request.split(" ", 2)[1];
    HttpResponse<String> open = send(method, open(path), BEARER);
    assertEquals(404, open.statusCode(), open.body());
    assertTrue(open.headers().firstValue("WWW-Authenticate").isEmpty());
    HttpResponse<String> there = send(method, admin(path));
    assertTrue(
        there.statusCode() != 404 || there.body().contains("session"),
        there.statusCode() + there.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /api/observer/events",
        "POST /api/observer/errors",
        "POST /api/observer/replay-events",
        "OPTIONS /api/observer/events",
        "GET /api/observer/client.js"
      })
  void whatBrowsersOfVisitorsUse_isOnlyOnTheOther(String request) throws Exception {
    String method = request.split(" ", 2)[0];
    String path = request.split(" ", 2)[1];
    assertEquals(404, send(method, admin(path + "?key=" + TestServer.KEY)).statusCode());
    assertNotEquals(404, send(method, open(path + "?key=" + TestServer.KEY)).statusCode());
  }

  @Test
  void whatWasWrittenOnOne_isReadOnTheOther() throws Exception {
    String id = id();
    assertEquals(202, server.post("/events", events(event(id, "a"))).statusCode());
    long deadline = System.nanoTime() + 10_000_000_000L;
    String read = "";
    while (!read.contains(id) && System.nanoTime() < deadline) {
      read = send("GET", admin("/api/observer/records"), BEARER).body();
    }
    assertTrue(read.contains(id), read);
  }

  @Test
  void health_isPlainOnOne_detailedOnTheOther_evenWithTheToken() throws Exception {
    assertEquals(2, json(send("GET", open("/api/observer/health"), BEARER)).size());
    assertEquals(2, json(send("GET", admin("/api/observer/health"))).size());
    assertTrue(json(send("GET", admin("/api/observer/health"), BEARER)).has("lanes"));
  }

  @Test
  void console_logsInThere() throws Exception {
    HttpResponse<String> login =
        server.send(
            "POST",
            admin("/api/observer/console/login"),
            HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TestServer.TOKEN + "\"}"),
            "Origin",
            server.observer().adminUri().toString());
    assertEquals(204, login.statusCode(), login.body());
    String cookie = login.headers().firstValue("Set-Cookie").orElse("").split(";", 2)[0];
    assertEquals(200, send("GET", admin("/api/observer/records"), "Cookie", cookie).statusCode());
    assertEquals(404, send("GET", open("/api/observer/records"), "Cookie", cookie).statusCode());
    assertEquals(
        403,
        server
            .send(
                "POST",
                admin("/api/observer/console/login"),
                HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TestServer.TOKEN + "\"}"),
                "Origin",
                server.observer().uri().toString())
            .statusCode(),
        "the other listener is another origin");
  }

  @Test
  void withoutAdminPort_oneAddressServesAll(@TempDir Path other) throws Exception {
    try (TestServer one = TestServer.start(other)) {
      assertEquals(one.observer().uri(), one.observer().adminUri());
      assertEquals(200, one.get("/console/").statusCode());
    }
  }

  @Test
  void takenAdminPort_endsTheStart_andLetsGoOfEverything(@TempDir Path other) throws Exception {
    int open;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      open = free.getLocalPort();
    }
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      UncheckedIOException e =
          assertThrows(
              UncheckedIOException.class, () -> startAt(other, open, taken.getLocalPort()));
      assertTrue(
          String.valueOf(e.getMessage()).contains("127.0.0.1:" + taken.getLocalPort()),
          e.getMessage());
    }
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!starts(other, open) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertTrue(starts(other, open), "directory and port are free again");
  }

  private static TestServer startAt(Path directory, int port, int adminPort) {
    return TestServer.start(
        directory,
        config -> config.http(http -> http.port(port)).admin(admin -> admin.port(adminPort)));
  }

  private static boolean starts(Path directory, int port) {
    try {
      startAt(directory, port, 0).close();
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  @Test
  void mounted_hasItsAdminListener_andTheHostsHandlerServesTheRest(@TempDir Path other)
      throws Exception {
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .dataDir(other)
            .readToken(TestServer.TOKEN)
            .writeKey(TestServer.KEY)
            .admin(admin -> admin.port(0))
            .build();
    URI admin;
    try (Observer mounted = Observer.mount(config)) {
      Undertow host =
          Undertow.builder()
              .addHttpListener(0, "127.0.0.1")
              .setHandler(
                  mounted.handler(exchange -> exchange.getResponseSender().send("the host's own")))
              .build();
      host.start();
      try {
        int port = ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
        URI root = URI.create("http://127.0.0.1:" + port + "/");
        assertEquals("the host's own", send("GET", root.resolve("/metrics")).body());
        assertEquals(404, send("GET", root.resolve("/api/observer/records"), BEARER).statusCode());
        assertEquals(
            202,
            server
                .send(
                    "POST",
                    root.resolve("/api/observer/events?key=" + TestServer.KEY),
                    HttpRequest.BodyPublishers.ofString(events(event(id(), "a"))))
                .statusCode());
        admin = mounted.adminUri();
        assertEquals(200, send("GET", admin.resolve("/api/observer/records"), BEARER).statusCode());
        assertEquals(200, send("GET", admin.resolve("/metrics"), BEARER).statusCode());
        assertThrows(IllegalStateException.class, mounted::uri);
      } finally {
        host.stop();
      }
    }
    assertFalse(answers(admin));
  }

  private boolean answers(URI uri) throws Exception {
    try {
      send("GET", uri.resolve("/api/observer/health"));
      return true;
    } catch (java.net.ConnectException e) {
      return false;
    }
  }
}
