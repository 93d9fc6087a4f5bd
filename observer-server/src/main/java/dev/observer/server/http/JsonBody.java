package dev.observer.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.observer.event.Rfc3339;
import dev.observer.event.Violation;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Answers in JSON. */
final class JsonBody {
  static final JsonFactory JSON =
      new JsonFactoryBuilder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  /** Writes a body. */
  interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  private JsonBody() {}

  static void send(HttpServerExchange exchange, int status, Writer writer) {
    send(exchange, status, "application/json", writer);
  }

  static void send(HttpServerExchange exchange, int status, String type, Writer writer) {
    byte[] body = bytes(writer);
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
    exchange.setResponseContentLength(body.length);
    exchange.getResponseSender().send(ByteBuffer.wrap(body));
  }

  static byte[] bytes(Writer writer) {
    try (ByteArrayBuilder bytes = new ByteArrayBuilder(256)) {
      try (JsonGenerator json = JSON.createGenerator(bytes)) {
        writer.write(json);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  static void time(JsonGenerator json, String name, @Nullable Long epochMillis) throws IOException {
    json.writeStringField(name, epochMillis == null ? null : Rfc3339.format(epochMillis));
  }

  static void violation(JsonGenerator json, Violation violation) throws IOException {
    json.writeStartObject();
    json.writeStringField("pointer", violation.pointer());
    json.writeStringField("reason", violation.reason());
    json.writeEndObject();
  }
}
