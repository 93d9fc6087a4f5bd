package dev.observer.server.capture;

import dev.observer.server.metrics.Meters;
import io.undertow.server.DefaultResponseListener;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.ExceptionHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches the host's own routes: each request is in a trace, is counted and timed by the template
 * of its route, and if it ends with an exception that is an error. Thread-safe.
 */
public final class WatchHandler implements HttpHandler {
  private static final ErrorContext UNHANDLED = ErrorContext.EMPTY.handled(false);

  private final HttpHandler next;
  private final Capture capture;
  private final Traces traces;
  private final Meters meters;
  private final LongSupplier nanoTime;

  /** Watches this handler. */
  public WatchHandler(
      HttpHandler next, Capture capture, Traces traces, Meters meters, LongSupplier nanoTime) {
    this.next = next;
    this.capture = capture;
    this.traces = traces;
    this.meters = meters;
    this.nanoTime = nanoTime;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    Scope scope = traces.of(exchange);
    exchange.addExchangeCompleteListener(new Completion(scope, nanoTime.getAsLong()));
    Executor workers = traces.dispatching(exchange, scope, null);
    exchange.setDispatchExecutor(workers);
    try (Traces.Opened opened = traces.open(scope)) {
      next.handleRequest(exchange);
    } catch (Throwable e) {
      capture.endsRequest(e); // Undertow's line about it comes after the scope
      throw e;
    }
    // Undertow goes there when this has returned.
    Executor named = exchange.getDispatchExecutor();
    if (named != workers && exchange.isDispatched()) {
      exchange.setDispatchExecutor(traces.dispatching(exchange, scope, named));
    }
  }

  /** The end of one request. */
  private final class Completion implements ExchangeCompletionListener {
    private final Scope scope;
    private final long start;

    Completion(Scope scope, long start) {
      this.scope = scope;
      this.start = start;
    }

    @Override
    public void exchangeEvent(HttpServerExchange exchange, NextListener following) {
      try {
        String route = Scope.routeOf(exchange);
        meters.request(
            route == null ? "none" : route,
            Meters.method(exchange.getRequestMethod().toString()),
            exchange.getStatusCode(),
            Duration.ofNanos(nanoTime.getAsLong() - start),
            scope.trace());
        Throwable thrown = thrown(exchange);
        if (thrown != null) {
          capture.exception(
              thrown,
              Mechanism.HTTP,
              UNHANDLED
                  .property("method", exchange.getRequestMethod().toString())
                  .property("status", exchange.getStatusCode()),
              scope);
        }
      } finally {
        following.proceed();
      }
    }

    /**
     * What nobody caught, or what the host's handler of exceptions answered with a 5xx. Not what
     * the client did: a body too large, or going away.
     */
    private @Nullable Throwable thrown(HttpServerExchange exchange) {
      int status = exchange.getStatusCode();
      Throwable uncaught = exchange.getAttachment(DefaultResponseListener.EXCEPTION);
      if (uncaught == null) {
        return status >= 500 ? exchange.getAttachment(ExceptionHandler.THROWABLE) : null;
      }
      boolean gone = uncaught instanceof IOException && !exchange.getConnection().isOpen();
      return gone || (status >= 400 && status < 500) ? null : uncaught;
    }
  }
}
