package dev.observer.server.http;

import static dev.observer.server.TestServer.event;
import static dev.observer.server.TestServer.events;
import static dev.observer.server.TestServer.id;
import static dev.observer.server.TestServer.replay;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.event.ClientDrop;
import dev.observer.event.Kind;
import dev.observer.server.TestServer;
import dev.observer.server.metrics.DropReason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is not kept is counted, once, where /health and /metrics show it. */
class LossLedgerTest {
  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            directory,
            config ->
                config
                    .allowedOrigins("https://shop.example")
                    .limits(limits -> limits.bodyBytes(4000).inflatedBytes(8000).depth(16)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** The whole ledger is this, as health says; and metrics agree. */
  private void assertLosses(String ledger, String meter, String expected) throws Exception {
    JsonNode losses =
        server
            .readUntil("/health", health -> health.get(ledger).toString().equals(expected))
            .get(ledger);
    String metrics = server.metrics();
    losses
        .properties()
        .forEach(
            loss -> {
              String[] key = loss.getKey().split("/", 2);
              assertTrue(
                  metrics.contains(
                      "%s{kind=\"%s\",reason=\"%s\"} %d.0\n"
                          .formatted(meter, key[1], key[0], loss.getValue().asInt())),
                  metrics);
            });
  }

  private void assertLosses(String expected) throws Exception {
    assertLosses("losses", "observer_dropped_total", expected);
  }

  private void assertClientLosses(String expected) throws Exception {
    assertLosses("client_losses", "observer_client_dropped_total", expected);
  }

  private static byte[] gzip(byte[] bytes) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void everyCounter_startsAtZero_soThatTheFirstLossIsAnIncrease() throws Exception {
    String metrics = server.metrics();
    for (Kind kind : Kind.values()) {
      for (DropReason reason : DropReason.values()) {
        assertShown(metrics, "observer_dropped_total", kind, reason.label());
      }
      for (ClientDrop.Reason reason : ClientDrop.Reason.values()) {
        assertShown(metrics, "observer_client_dropped_total", kind, reason.wireName());
      }
    }
    assertLosses("{}");
    assertClientLosses("{}");
  }

  private static void assertShown(String metrics, String meter, Kind kind, String reason) {
    String line = meter + "{kind=\"" + kind.wireName() + "\",reason=\"" + reason + "\"} 0.0\n";
    assertTrue(metrics.contains(line), line);
  }

  @Test
  void invalid_countsItems_orAnUnreadBodyAsOne() throws Exception {
    server.post("/events", events(event(id(), "a"), "{}", "7"));
    assertLosses("{\"invalid/event\":2}");
    server.post("/events", events("{}", "{}", "{}"));
    assertLosses("{\"invalid/event\":5}");
    server.post("/events", "nonsense");
    server.post("/errors", new byte[] {0x1F, (byte) 0x8B, 1, 2, 3});
    server.post("/errors", "{}", "Content-Type", "application/xml");
    server.post("/errors", "{}", "Content-Encoding", "br");
    assertLosses("{\"invalid/error\":3,\"invalid/event\":6}");
    server.post("/replay-events", "{}");
    server.post("/replay-events", replay("session-1", "recording-1", 0, "[1]"));
    server.post("/replay-events", replay("session-1", "recording-1", 0, "[2]"));
    assertLosses("{\"invalid/error\":3,\"invalid/event\":6,\"invalid/replay\":2}");
  }

  @Test
  void tooLarge_isCounted_whereverItIsNoticed() throws Exception {
    byte[] large = new byte[4001];
    java.util.Arrays.fill(large, (byte) ' ');
    server.post("/events", large);
    server.post(
        "/events?key=" + TestServer.KEY,
        HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)));
    server.post("/errors", gzip(new byte[8001]));
    server.post("/errors", "{\"errors\":" + "[".repeat(16) + "]".repeat(16) + "}");
    assertLosses("{\"too_large/error\":2,\"too_large/event\":2}");
  }

  @Test
  void unauthorized_isCounted_forKeyAndOrigin() throws Exception {
    HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(events("{}"));
    assertEquals(401, server.post("/events", body).statusCode());
    assertEquals(401, server.post("/replay-events?key=wrong", body).statusCode());
    HttpResponse<String> foreign =
        server.post("/errors", events("{}"), "Origin", "https://evil.example");
    assertEquals(403, foreign.statusCode());
    assertLosses("{\"unauthorized/error\":1,\"unauthorized/event\":1,\"unauthorized/replay\":1}");
  }

  @Test
  void rateLimited_isCounted(@TempDir Path other) throws Exception {
    server.close();
    server =
        TestServer.start(
            other, config -> config.limits(limits -> limits.requestsPerSecond(1).burst(2)));
    int refused = 0;
    while (refused == 0) {
      refused = server.post("/events", events("{}")).statusCode() == 429 ? 1 : 0;
    }
    JsonNode losses = server.read("/health").get("losses");
    assertEquals(1, losses.get("rate_limited/event").asInt());
  }

  @Test
  void incomplete_isCounted_whenTheSenderGoesAway() throws Exception {
    URI uri = server.observer().uri();
    for (String path : List.of("events", "replay-events")) {
      try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
        String half =
            "POST /api/observer/%s?key=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{\"ev"
                .formatted(path, TestServer.KEY);
        socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
      }
    }
    assertLosses("{\"incomplete/event\":1,\"incomplete/replay\":1}");
  }

  @Test
  void diskFailed_isCounted() throws Exception {
    Files.delete(directory.resolve("spool/replays/tmp")); // nothing can be written there any more
    HttpResponse<String> answer =
        server.post("/replay-events", replay("session-1", "recording-1", 0, "[1]"));
    assertEquals(503, answer.statusCode());
    assertLosses("{\"disk_failed/replay\":1}");
  }

  private static String withDrops(String drops, String... items) {
    return "{\"dropped\":" + drops + "," + events(items).substring(1);
  }

  @Test
  void clientDrops_countWhenTheirBatchIsAcknowledged_besideOurLosses() throws Exception {
    String drops =
        """
        [{"reason":"queue_full","kind":"replay","count":3},\
        {"reason":"of a later SDK","kind":"error","count":1},\
        {"reason":"queue_full","kind":"replay","count":2}]""";
    assertEquals(202, server.post("/events", withDrops(drops, event(id(), "a"))).statusCode());
    assertClientLosses("{\"other/error\":1,\"queue_full/replay\":5}");
    assertLosses("{}");
  }

  @Test
  void clientDrops_doNotCount_whenNothingOfTheirBatchIsTaken(@TempDir Path other) throws Exception {
    String drops = "[{\"reason\":\"expired\",\"kind\":\"event\",\"count\":3}]";
    assertEquals(400, server.post("/events", withDrops(drops, "{}")).statusCode());
    assertEquals(400, server.post("/events", withDrops(drops)).statusCode());
    assertClientLosses("{}");
    server.close();
    // The stored form is longer than what was sent.
    server =
        TestServer.start(
            other,
            config ->
                config
                    .spool(spool -> spool.eventsBytes(300))
                    .limits(limits -> limits.bodyBytes(300).inflatedBytes(300)));
    assertEquals(503, server.post("/events", withDrops(drops, event(id(), "a"))).statusCode());
    assertClientLosses("{}");
    assertLosses("{\"lane_full/event\":1}");
  }

  @Test
  void malformedClientDrop_isAnswered_andCostsNoItem() throws Exception {
    String drops = "[{\"reason\":\"expired\",\"kind\":\"event\",\"count\":-3}]";
    HttpResponse<String> answer = server.post("/events", withDrops(drops, event(id(), "a")));
    assertEquals(202, answer.statusCode());
    assertEquals(
        "{\"accepted\":1,\"rejected\":[{\"pointer\":\"/dropped/0/count\","
            + "\"reason\":\"must be a whole number from 1 to 1000000\"}]}",
        answer.body());
    assertClientLosses("{}");
    assertLosses("{}");
  }
}
