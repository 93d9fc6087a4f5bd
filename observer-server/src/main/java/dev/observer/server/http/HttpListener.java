package dev.observer.server.http;

import io.undertow.conduits.IdleTimeoutConduit;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListeners;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Listens for HTTP on one address. It is what Undertow's builder would make, and sees to it that
 * what Undertow answers when it cannot read a request is what every refusal is, with the header
 * that every answer has: no handler is asked then. Thread-safe.
 */
public final class HttpListener implements Closeable {
  private static final OptionMap SOCKET =
      OptionMap.builder()
          .set(Options.TCP_NODELAY, true)
          .set(Options.REUSE_ADDRESSES, true)
          .set(Options.BALANCING_TOKENS, 1)
          .set(Options.BALANCING_CONNECTIONS, 2)
          .set(Options.BACKLOG, 1000)
          .getMap();

  private final AcceptingChannel<StreamConnection> channel;

  private HttpListener(AcceptingChannel<StreamConnection> channel) {
    this.channel = channel;
  }

  /**
   * Starts to listen.
   *
   * @param options of Undertow
   * @param idle after so long without a byte, read or written, a connection is closed
   * @param port 0: any free one
   * @throws IOException if the address is none of this machine or is taken
   */
  public static HttpListener open(
      XnioWorker worker,
      ByteBufferPool buffers,
      OptionMap options,
      Duration idle,
      String host,
      int port,
      HttpHandler handler)
      throws IOException {
    HttpOpenListener http = new HttpOpenListener(buffers, options);
    http.setRootHandler(handler);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getAllByName(host)[0], port);
    OptionMap socket =
        OptionMap.builder()
            .addAll(SOCKET)
            .set(Options.WORKER_IO_THREADS, worker.getOption(Options.WORKER_IO_THREADS))
            .getMap();
    AcceptingChannel<StreamConnection> channel =
        worker.createStreamConnectionServer(
            address,
            ChannelListeners.openListenerAdapter(
                (StreamConnection connection) -> {
                  ConduitStreamSinkChannel sink = connection.getSinkChannel();
                  sink.setConduit(new Answers(sink.getConduit()));
                  // Undertow's option IDLE_TIMEOUT does nothing to HTTP/1.1, and by WRITE_TIMEOUT
                  // the next answer of a connection that was kept may fail.
                  IdleTimeoutConduit timed = new IdleTimeoutConduit(connection);
                  timed.setIdleTimeout(idle.toMillis());
                  sink.setConduit(timed);
                  connection.getSourceChannel().setConduit(timed);
                  http.handleEvent(connection);
                }),
            socket);
    channel.resumeAccepts();
    return new HttpListener(channel);
  }

  /** The port it listens on. */
  public int port() {
    return channel.getLocalAddress(InetSocketAddress.class).getPort();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** What one connection sends. */
  private static final class Answers extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private static final int MAX_BYTES = 512;
    private static final byte[] BAD_REQUEST = "HTTP/1.1 400 ".getBytes(StandardCharsets.US_ASCII);
    private static final String NO_BODY = "\r\nContent-Length: 0\r\n";
    private static final String PROBLEM =
        new String(
            JsonBody.bytes(new Problem(400, "this is no request that can be read")::write),
            StandardCharsets.US_ASCII);

    private @Nullable ByteBuffer completed;

    Answers(StreamSinkConduit next) {
      super(next);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (completed == null) {
        completed = completed(bytes);
      }
      ByteBuffer rest = completed;
      if (rest == null) {
        return next.write(bytes);
      }
      while (rest.hasRemaining() && next.write(rest) > 0) {
        // once more
      }
      if (rest.hasRemaining()) {
        return 0;
      }
      completed = null;
      int written = bytes.remaining();
      bytes.position(bytes.limit());
      return written;
    }

    /** The whole of such an answer, or null for everything else. */
    private static @Nullable ByteBuffer completed(ByteBuffer bytes) {
      int size = bytes.remaining();
      if (size <= BAD_REQUEST.length || size > MAX_BYTES) {
        return null;
      }
      for (int i = BAD_REQUEST.length - 1; i >= 0; i--) {
        if (bytes.get(bytes.position() + i) != BAD_REQUEST[i]) {
          return null;
        }
      }
      byte[] head = new byte[size];
      bytes.duplicate().get(head);
      String text = new String(head, StandardCharsets.ISO_8859_1);
      if (!text.endsWith("\r\n\r\n") || !text.contains(NO_BODY)) {
        return null;
      }
      String fields =
          "\r\n%s: nosniff\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
              .formatted(Problem.NO_SNIFF, Problem.TYPE, PROBLEM.length());
      String whole = text.replace(NO_BODY, fields) + PROBLEM;
      return ByteBuffer.wrap(whole.getBytes(StandardCharsets.ISO_8859_1));
    }
  }
}
