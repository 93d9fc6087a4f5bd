package dev.observer.server.capture;

import dev.observer.server.metrics.TraceParent;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is going on: whatever is captured within it belongs to it. Immutable.
 *
 * @param trace its trace
 * @param sessionId of the browser's session, if the request names one
 * @param exchange the request, if it is one
 * @param procedure the procedure, if one is called
 */
public record Scope(
    TraceParent trace,
    @Nullable String sessionId,
    @Nullable HttpServerExchange exchange,
    @Nullable Call procedure) {

  /**
   * The call of a procedure.
   *
   * @param type {@code query}, {@code mutation} or {@code subscription}
   * @param input what it was called with, as far as it may be kept: bounded and sanitised JSON
   */
  public record Call(String path, String type, Supplier<@Nullable String> input) {}

  /** The same, within the call of a procedure. */
  public Scope calling(Call call) {
    return new Scope(trace, sessionId, exchange, call);
  }

  /**
   * Where something was captured.
   *
   * @param url without its query, which may hold what is private
   * @param route the template that the host's routing matched
   */
  record Place(@Nullable String url, @Nullable String route, @Nullable String userAgent) {}

  /** Where this is; null for what is no request. To be asked on the thread of the request. */
  @Nullable Place place() {
    return exchange == null
        ? null
        : new Place(
            exchange.getRequestURL(),
            routeOf(exchange),
            exchange.getRequestHeaders().getFirst(Headers.USER_AGENT));
  }

  /** The template that the host's routing matched, or null. */
  static @Nullable String routeOf(HttpServerExchange exchange) {
    PathTemplateMatch match = exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY);
    return match == null ? null : match.getMatchedTemplate();
  }
}
