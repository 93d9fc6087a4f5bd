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
  private static final long MAX_LEFT_BYTES = 16L << 20;

  private final GracefulShutdownHandler open;
  private final DefaultResponseListener answering = this::answer;
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
    exchange.addDefaultResponseListener(answering);
    if (!exchange.isRequestComplete()) {
      expectRest(exchange);
    }
    open.handleRequest(exchange);
  }

  private void expectRest(HttpServerExchange exchange) {
    exchange.addResponseCommitListener(Entrance::leaveRest);
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

  /**
   * The rest of a request that has its answer is not wanted. A connection closed with unread bytes
   * is reset, and the sender sees a failing network in place of the answer; so what was announced
   * is read and thrown away, unless it is very much. What was not is not even looked at: where a
   * chunk is too large Undertow prints a stack trace.
   */
  private static void leaveRest(HttpServerExchange exchange) {
    if (exchange.isRequestComplete()) {
      return;
    }
    long announced = exchange.getRequestContentLength();
    if (announced < 0 || announced > MAX_LEFT_BYTES) {
      exchange.setPersistent(false);
    } else if (exchange.isRequestChannelAvailable()) {
      exchange.setMaxEntitySize(MAX_LEFT_BYTES);
    }
  }

  /** Asked when an exchange is to end that has no answer yet, or only its status. */
  private boolean answer(HttpServerExchange exchange) {
    if (exchange.isResponseStarted()) {
      return false; // it has its answer: what is left is the rest of the request
    }
    if (exchange.getStatusCode() != 503) {
      boolean early = !exchange.isRequestComplete() && exchange.getConnection().isOpen();
      if (early) {
        exchange.getResponseSender().close(); // or it would come after the rest of the request
      }
      return early;
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
