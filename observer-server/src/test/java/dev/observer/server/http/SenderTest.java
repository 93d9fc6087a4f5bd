package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whose request it is: forwarding headers count from trusted proxies only. The test is the peer.
 */
class SenderTest {
  private static final String LOGIN = "{\"token\":\"" + TestServer.TOKEN + "\"}";

  @TempDir Path directory;

  private TestServer server(String... trusted) {
    return TestServer.start(
        directory,
        config ->
            config
                .http(http -> http.trustedProxies(trusted))
                .limits(limits -> limits.requestsPerSecond(1).burst(1)));
  }

  /** Whether a second request with the other header counts for the same sender as the first. */
  private static boolean sameSender(TestServer server, String first, String second)
      throws Exception {
    assertEquals(202, write(server, first), "the first is the first of its sender");
    return write(server, second) == 429;
  }

  private static int write(TestServer server, String headers) throws Exception {
    String body = events(event(id(), "a"));
    String answer =
        TestServer.raw(
            server.observer().uri(),
            "POST /api/observer/events?key="
                + TestServer.KEY
                + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                + (headers.isEmpty() ? "" : headers.replace(" ;; ", "\r\n") + "\r\n")
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
    return Integer.parseInt(answer.substring(9, 12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-For: 203.0.113.9",
        "X-Forwarded-For: 127.0.0.1",
        "Forwarded: for=203.0.113.9",
        "X-Real-IP: 203.0.113.9",
        "Client-IP: 203.0.113.9",
        "True-Client-IP: 203.0.113.9"
      })
  void untrustedPeer_isNotBelieved(String header) throws Exception {
    try (TestServer server = server("10.0.0.0/8")) {
      assertTrue(sameSender(server, "", header));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // The right-most address that is no trusted proxy is the sender.
        "X-Forwarded-For: 203.0.113.9 | X-Forwarded-For: 203.0.113.10 | false",
        "X-Forwarded-For: 203.0.113.9 | X-Forwarded-For: 203.0.113.9 | true",
        "X-Forwarded-For: 1.1.1.1, 203.0.113.9 | X-Forwarded-For: 2.2.2.2, 203.0.113.9 | true",
        "X-Forwarded-For: 1.1.1.1 ;; X-Forwarded-For: 203.0.113.9 | X-Forwarded-For: 203.0.113.9 |"
            + " true",
        "X-Forwarded-For: 203.0.113.9, 10.1.1.1, 10.2.2.2 | X-Forwarded-For: 203.0.113.9 | true",
        "X-Forwarded-For: 203.0.113.9:4711 | X-Forwarded-For: 203.0.113.9:4712 | true",
        "X-Forwarded-For: [2001:db8::1]:4711 | X-Forwarded-For: 2001:db8::1 | true",
        "X-Forwarded-For: 2001:db8::1 | X-Forwarded-For: 2001:db8::ffff:2 | true",
        "X-Forwarded-For: 2001:db8::1 | X-Forwarded-For: 2001:db8:0:1::1 | false",
        // What is no address stands for the proxy that wrote it.
        "X-Forwarded-For: 9.9.9.9, unknown | X-Forwarded-For: 8.8.8.8, unknown | true",
        "X-Forwarded-For: 999.1.1.1 | X-Forwarded-For: localhost | true",
        "X-Forwarded-For: 203.0.113.9, evil.example, 10.1.1.1 | X-Forwarded-For: 10.1.1.1 | true",
        "Forwarded: for=203.0.113.9 | Forwarded: for=203.0.113.10 | false",
        "Forwarded: For=\"203.0.113.9:1\";proto=http, for=10.1.1.1 | Forwarded:"
            + " by=_x;for=203.0.113.9 | true",
        "Forwarded: for=\"[2001:db8::1]:1\" | X-Forwarded-For: 2001:db8::1 | true",
        "Forwarded: for=\"a,b;c=\\\",for=1.1.1.1\", for=203.0.113.9 | Forwarded: for=203.0.113.9 |"
            + " true",
        "Forwarded: for=_hidden | Forwarded: for=unknown | true",
        // A proxy passes on the header that it does not know.
        "X-Forwarded-For: 203.0.113.9 ;; Forwarded: for=1.1.1.1 | X-Forwarded-For: 203.0.113.10 ;;"
            + " Forwarded: for=2.2.2.2 | true",
        "X-Forwarded-For: 203.0.113.9 ;; Forwarded: for=203.0.113.9 | X-Forwarded-For: 203.0.113.9"
            + " | true",
      })
  void trustedProxy_isBelieved_asFarAsItCanKnow(String first, String second, boolean same)
      throws Exception {
    try (TestServer server = server("127.0.0.1", "10.0.0.0/8")) {
      assertEquals(same, sameSender(server, first, second));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // host | headers of the proxy | origin | allowed
        "shop.example | '' | http://shop.example | true",
        "shop.example | '' | https://shop.example | true",
        "shop.example:8443 | '' | https://shop.example:8443 | true",
        "shop.example:443 | '' | https://shop.example | true",
        "shop.example | '' | https://shop.example:8443 | false",
        "shop.example | '' | https://other.example | false",
        "shop.example | X-Forwarded-Proto: https | https://shop.example | true",
        "shop.example | X-Forwarded-Proto: https | http://shop.example | false",
        "shop.example | X-Forwarded-For: 1.1.1.1, 2.2.2.2 ;; X-Forwarded-Proto: http, https |"
            + " https://shop.example | true",
        "inner:8080 | X-Forwarded-Host: shop.example | https://shop.example | true",
        "inner:8080 | X-Forwarded-Host: shop.example | http://inner:8080 | false",
        "inner:8080 | Forwarded: for=1.1.1.1;host=shop.example;proto=https | https://shop.example |"
            + " true",
        "inner:8080 | Forwarded: for=1.1.1.1;host=shop.example;proto=https | http://shop.example |"
            + " false",
        "inner:8080 | Forwarded: host=\"shop.example:444\";proto=https ;; X-Forwarded-Host: evil |"
            + " http://evil | false",
        "inner:8080 | X-Forwarded-Proto: gopher | https://inner:8080 | true",
      })
  void ownOrigin_isWhatTheBrowserSees(String host, String headers, String origin, boolean allowed)
      throws Exception {
    try (TestServer server = server("127.0.0.1")) {
      assertEquals(allowed ? 204 : 403, login(server, host, headers, origin).statusCode());
    }
    if (!headers.isEmpty() && !allowed) {
      return;
    }
    try (TestServer server = server()) {
      boolean withoutProxy = !host.startsWith("inner") && allowed;
      assertEquals(
          withoutProxy || "https://inner:8080".equals(origin) ? 204 : 403,
          login(server, host, headers, origin).statusCode(),
          "nobody is trusted");
    }
  }

  private record Answer(int statusCode, String text) {
    String cookie() {
      return text.lines().filter(line -> line.startsWith("Set-Cookie:")).findAny().orElse("");
    }
  }

  private static Answer login(TestServer server, String host, String headers, String origin)
      throws Exception {
    String answer =
        TestServer.raw(
            server.observer().uri(),
            "POST /api/observer/console/login HTTP/1.1\r\nHost: "
                + host
                + "\r\nConnection: close\r\nOrigin: "
                + origin
                + "\r\n"
                + (headers.isEmpty() ? "" : headers.replace(" ;; ", "\r\n") + "\r\n")
                + "Content-Length: "
                + LOGIN.length()
                + "\r\n\r\n"
                + LOGIN);
    return new Answer(Integer.parseInt(answer.substring(9, 12)), answer);
  }

  @Test
  void cookie_isSecure_whenTheBrowserCameByTls() throws Exception {
    try (TestServer server = server("127.0.0.1")) {
      String https = "X-Forwarded-Proto: https";
      Answer tls = login(server, "shop.example", https, "https://shop.example");
      assertTrue(tls.cookie().toLowerCase(java.util.Locale.ROOT).contains("secure"), tls.text());
      Answer silent = login(server, "shop.example", "", "https://shop.example");
      assertTrue(silent.cookie().toLowerCase(java.util.Locale.ROOT).contains("secure"));
      Answer plain =
          login(server, "shop.example", "X-Forwarded-Proto: http", "http://shop.example");
      assertEquals(204, plain.statusCode());
      assertFalse(plain.cookie().toLowerCase(java.util.Locale.ROOT).contains("secure"));
    }
  }

  @Test
  void login_isLimited_perSenderBehindAProxy() throws Exception {
    try (TestServer server = server("127.0.0.1")) {
      int last = 0;
      for (int i = 0; i < 30; i++) {
        last = guess(server, "203.0.113.9", "guess " + i);
      }
      assertEquals(429, last);
      assertEquals(429, guess(server, "203.0.113.9", TestServer.TOKEN), "it may have been a guess");
      assertEquals(204, guess(server, "203.0.113.10", TestServer.TOKEN));
    }
  }

  private static int guess(TestServer server, String sender, String token) throws Exception {
    return server
        .post(
            "/console/login",
            java.net.http.HttpRequest.BodyPublishers.ofString("{\"token\":\"" + token + "\"}"),
            "X-Forwarded-For",
            sender)
        .statusCode();
  }

  @Test
  void bearerTokens_cannotBeGuessedEither_andHealthTellsNothing() throws Exception {
    try (TestServer server = server("127.0.0.1")) {
      for (String path : List.of("/records", "/health")) {
        String sender = path.equals("/records") ? "203.0.113.9" : "203.0.113.10";
        HttpResponse<String> last = server.get(path);
        for (int i = 0; i < 30; i++) {
          last = server.get(path, "Authorization", "Bearer guess" + i, "X-Forwarded-For", sender);
        }
        HttpResponse<String> right =
            server.get(
                path, "Authorization", "Bearer " + TestServer.TOKEN, "X-Forwarded-For", sender);
        if (path.equals("/records")) {
          assertEquals(429, last.statusCode());
          assertTrue(last.headers().firstValue("Retry-After").orElse("").matches("[1-9]\\d*"));
          assertEquals(429, right.statusCode(), "it may have been a guess");
        } else {
          assertEquals(last.body(), right.body());
        }
      }
      assertEquals(
          200,
          server.get("/records", "Authorization", "Bearer " + TestServer.TOKEN).statusCode(),
          "others are not held up");
    }
  }

  @Test
  void logout_takesTheCookieAndItsOwnPage() throws Exception {
    try (TestServer server = server()) {
      String own = server.observer().uri().toString();
      String cookie =
          login(server, "a", "", "http://a").cookie().replaceFirst(".*?: ", "").split(";", 2)[0];
      var nothing = java.net.http.HttpRequest.BodyPublishers.ofString("{}");
      String path = "/console/logout";
      assertEquals(403, server.post(path, nothing, "Cookie", cookie).statusCode());
      assertEquals(
          403,
          server
              .post(path, nothing, "Cookie", cookie, "Origin", "https://evil.example")
              .statusCode());
      assertEquals(
          403, server.post(path, nothing, "Cookie", cookie, "Origin", "null").statusCode());
      assertEquals(401, server.post(path, nothing, "Origin", own).statusCode());
      HttpResponse<String> out = server.post(path, nothing, "Cookie", cookie, "Origin", own);
      assertEquals(204, out.statusCode());
      String taken = out.headers().firstValue("Set-Cookie").orElse("");
      assertTrue(taken.startsWith("observer_console=;"), taken);
      assertTrue(taken.contains("01-Jan-1970"), taken);
    }
  }
}
