package dev.observer.server.http;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.StreamSourceConduit;

/**
 * A body that has a little, then nothing for now, then a little again, and calls its listener all
 * the time, whether there is something to read or not: what a connection does seldom and in the
 * worst moment.
 */
public final class RestlessBody extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private static final int BYTES = 32;

  private final HttpServerExchange exchange;
  private boolean started;
  private boolean nothing;

  private RestlessBody(StreamSourceConduit next, HttpServerExchange exchange) {
    super(next);
    this.exchange = exchange;
  }

  /** Makes the body of this request one. */
  public static void of(HttpServerExchange exchange) {
    exchange.addRequestWrapper((next, ignored) -> new RestlessBody(next.create(), exchange));
  }

  private void wakeUp() {
    if (!exchange.isRequestComplete()) {
      next.wakeupReads();
      getReadThread().execute(this::wakeUp);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!started) {
      started = true;
      getReadThread().execute(this::wakeUp);
    }
    nothing = !nothing;
    if (nothing) {
      return 0;
    }
    int limit = target.limit();
    target.limit(Math.min(limit, target.position() + BYTES));
    try {
      return super.read(target);
    } finally {
      target.limit(limit);
    }
  }
}
