package dev.observer.server.http;

import dev.observer.event.Arrival;
import dev.observer.event.Batch;
import dev.observer.event.BatchException;
import dev.observer.event.BatchReader;
import dev.observer.event.Kind;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.event.Violation;
import dev.observer.server.http.Problem.Refused;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.Outcome;
import io.undertow.server.Connectors;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST events} and {@code POST errors}: refused early or read whole, validated, and answered
 * 202 when the accepted items are on the disk.
 */
final class IngestHandler implements HttpHandler {
  static final int RETRY_SECONDS = 5;

  private static final Logger log = LoggerFactory.getLogger(IngestHandler.class);

  /** A byte of the body is there again when it is joined, and in its stored line. */
  static final int BYTES_PER_BYTE = 3;

  private final Kind kind;
  private final long maxBytes;
  private final long maxInflatedBytes;
  private final BatchReader reader;
  private final ServiceNames services;
  private final EventLane lane;
  private final InstantSource clock;
  private final Meters meters;
  private final BodyMemory memory;

  IngestHandler(
      Kind kind,
      long maxBytes,
      long maxInflatedBytes,
      BatchReader reader,
      ServiceNames services,
      EventLane lane,
      InstantSource clock,
      Meters meters,
      BodyMemory memory) {
    this.kind = kind;
    this.maxBytes = maxBytes;
    this.maxInflatedBytes = maxInflatedBytes;
    this.reader = reader;
    this.services = services;
    this.lane = lane;
    this.clock = clock;
    this.meters = meters;
    this.memory = memory;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Refused {
    BodyReader.read(exchange, maxBytes, maxInflatedBytes, new Body(exchange));
  }

  /** The inflated body of one request. */
  private final class Body implements BodyReader.Receiver {
    private final HttpServerExchange exchange;
    private final BodyMemory.Share share = memory.share();
    private final Pieces pieces = new Pieces(size -> take((long) BYTES_PER_BYTE * size));
    private boolean handedOver;

    Body(HttpServerExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void take(long more) throws Refused {
      if (!share.take(more)) {
        throw Problem.busy();
      }
    }

    @Override
    public void inflated(byte[] chunk, int from, int to) throws Refused {
      pieces.add(chunk, from, to, exchange.getRequestContentLength());
    }

    @Override
    public void lost(DropReason reason) {
      meters.dropped(reason, kind.wireName(), 1);
    }

    @Override
    public void complete() throws Refused {
      Batch batch;
      try {
        int length = pieces.length();
        batch = reader.read(kind, pieces.join(), length, arrival(exchange), share::take);
      } catch (BatchException e) {
        throw Problem.refused(e);
      }
      meters.dropped(DropReason.INVALID, kind.wireName(), batch.refused());
      if (batch.lines().isEmpty()) {
        throw new Problem(400, "no item could be accepted", batch.rejected()).refused();
      }
      handedOver = true;
      // Nobody waits: the spool's writer says when it is on the disk, and an IO thread answers.
      exchange.dispatch(SameThreadExecutor.INSTANCE, () -> append(batch));
    }

    private void append(Batch batch) {
      lane.append(
          batch.lines(),
          outcome -> {
            share.release();
            goOn(exchange, () -> answer(exchange, batch, outcome));
          });
    }

    @Override
    public void release() {
      if (!handedOver) {
        pieces.clear();
        share.release();
      }
    }
  }

  /** Answers by the connection's own thread, for whoever is none of the server's. */
  static void goOn(HttpServerExchange exchange, Runnable answering) {
    try {
      exchange
          .getIoThread()
          .execute(() -> Connectors.executeRootHandler(ignored -> answering.run(), exchange));
    } catch (RejectedExecutionException e) {
      // Its connection is closed: the sender has no answer, and repeats.
      log.debug("the server was closed before an answer was sent", e);
    }
  }

  private Arrival arrival(HttpServerExchange exchange) {
    String userAgent = exchange.getRequestHeaders().getFirst(Headers.USER_AGENT);
    return new Arrival(clock.millis(), Source.CLIENT, userAgent, services);
  }

  private void answer(HttpServerExchange exchange, Batch batch, Outcome outcome) {
    switch (outcome) {
      case DURABLE -> {
        batch.types().forEach((type, count) -> meters.accepted(Source.CLIENT, kind, type, count));
        batch.dropped().forEach(meters::droppedByClient);
        accepted(exchange, batch.lines().size(), batch.rejected());
      }
      case FULL -> {
        meters.dropped(DropReason.LANE_FULL, kind.wireName(), batch.lines().size());
        later("the server has no room for it now").send(exchange);
      }
      case FAILED, CONFLICT -> {
        meters.dropped(DropReason.DISK_FAILED, kind.wireName(), batch.lines().size());
        later("the server cannot keep it now").send(exchange);
      }
    }
  }

  /** Errors and events share a lane. */
  private static Problem later(String detail) {
    return Problem.retryLater(503, detail, RETRY_SECONDS, Kind.ERROR, Kind.EVENT);
  }

  static void accepted(HttpServerExchange exchange, int count, List<Violation> rejected) {
    JsonBody.send(
        exchange,
        202,
        json -> {
          json.writeStartObject();
          json.writeNumberField("accepted", count);
          json.writeArrayFieldStart("rejected");
          for (Violation violation : rejected) {
            JsonBody.violation(json, violation);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
