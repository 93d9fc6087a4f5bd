package dev.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.config.ObserverConfig;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections on which nothing goes on. */
@Timeout(60)
class ListenersTest {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final String ANSWER = "an answer";

  private final Closing closing = new Closing();
  private final CountDownLatch closed = new CountDownLatch(1);

  @AfterEach
  void close() {
    closing.closeAll();
  }

  private Socket connect(HttpHandler answering) throws IOException {
    ObserverConfig config =
        ObserverConfig.builder().environmentVariables(Map.of()).http(http -> http.port(0)).build();
    HttpHandler entrance =
        exchange -> {
          exchange.getConnection().addCloseListener(connection -> closed.countDown());
          answering.handleRequest(exchange);
        };
    URI uri = Listeners.open(config, entrance, entrance, IDLE, closing).uri();
    assertTrue(uri != null);
    Socket socket = new Socket();
    closing.add(socket);
    socket.setReceiveBufferSize(4 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort()));
    return socket;
  }

  private static void ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  /** More than the buffers of both ends take. */
  private static void answerMuch(HttpServerExchange exchange) {
    ByteBuffer part = ByteBuffer.allocate(64 * 1024);
    exchange
        .getResponseSender()
        .send(Stream.generate(part::duplicate).limit(512).toArray(ByteBuffer[]::new));
  }

  @Test
  void clientThatDoesNotReadItsAnswer_isClosed() throws Exception {
    ask(connect(ListenersTest::answerMuch));
    assertTrue(closed.await(30, TimeUnit.SECONDS));
  }

  @Test
  void clientThatDoesNotReadTheAnswerOfAWorker_isClosed() throws Exception {
    ask(connect(exchange -> exchange.dispatch((HttpHandler) ListenersTest::answerMuch)));
    assertTrue(closed.await(30, TimeUnit.SECONDS));
  }

  @Test
  void connectionThatIsKept_getsItsNextAnswer_andIsClosedWhenNothingIsAsked() throws Exception {
    Socket socket = connect(exchange -> exchange.getResponseSender().send(ANSWER));
    InputStream answers = socket.getInputStream();
    socket.setSoTimeout((int) IDLE.toMillis() / 2);
    for (int i = 0; i < 4; i++) {
      ask(socket);
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf(ANSWER) < 0) {
        int next = answers.read();
        assertTrue(next >= 0, "closed");
        answer.append((char) next);
      }
      assertThrows(SocketTimeoutException.class, answers::read); // it rests meanwhile
    }
    socket.setSoTimeout(30_000);
    assertEquals(-1, answers.read());
    assertTrue(closed.await(30, TimeUnit.SECONDS));
  }
}
