package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.undertow.Undertow;
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
    Undertow undertow =
        Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(this::receive).build();
    undertow.start();
    InetSocketAddress address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (int i = 1; i <= REQUESTS; i++) {
        out.write(ascii("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + 2 * i + "\r\n\r\n"));
        out.write(ascii("x".repeat(i)));
        out.write(ascii("y".repeat(i)));
        assertEquals("HTTP/1.1 202 Accepted, received " + 2 * i, answer(in));
      }
    } finally {
      undertow.stop();
    }
  }

  private void receive(HttpServerExchange exchange) throws Problem.Refused {
    RestlessBody.of(exchange);
    BodyReader.read(exchange, 1_000, 1_000, new Counting(exchange));
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
