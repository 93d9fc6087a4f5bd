package dev.observer.server.http;

import dev.observer.event.Kind;
import io.undertow.server.DefaultResponseListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * Where the requests of one listener come in, until it is shut: then they are told to come back,
 * and those that are inside are finished. What is not complete in time is dropped with its
 * connection, whether it waits for an answer or has it already. Thread-safe.
 */
public final class Entrance implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(Entrance.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final GracefulShutdownHandler open;
  private final DefaultResponseListener stopping = this::answerWhenStopping;
  private final Predicate<HttpServerExchange> answered;
  private final Duration patience;

  /**
   * Leads to this handler.
   *
   * @param answered asked before a request is refused: it may set headers, or answer itself
   */
  public Entrance(HttpHandler next, Predicate<HttpServerExchange> answered) {
    this(next, answered, PATIENCE);
  }

  Entrance(HttpHandler next, Predicate<HttpServerExchange> answered, Duration patience) {
    this.open = new GracefulShutdownHandler(next);
    this.answered = answered;
    this.patience = patience;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    exchange.addDefaultResponseListener(stopping);
    if (!exchange.isRequestComplete()) {
      expectRest(exchange);
    }
    open.handleRequest(exchange);
  }

  private void expectRest(HttpServerExchange exchange) {
    XnioExecutor.Key timeout =
        exchange
            .getIoThread()
            .executeAfter(() -> drop(exchange), patience.toMillis(), TimeUnit.MILLISECONDS);
    exchange.addExchangeCompleteListener(
        (ended, next) -> {
          timeout.remove();
          next.proceed();
        });
  }

  private static void drop(HttpServerExchange exchange) {
    if (!exchange.isRequestComplete()) {
      log.debug("a request was not complete in time and is dropped");
      IoUtils.safeClose(exchange.getConnection()); // which ends the exchange
    }
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
