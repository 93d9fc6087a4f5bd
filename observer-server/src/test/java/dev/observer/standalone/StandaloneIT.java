package dev.observer.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.observer.server.TestServer;
import dev.observer.testserver.MinioServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, run as its users run it. */
class StandaloneIT {
  private static final String READY = "Observer listening on ";

  @TempDir Path directory;
  private final List<Process> started = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void endWhatWasStarted() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private static Path jar() throws IOException {
    try (var files = Files.newDirectoryStream(Path.of("target"), "*-standalone.jar")) {
      return files.iterator().next();
    }
  }

  private Process run(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(List.of("-jar", jar().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("OBSERVER_"));
    builder.environment().put("OBSERVER_DATA_DIR", directory.resolve("data").toString());
    builder.environment().put("OBSERVER_HTTP_PORT", "0");
    builder.environment().putAll(environment);
    builder.redirectError(directory.resolve("err" + started.size()).toFile());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /** What it printed until it was ready, the ready line last. */
  private static List<String> awaitReady(Process process) throws IOException {
    List<String> lines = new ArrayList<>();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null) {
      lines.add(line);
      if (line.startsWith(READY)) {
        return lines;
      }
      line = out.readLine();
    }
    throw new AssertionError("it ended after " + lines);
  }

  private static URI uri(List<String> lines) {
    return URI.create(lines.get(lines.size() - 1).substring(READY.length()) + "/");
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void firstStart_showsTheConsoleOnce_andWhatWasAcceptedOutlivesSigterm() throws Exception {
    Map<String, String> key = Map.of("OBSERVER_WRITE_KEY", TestServer.KEY);
    Process first = run(key);
    List<String> lines = awaitReady(first);
    assertEquals(2, lines.size(), lines.toString());
    String token = lines.get(0).substring(lines.get(0).indexOf('#') + 1);
    assertTrue(lines.get(0).contains("/api/observer/console/#" + token), lines.get(0));

    String id = TestServer.id();
    HttpResponse<String> accepted =
        send(
            HttpRequest.newBuilder(uri(lines).resolve("api/observer/events?key=" + TestServer.KEY))
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        TestServer.events(TestServer.event(id, "a")))));
    assertEquals(202, accepted.statusCode());
    first.destroy();
    assertTrue(first.waitFor(10, TimeUnit.SECONDS), "it takes longer than ten seconds to stop");
    assertTrue(List.of(0, 143).contains(first.exitValue()), "status " + first.exitValue());

    Process second = run(key);
    List<String> again = awaitReady(second);
    assertEquals(1, again.size(), "the token is shown once: " + again);
    URI records = uri(again).resolve("api/observer/records");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    String body = "";
    while (!body.contains(id) && System.nanoTime() < deadline) {
      body =
          send(HttpRequest.newBuilder(records).header("Authorization", "Bearer " + token)).body();
    }
    assertTrue(body.contains(id), body);
    String log = Files.readString(directory.resolve("err0"));
    assertFalse(log.contains(token), "a token is no business of a log");
  }

  @Test
  void adminListener_isNamedBeforeTheReadyLine_andTheConsoleIsThere() throws Exception {
    List<String> lines = awaitReady(run(Map.of("OBSERVER_ADMIN_PORT", "0")));
    assertEquals(3, lines.size(), lines.toString());
    String admin = lines.get(1).replaceFirst("^Observer admin     (http://127.0.0.1:\\d+)$", "$1");
    assertTrue(lines.get(0).startsWith("Observer console   " + admin + "/api/observer/console/#"));
    assertTrue(lines.get(2).matches("Observer listening on http://127\\.0\\.0\\.1:\\d+"));
    URI console = URI.create(admin + "/api/observer/console/");
    assertEquals(200, send(HttpRequest.newBuilder(console)).statusCode());
    URI open = uri(lines).resolve("api/observer/console/");
    assertEquals(404, send(HttpRequest.newBuilder(open)).statusCode());
  }

