package dev.observer.bench;

import io.undertow.Undertow;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The yardstick: the least that a server must do to answer 202 honestly. It appends each body to
 * one file, fsyncs once for everything that was queued while the previous fsync ran, and answers
 * without looking at what it received. Its HTTP server is the one that Observer has, so that the
 * difference is what Observer does.
 */
final class BareServer {

  private static final String ANSWER = "{\"accepted\":" + EventBatch.EVENTS + ",\"rejected\":[]}";

  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();

  /** A request whose body is not on the disk yet. */
  private record Waiting(HttpServerExchange exchange, ByteBuffer body) {}

  /**
   * Serves until the process is ended.
   *
   * @param args the file to append to
   */
  public static void main(String[] args) {
    BareServer server = new BareServer();
    Thread writer = new Thread(() -> server.write(Path.of(args[0])), "writer");
    writer.setDaemon(true);
    writer.start();
    Undertow undertow = Undertow.builder().addHttpListener(0, "127.0.0.1", server::serve).build();
    undertow.start();
    InetSocketAddress address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    System.out.println("Bare server listening on http://127.0.0.1:" + address.getPort());
  }

  private void serve(HttpServerExchange exchange) {
    exchange
        .getRequestReceiver()
        .receiveFullBytes(
            (received, bytes) ->
                received.dispatch(
                    SameThreadExecutor.INSTANCE,
                    () -> queue.add(new Waiting(received, ByteBuffer.wrap(bytes)))));
  }

  private void write(Path path) {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      List<Waiting> group = new ArrayList<>();
      while (true) {
        group.add(queue.take());
        queue.drainTo(group);
        ByteBuffer[] bodies = group.stream().map(Waiting::body).toArray(ByteBuffer[]::new);
        while (bodies[bodies.length - 1].hasRemaining()) {
          file.write(bodies);
        }
        file.force(false);
        group.forEach(waiting -> answer(waiting.exchange));
        group.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(HttpServerExchange exchange) {
    exchange
        .getIoThread()
        .execute(
            () ->
                Connectors.executeRootHandler(
                    ready -> {
                      ready.setStatusCode(202);
                      ready.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
                      ready.getResponseSender().send(ANSWER);
                    },
                    exchange));
  }
}
