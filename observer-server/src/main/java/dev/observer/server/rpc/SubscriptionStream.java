package dev.observer.server.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.server.capture.Scope;
import dev.observer.server.rpc.TrpcHandler.Target;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.sse.ServerSentEventConnection;
import io.undertow.server.handlers.sse.ServerSentEventConnection.EventCallback;
import io.undertow.server.handlers.sse.ServerSentEventHandler;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Tells a client what a subscription publishes, as server-sent events in the form that tRPC's
 * {@code httpSubscriptionLink} reads. One item is asked for when the one before was written, so a
 * slow client holds the publisher up and not memory. A client that ends its connection is noticed
 * at once; one that just vanishes, when something, if only the sign of life, cannot be written.
 */
final class SubscriptionStream implements Flow.Subscriber<Object> {
  private static final HttpString ACCEL_BUFFERING = new HttpString("X-Accel-Buffering");

  private final HttpServerExchange exchange;
  private final Calls calls;
  private final Scope scope;
  private final Target target;
  private final ObservedCalls.Observation observation;
  private final Duration keepAlive;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile Flow.@Nullable Subscription subscription;
  private volatile @Nullable ServerSentEventConnection connection;

  SubscriptionStream(
      HttpServerExchange exchange,
      Calls calls,
      Scope scope,
      Target target,
      ObservedCalls.Observation observation,
      Duration keepAlive) {
    this.exchange = exchange;
    this.calls = calls;
    this.scope = scope;
    this.target = target;
    this.observation = observation;
    this.keepAlive = keepAlive;
  }

  /** Calls the method, on a thread that may wait, and then answers. */
  void open(@Nullable JsonNode input) {
    Flow.Publisher<?> publisher;
    try {
      publisher = calls.subscribe(observation, target, input, exchange);
    } catch (Throwable e) { // whatever it is, here and below: the client waits for what is said
      answer(() -> onError(e));
      return;
    }
    answer(() -> subscribe(publisher));
  }

  /** No thread is free to call the method. */
  void tooMany() {
    answer(
        () ->
            onError(
                new ProcedureException(ErrorCode.SERVICE_UNAVAILABLE, "Too many calls at once")));
  }

  private void subscribe(Flow.Publisher<?> publisher) {
    try {
      publisher.subscribe(this);
    } catch (Throwable e) {
      onError(e);
    }
  }

  private void answer(Runnable whenConnected) {
    exchange
        .getIoThread()
        .execute(
            () ->
                Connectors.executeRootHandler(
                    ignored -> {
                      exchange
                          .getResponseHeaders()
                          .put(Headers.CACHE_CONTROL, "no-cache, no-transform")
                          .put(ACCEL_BUFFERING, "no");
                      new ServerSentEventHandler(
                              (connected, last) -> connected(connected, whenConnected))
                          .handleRequest(exchange);
                    },
                    exchange));
  }

  private void connected(ServerSentEventConnection connected, Runnable then) {
    connection = connected;
    connected.addCloseTask(closed -> cancelled());
    connected.setKeepAliveTime(keepAlive.toMillis());
    if (exchange.getConnection() instanceof HttpServerConnection http && !hasBody()) {
      closeWithClient(http.getChannel().getSourceChannel(), connected);
    }
    connected.send("{}", "connected", null, null);
    then.run();
  }

  /** That of a GET is nothing we read, and would stand before the end. */
  private boolean hasBody() {
    HeaderMap headers = exchange.getRequestHeaders();
    return headers.contains(Headers.CONTENT_LENGTH) || headers.contains(Headers.TRANSFER_ENCODING);
  }

  /**
   * Undertow reads nothing while it answers, and so sees no end either. As server-sent events end
   * with their connection there is no other request to come: a client that sends something all the
   * same is not listened to any more.
   */
  private void closeWithClient(
      ConduitStreamSourceChannel client, ServerSentEventConnection connected) {
    ByteBuffer nothing = ByteBuffer.allocate(1);
    client.setReadListener(
        channel -> {
          int read;
          try {
            read = channel.read(nothing);
          } catch (IOException e) {
            read = -1;
          }
          if (read > 0) {
            channel.suspendReads();
          } else if (read < 0) {
            cancelled();
            IoUtils.safeClose(connected, exchange.getConnection());
          }
        });
    client.resumeReads();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    if (ended.get()) {
      subscription.cancel();
    } else {
      ask(subscription);
    }
  }

  private void ask(Flow.Subscription publishing) {
    try {
      publishing.request(1);
    } catch (Throwable e) {
      onError(e); // of a publisher that is shut down, for one
    }
  }

  @Override
  public void onNext(Object item) {
    String id = null;
    Object data = item;
    if (item instanceof Tracked<?> tracked && target.procedure().tracked()) {
      id = tracked.id();
      data = tracked.data();
    }
    try {
      send(calls.json(target, data), null, id, new AskForMore());
    } catch (Throwable e) {
      onError(e); // first: to cancel is the host's, which may fail, too
      Flow.Subscription current = subscription;
      if (current != null) {
        current.cancel();
      }
    }
  }

  @Override
  public void onError(Throwable thrown) {
    if (ended.compareAndSet(false, true)) {
      observation.end(thrown);
      send(
          Answer.shape(ProcedureException.of(thrown), target.procedure().path(), scope),
          "serialized-error",
          null,
          null);
      shutDown();
    }
  }

  @Override
  public void onComplete() {
    if (ended.compareAndSet(false, true)) {
      observation.end(null);
      send("", "return", null, null);
      shutDown();
    }
  }

  /** The client is gone, which is how most subscriptions end. */
  private void cancelled() {
    if (ended.compareAndSet(false, true)) {
      observation.end(null);
    }
    Flow.Subscription current = subscription;
    if (current != null) {
      current.cancel();
    }
  }

  private void send(
      @Nullable String data,
      @Nullable String event,
      @Nullable String id,
      @Nullable EventCallback callback) {
    ServerSentEventConnection to = connection;
    if (to != null) {
      to.send(data == null ? "null" : data, event, id, callback);
    }
  }

  private void shutDown() {
    ServerSentEventConnection to = connection;
    if (to != null) {
      to.shutdown();
    }
  }

  private final class AskForMore implements EventCallback {
    @Override
    public void done(
        ServerSentEventConnection to, String data, @Nullable String event, @Nullable String id) {
      Flow.Subscription current = subscription;
      if (current != null && !ended.get()) {
        ask(current);
      }
    }

    @Override
    public void failed(
        ServerSentEventConnection to,
        String data,
        @Nullable String event,
        @Nullable String id,
        IOException e) {
      cancelled();
    }
  }
}