  @Test
  void wrongConfiguration_endsWithStatus1_andNamesEveryBadKey() throws Exception {
    Path file =
        Files.writeString(directory.resolve("observer.properties"), "observer.http.prot=1\n");
    Process process =
        run(
            Map.of("OBSERVER_LIMITS_ITEMS", "many", "OBSERVER_READ_TOKEN", "se cret"),
            "--config",
            file.toString());
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(1, process.exitValue());
    String message = Files.readString(directory.resolve("err0"));
    for (String named :
        List.of("observer.http.prot", "limits.items", "many", "read-token", "***")) {
      assertTrue(message.contains(named), named + " is not in: " + message);
    }
    assertFalse(message.contains("se cret"), message);
    assertFalse(message.contains("\tat "), message);
  }

  private static Map<String, String> minio(MinioServer minio, String secretKey) {
    return Map.of(
        "OBSERVER_MINIO_ENDPOINT",
        minio.uri().toString(),
        "OBSERVER_MINIO_BUCKET",
        "observer-standalone",
        "OBSERVER_MINIO_ACCESS_KEY",
        minio.accessKey(),
        "OBSERVER_MINIO_SECRET_KEY",
        secretKey);
  }

  @Test
  void minioThatRefuses_endsWithStatus1_andOneMessage_butNotOneThatIsAway() throws Exception {
    try (MinioServer minio = MinioServer.start(directory)) {
      String wrong = "not-" + minio.secretKey();
      Process refused = run(minio(minio, wrong));
      assertTrue(refused.waitFor(60, TimeUnit.SECONDS));
      assertEquals(1, refused.exitValue());
      String message = Files.readString(directory.resolve("err0"));
      assertTrue(message.contains("minio.secret-key is wrong"), message);
      assertFalse(message.contains(wrong) || message.contains("\tat "), message);

      // And Loki too: both are named at once.
      HttpServer loki =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      loki.createContext("/", request -> request.sendResponseHeaders(401, -1));
      loki.start();
      try {
        Map<String, String> both = new HashMap<>(minio(minio, wrong));
        both.put("OBSERVER_LOKI_URL", "http://127.0.0.1:" + loki.getAddress().getPort());
        both.put("OBSERVER_LOKI_TOKEN", "wrong-token");
        refused = run(both);
        assertTrue(refused.waitFor(60, TimeUnit.SECONDS));
        assertEquals(1, refused.exitValue());
        message = Files.readString(directory.resolve("err1"));
        assertTrue(message.contains("minio.secret-key is wrong"), message);
        assertTrue(message.contains("loki.token"), message);
        assertFalse(message.contains("wrong-token") || message.contains("\tat "), message);
      } finally {
        loki.stop(0);
      }

      minio.backend().kill();
      awaitReady(run(minio(minio, minio.secretKey())));
    }
  }

  @Test
  void secondProcessOnOneDirectory_refusesToStart() throws Exception {
    awaitReady(run(Map.of()));
    Process second = run(Map.of());
    assertTrue(second.waitFor(60, TimeUnit.SECONDS));
    assertEquals(1, second.exitValue());
    String message = Files.readString(directory.resolve("err1"));
    assertTrue(message.contains("is in use by another process"), message);
    assertFalse(message.contains("\tat "), message);
  }

  @Test
  void help_namesEveryKey_andNewReadToken_endsTheOldOne() throws Exception {
    Process help = run(Map.of(), "--help");
    String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, help.waitFor());
    for (String named : List.of("--config", "--new-read-token", "OBSERVER_HTTP_PORT", "data-dir")) {
      assertTrue(text.contains(named), named + " is not in: " + text);
    }
    Process first = run(Map.of());
    String token = awaitReady(first).get(0).replaceFirst(".*#", "");
    Process refused = run(Map.of(), "--new-read-token");
    assertTrue(refused.waitFor(60, TimeUnit.SECONDS));
    assertEquals(1, refused.exitValue(), "the server is running");
    first.destroy();
    assertTrue(first.waitFor(10, TimeUnit.SECONDS));

    Process replace = run(Map.of(), "--new-read-token");
    String link = new String(replace.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, replace.waitFor());
    String replaced = link.strip().replaceFirst(".*#", "");
    URI records = uri(awaitReady(run(Map.of()))).resolve("api/observer/records");
    assertEquals(401, send(request(records, token)).statusCode());
    assertEquals(200, send(request(records, replaced)).statusCode());
  }

  private static HttpRequest.Builder request(URI uri, String token) {
    return HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token);
  }
}
