package dev.observer.example.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what browsers report, and sends it again until it is taken, as they do. All of the crowd
 * come from one address, so that it keeps itself to what the server takes of one. Thread-safe.
 */
final class Ingest {
  private static final Logger log = LoggerFactory.getLogger(Ingest.class);

  /** Observer takes 50 requests a second of one address unless it is configured otherwise. */
  private static final long NANOS_BETWEEN = TimeUnit.SECONDS.toNanos(1) / 40;

  private static final String SDK_VERSION = "0.1.0";
  private static final long BURST = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final int ACCEPTED = 202;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;

  private final JsonMapper mapper;
  private final HttpClient client;
  private final URI base;
  private final URI origin;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private long nextTurn;

  /**
   * @param shop its front page
   */
  Ingest(URI shop, HttpClient client, JsonMapper mapper, InstantSource clock, LongSupplier nanos) {
    this.clock = clock;
    this.origin = shop.resolve("/");
    this.base = shop.resolve("/api/observer/");
    this.client = client;
    this.mapper = mapper;
    this.nanos = nanos;
    this.nextTurn = nanos.getAsLong();
  }

  /** Sends a batch, and returns when the server has it or has refused it for good. */
  void send(String kind, Map<String, Object> batch, String userAgent) throws InterruptedException {
    Map<String, Object> envelope = new LinkedHashMap<>();
    envelope.put("sent_at", Tab.stamp(clock.instant()));
    envelope.put("sdk", Map.of("name", "@observer/client", "version", SDK_VERSION));
    envelope.putAll(batch);
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(kind))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .header("Origin", origin.toString().replaceAll("/$", ""))
            .header("User-Agent", userAgent)
            .POST(BodyPublishers.ofByteArray(gzip(envelope)))
            .build();
    while (!isTaken(request)) {
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private boolean isTaken(HttpRequest request) throws InterruptedException {
    awaitTurn();
    HttpResponse<byte[]> answer;
    try {
      answer = client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      log.debug("{} does not answer, and is asked again", request.uri(), e);
      return false;
    }
    switch (answer.statusCode()) {
      case TOO_MANY, UNAVAILABLE -> {
        return false;
      }
      case ACCEPTED -> {
        JsonNode said = read(answer.body());
        accepted.add(said.path("accepted").asLong());
        refused.add(said.path("rejected").size());
        if (!said.path("rejected").isEmpty()) {
          log.warn("{} refused some: {}", request.uri(), said.path("rejected"));
        }
      }
      default -> {
        refused.increment();
        log.warn("{} refused a batch: {}", request.uri(), read(answer.body()));
      }
    }
    return true;
  }

  private void awaitTurn() throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = nanos.getAsLong();
      nextTurn = Math.max(nextTurn, now - BURST * NANOS_BETWEEN) + NANOS_BETWEEN;
      wait = nextTurn - now;
    }
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    }
  }

  /** Records and replay batches that the server has on its disk. */
  long accepted() {
    return accepted.sum();
  }

  /** Records and batches that the server will never take: none, unless something is wrong here. */
  long refused() {
    return refused.sum();
  }

  private byte[] gzip(Object batch) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      mapper.writeValue(gzip, batch);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private JsonNode read(byte[] answer) {
    try {
      return mapper.readTree(answer);
    } catch (IOException e) {
      return mapper.missingNode();
    }
  }
}
