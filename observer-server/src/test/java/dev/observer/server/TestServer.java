package dev.observer.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import dev.observer.config.ObserverConfigBuilder;
import dev.observer.event.Rfc3339;
import dev.observer.event.Uuid7;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A real server on a free port, and what a test asks of it. */
public final class TestServer implements AutoCloseable {
  public static final String TOKEN = "test-read-token-0123456789";
  public static final String KEY = "pk_test";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Uuid7 IDS = new Uuid7();

  private final Observer observer;
  private final HttpClient client = HttpClient.newHttpClient();

  private TestServer(Observer observer) {
    this.observer = observer;
  }

  public static TestServer start(Path dataDir) {
    return start(dataDir, builder -> {});
  }

  public static TestServer start(Path dataDir, Consumer<ObserverConfigBuilder> settings) {
    ObserverConfigBuilder builder = bare(dataDir).writeKey(KEY).readToken(TOKEN);
    settings.accept(builder);
    return new TestServer(Observer.start(builder.build()));
  }

  /** Without a write key, and with a token that it makes itself. */
  public static TestServer startBare(Path dataDir) {
    return new TestServer(Observer.start(bare(dataDir).build()));
  }

  private static ObserverConfigBuilder bare(Path dataDir) {
    return ObserverConfig.builder()
        .environmentVariables(Map.of())
        .dataDir(dataDir)
        .http(http -> http.port(0));
  }

  public Observer observer() {
    return observer;
  }

  public URI uri(String path) {
    return observer.uri().resolve("/api/observer" + path);
  }

  public HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return post(path + "?key=" + KEY, HttpRequest.BodyPublishers.ofString(body), headers);
  }

  public HttpResponse<String> post(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    return post(path + "?key=" + KEY, HttpRequest.BodyPublishers.ofByteArray(body), headers);
  }

  public HttpResponse<String> post(String path, HttpRequest.BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    return send("POST", uri(path), body, headers);
  }

  public HttpResponse<String> send(
      String method, URI uri, HttpRequest.BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, body).timeout(Duration.ofSeconds(30));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", uri(path), HttpRequest.BodyPublishers.noBody(), headers);
  }

  public HttpResponse<byte[]> getBytes(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + TOKEN);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  public JsonNode read(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = get(path, "Authorization", "Bearer " + TOKEN);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " answered " + answer.statusCode() + " " + answer.body());
    }
    return json(answer);
  }

  /** Asks until the answer is 200 and right, and fails with the last one after ten seconds. */
  public JsonNode readUntil(String path, Predicate<JsonNode> right)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    HttpResponse<String> answer = get(path, "Authorization", "Bearer " + TOKEN);
    while (answer.statusCode() != 200 || !right.test(json(answer))) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            path + " still answers " + answer.statusCode() + " " + answer.body());
      }
      Thread.onSpinWait();
      answer = get(path, "Authorization", "Bearer " + TOKEN);
    }
    return json(answer);
  }

  /** {@code /metrics} in the text format. */
  public String metrics() throws IOException, InterruptedException {
    return metrics("text/plain").body();
  }

  /** {@code /metrics} in the format that is asked for. */
  public HttpResponse<String> metrics(String accept) throws IOException, InterruptedException {
    return send(
        "GET",
        observer.uri().resolve("/metrics"),
        HttpRequest.BodyPublishers.noBody(),
        "Authorization",
        "Bearer " + TOKEN,
        "Accept",
        accept);
  }

  /** Sends these bytes as they are, and gives back what comes until the server closes. */
  public static String raw(URI server, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  public static JsonNode json(HttpResponse<String> answer) throws IOException {
    return JSON.readTree(answer.body());
  }

  public static String id() {
    return IDS.next().toString();
  }

  /** A custom event that happens now. */
  public static String event(String id, String name) {
    return """
        {"event_id":"%s","timestamp":"%s","event_type":"custom_event","event_name":"%s"}"""
        .formatted(id, Rfc3339.format(System.currentTimeMillis()), name);
  }

  public static String events(String... items) {
    return "{\"events\":[" + String.join(",", items) + "]}";
  }

  public static String replay(String session, String recording, int sequence, String events) {
    return """
        {"sdk":{"name":"test","version":"1"},"context":{"user_id":"u-1"},"session_id":"%s",\
        "recording_id":"%s","sequence":%d,"start_time":"%s","initial_url":"https://shop.example/",\
        "events":%s}"""
        .formatted(
            session, recording, sequence, Rfc3339.format(System.currentTimeMillis()), events);
  }

  @Override
  public void close() {
    observer.close();
  }
}
