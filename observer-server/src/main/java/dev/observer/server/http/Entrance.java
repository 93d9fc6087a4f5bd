package dev.observer.server.http;

import dev.observer.event.Kind;
import io.undertow.server.DefaultResponseListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Where the requests of one listener come in, until it is shut: then they are told to come back,
 * and those that are inside are finished. Thread-safe.
 */
public final class Entrance implements HttpHandler {
  private final GracefulShutdownHandler open;
  private final DefaultResponseListener stopping = this::answerWhenStopping;
  private final Predicate<HttpServerExchange> answered;

  /**
   * Leads to this handler.
   *
   * @param answered asked before a request is refused: it may set headers, or answer itself
   */
  public Entrance(HttpHandler next, Predicate<HttpServerExchange> answered) {
    this.open = new GracefulShutdownHandler(next);
    this.answered = answered;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    exchange.addDefaultResponseListener(stopping);
    open.handleRequest(exchange);
  }

  private boolean answerWhenStopping(HttpServerExchange exchange) {
    if (exchange.getStatusCode() != 503) {
      return false;
    }
    exchange.getResponseHeaders().put(Problem.NO_SNIFF, "nosniff");
    if (answered.test(exchange)) {
      return true;
    }
    Problem.retryLater(503, "the server is stopping", IngestHandler.RETRY_SECONDS, Kind.values())
        .send(exchange);
    return true;
  }

  /** Lets nobody in any more. */
  public void shut() {
    open.shutdown();
  }

  /** Waits until everybody inside has an answer, for so long. */
  public void awaitEmpty(Duration patience) throws InterruptedException {
    open.awaitShutdown(patience.toMillis());
  }
}
