package dev.observer.server.loki;

import dev.observer.config.ObserverConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Speaks HTTP with one Loki, as one tenant, with the credentials that are configured. No secret is
 * in an answer or in the message of an exception. Thread-safe.
 */
final class LokiClient {
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** Loki's texts name entries, at most ten; more of one is not worth its memory. */
  private static final int MAX_TEXT = 4 << 10;

  private static final int MAX_CONTENT = 64 << 20;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final String base;
  private final @Nullable String authorization;
  private final @Nullable String tenant;

  /**
   * An answer.
   *
   * @param text its beginning
   * @param page whether it is a page for people, as proxies answer and Loki never does
   */
  record Answer(int status, String text, boolean page) {
    /** The status and the text on one line. */
    @Override
    public String toString() {
      return "Loki answered " + status + (text.isBlank() ? "" : ": " + text.strip());
    }
  }

  /** Prepares; nothing is connected yet. */
  LokiClient(URI url, ObserverConfig.Loki settings) {
    base = url.toString().replaceFirst("/+$", "") + "/loki/api/v1/";
    authorization = authorization(settings);
    tenant = settings.tenant();
  }

  private static @Nullable String authorization(ObserverConfig.Loki settings) {
    if (settings.token() != null) {
      return "Bearer " + settings.token();
    }
    if (settings.username() == null) {
      return null;
    }
    String pair = settings.username() + ":" + settings.password();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Pushes entries.
   *
   * @param json gzipped
   * @throws IOException if there is no whole answer within {@code patience}: the entries may be
   *     stored or not
   */
  Answer push(byte[] json, Duration patience) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "push"))
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json));
    Reply reply = send(request, patience, MAX_TEXT);
    return reply.answer();
  }

  /**
   * The streams that have lines in this time, as Loki's JSON.
   *
   * @param from in nanoseconds since 1970
   * @param to exclusive
   */
  byte[] series(String selector, long from, long to, Duration patience)
      throws IOException, InterruptedException {
    byte[] content =
        get("series?match[]=%s&start=%d&end=%d".formatted(encoded(selector), from, to), patience);
    if (content == null) {
      throw new IOException("Loki has too many streams to name them");
    }
    return content;
  }

  /**
   * The first lines in this time, as Loki's JSON; null if these are more than can be answered at
   * once.
   *
   * @param from in nanoseconds since 1970
   * @param to exclusive
   */
  byte @Nullable [] query(String selector, long from, long to, int limit, Duration patience)
      throws IOException, InterruptedException {
    return get(
        "query_range?direction=forward&query=%s&start=%d&end=%d&limit=%d"
            .formatted(encoded(selector), from, to, limit),
        patience);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private byte @Nullable [] get(String path, Duration patience)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path.replace("[]", "%5B%5D")))
            // Or metadata would be mixed into the labels, and each line have a stream of its own.
            .header("X-Loki-Response-Encoding-Flags", "categorize-labels");
    Reply reply = send(request, patience, MAX_CONTENT);
    if (reply.status() == 200) {
      return reply.cut() ? null : reply.body().toByteArray();
    }
    Answer answer = reply.answer();
    if (answer.text().contains("larger than max") || answer.text().contains("max entries limit")) {
      return null;
    }
    throw new IOException(answer.toString());
  }

  /**
   * What came.
   *
   * @param cut whether there was more than was wanted
   */
  private record Reply(int status, ByteArrayOutputStream body, boolean cut, boolean page) {
    Answer answer() {
      String text = body.toString(StandardCharsets.UTF_8);
      return new Answer(status, text.substring(0, Math.min(text.length(), MAX_TEXT)), page);
    }
  }

  private Reply send(HttpRequest.Builder request, Duration patience, int maxBytes)
      throws IOException, InterruptedException {
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (tenant != null) {
      request.header("X-Scope-OrgID", tenant);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    AtomicBoolean cut = new AtomicBoolean();
    HttpResponse.BodyHandler<Void> reading =
        head ->
            HttpResponse.BodySubscribers.ofByteArrayConsumer(
                part ->
                    part.ifPresent(
                        bytes -> {
                          int length = Math.min(bytes.length, maxBytes - body.size());
                          body.write(bytes, 0, length);
                          if (length < bytes.length) {
                            cut.set(true);
                          }
                        }));
    CompletableFuture<HttpResponse<Void>> sent = http.sendAsync(request.build(), reading);
    try {
      // The request's own timeout ends with the head of the answer; this is about all of it.
      HttpResponse<Void> answer = sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      boolean page = answer.headers().firstValue("Content-Type").orElse("").startsWith("text/html");
      return new Reply(answer.statusCode(), body, cut.get(), page);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no answer from Loki in " + patience.toSeconds() + " s");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = cause.getMessage() == null ? "" : ": " + cause.getMessage();
      throw new IOException(
          "Loki cannot be reached: " + cause.getClass().getSimpleName() + message, cause);
    } catch (CancellationException e) {
      throw new IOException("the request to Loki was cancelled", e);
    } finally {
      sent.cancel(true);
    }
  }
}
