package dev.observer.server.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may talk to us: those of the configured origins, and of the server's own, which is
 * what the request's {@code Host} says, or a trusted proxy. A browser lets no page choose either.
 */
final class Origins {
  private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
  private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
  private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
  private static final HttpString EXPOSE_HEADERS = new HttpString("Access-Control-Expose-Headers");
  private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");

  private final List<String> allowed;

  Origins(List<String> allowed) {
    this.allowed = allowed.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
  }

  static @Nullable String origin(HttpServerExchange exchange) {
    return exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
  }

  boolean allows(Sender sender, String origin) {
    return sender.isSameOrigin(origin) || allowed.contains(origin.toLowerCase(Locale.ROOT));
  }

  /** Tells caches that the answer depends on who asks, whether or not it may be read. */
  static void vary(HttpServerExchange exchange) {
    exchange.getResponseHeaders().put(Headers.VARY, "Origin");
  }

  /** Tells a browser that this page may read the answer. */
  static void answer(HttpServerExchange exchange, String origin) {
    HeaderMap headers = exchange.getResponseHeaders();
    headers.put(ALLOW_ORIGIN, origin);
    headers.put(EXPOSE_HEADERS, "Retry-After, Observer-Retry");
  }

  /** Answers a preflight of an allowed page. */
  static void answerPreflight(HttpServerExchange exchange, String origin) {
    answer(exchange, origin);
    HeaderMap headers = exchange.getResponseHeaders();
    headers.put(ALLOW_METHODS, "POST");
    headers.put(ALLOW_HEADERS, "Content-Type, Content-Encoding, Observer-Key, traceparent");
    headers.put(MAX_AGE, "7200");
    exchange.setStatusCode(204);
    exchange.endExchange();
  }
}
