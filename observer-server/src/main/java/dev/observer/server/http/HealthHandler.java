package dev.observer.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.observer.event.ServiceNames;
import dev.observer.server.metrics.Meters;
import dev.observer.server.spool.Delivery;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.ReplayLane;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code GET health}: whether we can keep what is sent, and whether it gets where it belongs. */
final class HealthHandler {
  /** A shorter failure of a sink is a hiccup. */
  private static final Duration DEGRADED_AFTER = Duration.ofSeconds(10);

  private final EventLane events;
  private final ReplayLane replays;
  private final List<Delivery<?>> deliveries;
  private final ServiceNames services;
  private final Meters meters;
  private final String version;

  HealthHandler(
      EventLane events,
      ReplayLane replays,
      List<Delivery<?>> deliveries,
      ServiceNames services,
      Meters meters,
      String version) {
    this.events = events;
    this.replays = replays;
    this.deliveries = deliveries;
    this.services = services;
    this.meters = meters;
    this.version = version;
  }

  private String status() {
    if (!events.accepting()) {
      return "down";
    }
    boolean degraded = !replays.accepting();
    for (Delivery<?> delivery : deliveries) {
      degraded |= delivery.failingFor().compareTo(DEGRADED_AFTER) >= 0;
    }
    return degraded ? "degraded" : "up";
  }

  /**
   * Answers.
   *
   * @param details whether the reader has the token
   */
  void answer(HttpServerExchange exchange, boolean details) {
    String status = status();
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    JsonBody.send(
        exchange,
        status.equals("down") ? 503 : 200,
        json -> {
          json.writeStartObject();
          json.writeStringField("status", status);
          json.writeStringField("version", version);
          if (details) {
            details(json);
          }
          json.writeEndObject();
        });
  }

  private void details(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("lanes");
    lane(
        json, "events", events.accepting(), events.bytes(), events.files(), events.oldestSeconds());
    lane(
        json,
        "replays",
        replays.accepting(),
        replays.bytes(),
        replays.files(),
        replays.oldestSeconds());
    json.writeEndObject();
    json.writeObjectFieldStart("sinks");
    for (Delivery<?> delivery : deliveries) {
      json.writeObjectFieldStart(delivery.sink());
      String failure = delivery.failure();
      json.writeStringField("status", failure == null ? "up" : "failing");
      json.writeNumberField("failing_seconds", delivery.failingFor().toSeconds());
      if (failure != null) {
        json.writeStringField("failure", failure);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeArrayFieldStart("services");
    for (ServiceNames.Service service : services.all()) {
      json.writeStartObject();
      json.writeStringField("service_name", service.name());
      json.writeStringField("environment", service.environment());
      json.writeEndObject();
    }
    json.writeEndArray();
    losses(json, "losses", meters.losses());
    losses(json, "client_losses", meters.clientLosses());
  }

  private static void losses(JsonGenerator json, String name, Map<String, Long> losses)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Long> loss : losses.entrySet()) {
      json.writeNumberField(loss.getKey(), loss.getValue());
    }
    json.writeEndObject();
  }

  private static void lane(
      JsonGenerator json,
      String name,
      boolean accepting,
      long bytes,
      int files,
      double oldestSeconds)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeBooleanField("accepting", accepting);
    json.writeNumberField("bytes", bytes);
    json.writeNumberField("files", files);
    json.writeNumberField("oldest_seconds", oldestSeconds);
    json.writeEndObject();
  }
}
