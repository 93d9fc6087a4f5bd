package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Ends the connection of a client that takes nothing of its answer from one look to the next, which
 * would keep the answer in memory for as long as the client likes. The host's listener may have no
 * bound of its own.
 */
final class Patience implements Runnable {
  private static final long NOTHING_WAITS = -1;

  private final HttpServerExchange exchange;
  private final StreamSinkConduit answer;
  private long taken = NOTHING_WAITS;
  private volatile XnioExecutor.@Nullable Key looks;

  private Patience(HttpServerExchange exchange, StreamSinkConduit answer) {
    this.exchange = exchange;
    this.answer = answer;
  }

  /** Looks after the answer of this request in such intervals, once it is begun. */
  static void with(HttpServerExchange exchange, Duration interval) {
    exchange.addResponseWrapper(
        (factory, answered) -> {
          StreamSinkConduit answer = factory.create();
          Patience patience = new Patience(answered, answer);
          // First, as it fails if the client is gone already.
          answered.addExchangeCompleteListener(
              (done, next) -> {
                patience.end();
                next.proceed();
              });
          patience.begin(interval);
          return answer;
        });
  }

  private void begin(Duration interval) {
    looks =
        exchange.getIoThread().executeAtInterval(this, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void end() {
    XnioExecutor.Key begun = looks;
    if (begun != null) {
      begun.remove();
    }
  }

  @Override
  public void run() {
    long before = taken;
    taken = answer.isWriteResumed() ? exchange.getResponseBytesSent() : NOTHING_WAITS;
    if (taken != NOTHING_WAITS && taken == before) {
      IoUtils.safeClose(exchange.getConnection());
    }
  }
}
