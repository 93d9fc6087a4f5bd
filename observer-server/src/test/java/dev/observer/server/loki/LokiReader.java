package dev.observer.server.loki;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** What a test reads in a Loki, as one tenant. */
public final class LokiReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 5_000;
  private static final long NANOS = 1_000_000_000L;

  /** A line of Loki. */
  public record Entry(
      Map<String, String> labels, long nanos, String line, Map<String, String> metadata) {
    public JsonNode json() {
      try {
        return JSON.readTree(line);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + line, e);
      }
    }

    public String id() {
      return metadata.getOrDefault("event_id", "");
    }
  }

  private final URI uri;
  private final String tenant;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  public LokiReader(URI uri, String tenant) {
    this.uri = uri;
    this.tenant = tenant;
  }

  /** Every entry of the streams that this selects, by time within each stream. */
  public List<Entry> entries(String selector) throws Exception {
    List<Entry> entries = new ArrayList<>();
    long from = Instant.now().minus(Duration.ofDays(20)).getEpochSecond();
    long to = Instant.now().plus(Duration.ofHours(1)).getEpochSecond();
    JsonNode streams =
        get("/loki/api/v1/series?match[]=%s&start=%d&end=%d".formatted(encode(selector), from, to));
    for (JsonNode labels : streams.path("data")) {
      readStream(text(labels), from * NANOS, to * NANOS, entries);
    }
    return entries;
  }

  private void readStream(Map<String, String> labels, long from, long to, List<Entry> entries)
      throws Exception {
    List<String> equal = new ArrayList<>();
    labels.forEach((name, value) -> equal.add(name + "=\"" + value + '"'));
    String selector = "{" + String.join(",", equal) + "}";
    long start = from;
    int read;
    do {
      int before = entries.size();
      start = page(selector, start, to, entries);
      read = entries.size() - before;
    } while (read == PAGE);
  }

  /** Adds a page and gives back where the next one starts; to be used within one stream. */
  private long page(String query, long from, long to, List<Entry> entries) throws Exception {
    JsonNode page =
        get(
            "/loki/api/v1/query_range?direction=forward&limit=%d&start=%d&end=%d&query=%s"
                .formatted(PAGE, from, to, encode(query)));
    long next = from;
    for (JsonNode stream : page.path("data").path("result")) {
      for (JsonNode value : stream.path("values")) {
        long nanos = Long.parseLong(value.get(0).asText());
        Map<String, String> metadata = text(value.path(2).path("structuredMetadata"));
        entries.add(new Entry(text(stream.path("stream")), nanos, value.get(1).asText(), metadata));
        next = Math.max(next, nanos + 1);
      }
    }
    return next;
  }

  /** What one query finds, at most a page. */
  List<Entry> query(String query) throws Exception {
    List<Entry> entries = new ArrayList<>();
    long from = Instant.now().minus(Duration.ofHours(1)).getEpochSecond();
    long to = Instant.now().plus(Duration.ofHours(1)).getEpochSecond();
    page(query, from * NANOS, to * NANOS, entries);
    return entries;
  }

  private interface Reading {
    List<Entry> read() throws Exception;
  }

  /** Reads again and again until it is right; fails with what there is after two minutes. */
  public List<Entry> entriesUntil(String selector, Predicate<List<Entry>> right) throws Exception {
    return until(() -> entries(selector), right);
  }

  /** The same with a query. */
  List<Entry> queryUntil(String query, Predicate<List<Entry>> right) throws Exception {
    return until(() -> query(query), right);
  }

  private static List<Entry> until(Reading reading, Predicate<List<Entry>> right) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    List<Entry> entries = reading.read();
    while (!right.test(entries)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            entries.size() + " entries: " + entries.stream().limit(3).toList());
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos()); // it is to deliver, not to answer
      entries = reading.read();
    }
    return entries;
  }

  private static Map<String, String> text(JsonNode object) {
    Map<String, String> text = new TreeMap<>();
    object.properties().forEach(field -> text.put(field.getKey(), field.getValue().asText()));
    return text;
  }

  private JsonNode get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri.resolve(path))
            .timeout(Duration.ofSeconds(60))
            .header("X-Scope-OrgID", tenant)
            // Or metadata would be mixed into the labels, and each entry be a stream of its own.
            .header("X-Loki-Response-Encoding-Flags", "categorize-labels")
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " answered " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
