package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.server.TestServer;
import dev.observer.testserver.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a small heap, and more bodies arriving at once than it could hold. */
@Timeout(
    value = 120,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a full server reads nothing
class FullMemoryIT {
  private static final int SENDERS = 300;

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Socket> senders = new ArrayList<>();
  private ServerProcess server;

  @BeforeEach
  void start() throws IOException {
    List<String> options = new ArrayList<>(List.of("-Xmx128m", "-XX:+ExitOnOutOfMemoryError"));
    options.addAll(ServerProcess.onClassPath(ServerProcess.STANDALONE));
    server =
        ServerProcess.start(
            options, ServerProcess.environment(directory, TestServer.KEY, TestServer.TOKEN));
  }

  @AfterEach
  void stop() throws IOException {
    leave();
    server.close();
  }

  private void leave() throws IOException {
    for (Socket sender : senders) {
      sender.close();
    }
    senders.clear();
  }

  /** Starts to send a body that never ends: all of it but its last bytes. */
  private void hold(String path, byte[] body) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort());
    senders.add(socket);
    socket
        .getOutputStream()
        .write(
            ("POST /api/observer/"
                    + path
                    + "?key="
                    + TestServer.KEY
                    + " HTTP/1.1\r\nHost: a\r\nContent-Length: "
                    + (body.length + 10)
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    try {
      socket.getOutputStream().write(body);
    } catch (SocketException e) {
      // Refused, and cut off when it did not end: on a busy machine before all of it is written.
    }
  }

  /** How many of those were told to come back. */
  private int refused() throws IOException {
    int refused = 0;
    for (Socket sender : senders) {
      if (sender.getInputStream().available() > 12) {
        String status =
            new String(sender.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        assertEquals("HTTP/1.1 503", status);
        refused++;
      }
    }
    return refused;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(
        request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private int busy(String kind) throws Exception {
    HttpResponse<String> health =
        send(
            HttpRequest.newBuilder(server.uri().resolve("/api/observer/health"))
                .header("Authorization", "Bearer " + TestServer.TOKEN));
    return new ObjectMapper().readTree(health.body()).at("/losses/busy~1" + kind).asInt();
  }

  private int write(String body) throws Exception {
    URI events = server.uri().resolve("/api/observer/events?key=" + TestServer.KEY);
    return send(HttpRequest.newBuilder(events).POST(HttpRequest.BodyPublishers.ofString(body)))
        .statusCode();
  }

  /** Once so many were refused the server is asked whether it lives. */
  private void assertRefusesAndLives(String kind, int least) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (busy(kind) < least && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    int refused = busy(kind);
    assertTrue(refused >= least, refused + " of " + SENDERS + " were refused");
    assertTrue(refused() > 0, "they were told so");
    assertEquals(202, write(events(event(id(), "small"))), "a small body has room all the same");
    leave();
    int status = 0;
    String large =
        events(event(id(), "large").replace("}", ",\"title\":\"" + "x".repeat(60_000) + "\"}"));
    while (status != 202 && System.nanoTime() < deadline) {
      status = write(large);
    }
    assertEquals(202, status, "there is room again when they have gone");
    assertTrue(server.handle().isAlive());
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void manyBodiesThatInflate_doNotEndTheServer() throws Exception {
    byte[] spaces = new byte[9 << 20];
    Arrays.fill(spaces, (byte) ' ');
    byte[] body = gzip(spaces);
    byte[] begun = Arrays.copyOf(body, body.length - 20);
    for (int i = 0; i < SENDERS; i++) {
      hold("events", begun);
    }
    assertRefusesAndLives("event", SENDERS / 2);
  }

  @Test
  void manyPlainBodies_doNotEndTheServer() throws Exception {
    byte[] body = new byte[1_000_000];
    Arrays.fill(body, (byte) ' ');
    for (int i = 0; i < SENDERS; i++) {
      hold("errors", body);
    }
    assertRefusesAndLives("error", SENDERS / 2);
  }

  @Test
  void manyReplays_doNotEndTheServer() throws Exception {
    byte[] body = ("{\"context\":{\"x\":\"" + "x".repeat(200_000)).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < SENDERS; i++) {
      hold("replay-events", body);
    }
    assertRefusesAndLives("replay", SENDERS / 4);
  }
}
