package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.replay;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is about as large as may be, or larger, has its answer however it comes. */
class LargeBodyTest {
  private static final int LIMIT = 1 << 20;

  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            directory,
            config ->
                config.limits(
                    limits -> limits.bodyBytes(LIMIT).replay(replay -> replay.bodyBytes(LIMIT))));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** The status of the answer to a request with these headers and this body. */
  private int status(String path, String headers, String body) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), server.observer().uri().getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      String head =
          "POST /api/observer/" + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n\r\n";
      try {
        out.write((head + body).getBytes(StandardCharsets.US_ASCII));
      } catch (SocketException e) {
        // the server had read enough and closed the connection
      }
      String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return answer.isEmpty() ? 0 : Integer.parseInt(answer.substring(9));
    }
  }

  private int chunked(String path, String body, int chunk) throws IOException {
    StringBuilder chunks = new StringBuilder();
    for (int from = 0; from < body.length(); from += chunk) {
      String part = body.substring(from, Math.min(body.length(), from + chunk));
      chunks.append(Integer.toHexString(part.length())).append("\r\n").append(part).append("\r\n");
    }
    return status(
        path + "?key=" + TestServer.KEY, "Transfer-Encoding: chunked", chunks + "0\r\n\r\n");
  }

  private static String batch(String path, int length) {
    String batch =
        path.equals("events") ? events(event(id(), "a")) : replay("session-1", id(), 0, "[1]");
    return batch + " ".repeat(length - batch.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"events", "replay-events"})
  void inChunks_theLimitIsThatOfTheBody(String path) throws Exception {
    for (int chunk : new int[] {256, 1 << 16, 2 * LIMIT}) {
      assertEquals(202, chunked(path, batch(path, LIMIT - 100), chunk));
      assertEquals(413, chunked(path, batch(path, LIMIT + (1 << 16)), chunk));
    }
    assertLost("{\"too_large/%s\":3}".formatted(path.equals("events") ? "event" : "replay"));
  }

  @Test
  void chunkThatIsLargerThanAnyBody_isLostAsTooLarge() throws Exception {
    String path = "events?key=" + TestServer.KEY;
    assertEquals(0, status(path, "Transfer-Encoding: chunked", "7fffffff\r\n{"));
    assertLost("{\"too_large/event\":1}");
  }

  @ParameterizedTest
  @CsvSource({
    "POST replay-events?key=pk_test, 413",
    "POST replay-events?key=wrong, 401",
    "POST nothing, 404",
    "GET health, 200",
    "OPTIONS events, 204",
  })
  void announcedBody_isReadAndThrownAway_afterItsAnswer(String request, int status)
      throws Exception {
    String body = " ".repeat(12 << 20);
    String answers =
        TestServer.raw( // which fails if the connection is reset
            server.observer().uri(),
            "%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s%s"
                .formatted(
                    request.replace(" ", " /api/observer/"),
                    body.length(),
                    body,
                    "GET /api/observer/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    assertTrue(answers.startsWith("HTTP/1.1 " + status), answers);
    assertTrue(answers.contains("HTTP/1.1 200 OK"), answers);
  }

  @ParameterizedTest
  @CsvSource({
    "POST replay-events?key=wrong, 401",
    "POST nothing, 404",
    "GET health, 200",
    "OPTIONS events, 204",
  })
  void chunkThatNobodyAskedFor_isNotEvenLookedAt(String request, int status) throws Exception {
    PrintStream console = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    String answer;
    try {
      answer =
          TestServer.raw(
              server.observer().uri(),
              request.replace(" ", " /api/observer/")
                  + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n{");
    } finally {
      System.setErr(console);
    }
    assertEquals("", printed.toString(StandardCharsets.UTF_8));
    assertTrue(answer.startsWith("HTTP/1.1 " + status), answer);
  }

  private void assertLost(String expected) throws Exception {
    server.readUntil("/health", health -> health.get("losses").toString().equals(expected));
  }
}
