package dev.observer.example.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Calls the shop's procedures, as its pages do. Thread-safe. */
final class ShopClient {
  /** The shop's feature flag, by its name there. */
  static final String PAIRS = "pairs-well-with";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final URI procedures;
  private final HttpClient client;
  private final JsonMapper mapper;

  /** What a procedure answered: its result, or the status and the error. */
  record Answer(int status, JsonNode body) {
    boolean isSuccess() {
      return status == 200;
    }

    JsonNode data() {
      return body.at("/result/data");
    }

    /** The trace under which the back end knows its error. */
    String trace() {
      return body.at("/error/data/trace_id").asText();
    }
  }

  ShopClient(URI shop, HttpClient client, JsonMapper mapper) {
    this.procedures = shop.resolve("/api/trpc/");
    this.client = client;
    this.mapper = mapper;
  }

  /** What the shop sells. */
  List<Product> products() throws IOException, InterruptedException {
    List<Product> products = new ArrayList<>();
    for (JsonNode one : query("products.list", Map.of()).data()) {
      products.add(
          new Product(
              one.path("id").asText(), one.path("name").asText(), one.path("price_cents").asInt()));
    }
    return products;
  }

  /** Whether the flag {@link #PAIRS} is on for this visitor. */
  boolean pairs(Visitor visitor) throws IOException, InterruptedException {
    Map<String, String> headers = Map.of("User-Agent", visitor.device().userAgent());
    for (JsonNode flag :
        query("flags.forVisitor", Map.of("bucket", visitor.bucket()), headers).data()) {
      if (flag.path("name").asText().equals(PAIRS)) {
        return flag.path("on").asBoolean();
      }
    }
    return false;
  }

  /**
   * Calls one that takes no input.
   *
   * @param headers of the tab
   */
  Answer query(String procedure, Map<String, String> headers)
      throws IOException, InterruptedException {
    return call(HttpRequest.newBuilder(procedures.resolve(procedure)), headers);
  }

  Answer query(String procedure, Object input, Map<String, String> headers)
      throws IOException, InterruptedException {
    String query = "?input=" + URLEncoder.encode(json(input), StandardCharsets.UTF_8);
    return call(HttpRequest.newBuilder(procedures.resolve(procedure + query)), headers);
  }

  Answer mutate(String procedure, Object input, Map<String, String> headers)
      throws IOException, InterruptedException {
    return call(
        HttpRequest.newBuilder(procedures.resolve(procedure))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json(input))),
        headers);
  }

  private Answer call(HttpRequest.Builder request, Map<String, String> headers)
      throws IOException, InterruptedException {
    headers.forEach(request::header);
    HttpResponse<byte[]> answer =
        client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
    return new Answer(answer.statusCode(), mapper.readTree(answer.body()));
  }

  private String json(Object input) {
    try {
      return mapper.writeValueAsString(input);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
  }
}
