package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * The body of an answer: sends what it is given, in order and at once. What the client does not
 * take yet waits; no thread does, whether the host's handlers may block or not. Used by the I/O
 * thread of the exchange only.
 */
final class Outlet {
  /** The JDK copies all that a socket is offered, each time anew. */
  private static final int PIECE_BYTES = 16 * 1024;

  private final HttpServerExchange exchange;
  private final StreamSinkChannel channel;
  private final Queue<ByteBuffer> waiting = new ArrayDeque<>();
  private boolean ended;

  private Outlet(HttpServerExchange exchange, StreamSinkChannel channel) {
    this.exchange = exchange;
    this.channel = channel;
  }

  /** Begins the body; the headers are as they are by now. */
  static Outlet open(HttpServerExchange exchange) {
    StreamSinkChannel channel = exchange.getResponseChannel();
    Outlet outlet = new Outlet(exchange, channel);
    channel.getWriteSetter().set(writable -> outlet.write());
    return outlet;
  }

  void send(byte[] bytes) {
    for (int from = 0; from < bytes.length; from += PIECE_BYTES) {
      waiting.add(ByteBuffer.wrap(bytes, from, Math.min(PIECE_BYTES, bytes.length - from)));
    }
    write();
  }

  /** Nothing comes after what was sent. */
  void end() {
    ended = true;
    write();
  }

  private void write() {
    try {
      while (!waiting.isEmpty()) {
        ByteBuffer piece = waiting.element();
        if (channel.write(piece) == 0) {
          channel.resumeWrites();
          return;
        }
        if (!piece.hasRemaining()) {
          waiting.remove();
        }
      }
      if (ended) {
        exchange.endExchange();
      } else if (channel.flush()) {
        channel.suspendWrites();
      } else {
        channel.resumeWrites();
      }
    } catch (IOException e) {
      waiting.clear(); // the client is gone; calls end all the same
      IoUtils.safeClose(exchange.getConnection());
      exchange.endExchange();
    }
  }
}
