package dev.observer.server.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.Observer;
import dev.observer.server.TestServer;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.Options;

/** Clients that ask and then do not read what they are told. */
@Timeout(60)
class StalledClientsTest {
  private static final int WORKERS = 2;
  private static final String LARGE = "x".repeat(4 << 20);

  private final CountDownLatch called = new CountDownLatch(WORKERS);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Socket> sockets = new ArrayList<>();

  /** The procedures of the test. */
  final class Texts {
    @Query
    String large() {
      called.countDown();
      return LARGE;
    }

    @Query
    String small() {
      return "small";
    }

    @Query
    String slow() throws InterruptedException {
      assertTrue(slow.await(30, TimeUnit.SECONDS));
      return "at last";
    }

    @Subscription
    Flow.Publisher<String> forever() {
      return subscriber ->
          subscriber.onSubscribe(
              new Flow.Subscription() {
                @Override
                public void request(long n) {
                  subscriber.onNext(LARGE);
                }

                @Override
                public void cancel() {
                  cancelled.countDown();
                }
              });
    }
  }

  private final TestServer server;
  private final Undertow host;

  StalledClientsTest(@TempDir Path directory) {
    server = TestServer.start(directory);
    host =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setSocketOption(Options.SEND_BUFFER, 16 * 1024)
            .setWorkerThreads(WORKERS)
            .setHandler(
                Handlers.path()
                    .addPrefixPath("/patient", procedures(Duration.ofHours(1)))
                    .addPrefixPath("/impatient", watched(procedures(Duration.ofMillis(100)))))
            .build();
    host.start();
  }

  private HttpHandler procedures(Duration patience) {
    Observer observer = server.observer();
    return observer.procedures().patience(patience).add("texts", new Texts()).handler();
  }

  private HttpHandler watched(HttpHandler procedures) {
    return exchange -> {
      exchange.getConnection().addCloseListener(connection -> closed.countDown());
      procedures.handleRequest(exchange);
    };
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    host.stop();
    server.close();
  }

  private int port() {
    return ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
  }

  /** Asks for lines where there is a batch. */
  private Socket ask(String path) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setReceiveBufferSize(4 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: a\r\ntrpc-accept: application/jsonl\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void moreClientsThanWorkers_thatDoNotReadTheirLines_keepNoWorker() throws Exception {
    for (int i = 0; i <= WORKERS; i++) {
      ask("/patient/texts.large,texts.large?batch=1");
    }
    assertTrue(called.await(30, TimeUnit.SECONDS));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/patient/texts.small"))
            .timeout(Duration.ofSeconds(20))
            .build();
    assertEquals(
        "{\"result\":{\"data\":\"small\"}}",
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"large,texts.small?batch=1", "large", "forever"})
  void clientThatDoesNotRead_isCutOff(String what) throws Exception {
    ask("/impatient/texts." + what);
    assertTrue(closed.await(30, TimeUnit.SECONDS));
    if (what.equals("forever")) {
      assertTrue(cancelled.await(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void clientThatReads_isNotCutOff_whileNothingIsToBeTaken() throws Exception {
    Socket socket = ask("/impatient/texts.slow,texts.large?batch=1");
    InputStream answer = socket.getInputStream();
    answer.readNBytes(LARGE.length());
    socket.setSoTimeout(1_000);
    assertThrows(SocketTimeoutException.class, answer::readAllBytes);
    slow.countDown();
    StringBuilder rest = new StringBuilder();
    while (rest.indexOf("at last") < 0) {
      int next = answer.read();
      assertTrue(next >= 0, "closed");
      rest.append((char) next);
    }
  }
}
