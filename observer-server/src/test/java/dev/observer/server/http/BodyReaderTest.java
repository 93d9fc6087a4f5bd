package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BodyReaderTest {
  private static final int REQUESTS = 300;
  private static final HttpString RECEIVED = new HttpString("Received");

  @Test
  void aReaderThatIsWokenUpAtAnyMoment_readsTheWholeBodyAndAnswersOnce() throws Exception {
    converse(
        exchange -> {
          RestlessBody.of(exchange);
          BodyReader.read(exchange, 1_000, 1_000, new Counting(exchange));
        },
        REQUESTS,
        (i, out, in) -> {
          out.write(head(2 * i));
          out.write(ascii("x".repeat(i)));
          out.write(ascii("y".repeat(i)));
          assertEquals("HTTP/1.1 202 Accepted, received " + 2 * i, answer(in));
        });
  }

  @Test
  void aBodyThatNobodyAnswers_doesNotReadAsKept() throws Exception {
    converse(
        exchange -> BodyReader.read(exchange, 1_000, 1_000, new Forgetting()),
        1,
        (i, out, in) -> {
          out.write(head(1));
          out.write(ascii("x"));
          assertEquals("HTTP/1.1 503 Service Unavailable, received nothing", answer(in));
        });
  }

  private interface Conversation {
    void hold(int number, OutputStream out, BufferedReader in) throws IOException;
  }

  /**
   * Each on a connection of its own: what wakes a body up all the time would do so between two
   * requests, too, where Undertow does not expect it.
   */
  private static void converse(HttpHandler handler, int times, Conversation conversation)
      throws IOException {
    Undertow undertow =
        Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(handler).build();
    undertow.start();
    InetSocketAddress address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    try {
      for (int i = 1; i <= times; i++) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
          socket.setTcpNoDelay(true);
          socket.setSoTimeout(10_000);
          conversation.hold(
              i,
              socket.getOutputStream(),
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)));
        }
      }
    } finally {
      undertow.stop();
    }
  }

  private static byte[] head(int length) {
    return ascii("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String answer(BufferedReader in) throws IOException {
    String status = in.readLine();
    String received = "nothing";
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      if (line.startsWith(RECEIVED + ": ")) {
        received = line.substring(RECEIVED.length() + 2);
      }
    }
    return status + ", received " + received;
  }

  private static final class Forgetting implements BodyReader.Receiver {
    @Override
    public void take(long more) {}

    @Override
    public void inflated(byte[] chunk, int from, int to) {}

    @Override
    public void complete() {}
  }

  private static final class Counting implements BodyReader.Receiver {
    private final HttpServerExchange exchange;
    private int bytes;

    Counting(HttpServerExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void take(long more) {}

    @Override
    public void inflated(byte[] chunk, int from, int to) {
      bytes += to - from;
    }

    @Override
    public void complete() {
      exchange.setStatusCode(202);
      exchange.getResponseHeaders().put(RECEIVED, bytes);
      exchange.endExchange();
    }
  }
}
