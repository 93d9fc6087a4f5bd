package dev.observer.example;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.List;

/** A refusal, as RFC 9457 writes it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Problem(String title, int status, String detail, List<FieldError> errors) {

  /** What is wrong with one input. */
  record FieldError(String field, String reason) {}

  Problem(String title, int status, String detail) {
    this(title, status, detail, List.of());
  }

  void send(HttpServerExchange exchange) throws JsonProcessingException {
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/problem+json");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseSender().send(Json.MAPPER.writeValueAsString(this));
  }
}
