package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.metrics.DropReason;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EntranceTest {
  private static final Duration LITTLE = Duration.ofMillis(200);

  /** Enough for whoever says all at once, on a busy machine too. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration LATER = PATIENCE.plusMillis(500);

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void whoComesWhenItIsShut_isToldToComeBack_andWhoIsInsideIsFinished() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Entrance entrance =
        new Entrance(
            exchange ->
                exchange.dispatch(
                    () -> {
                      inside.countDown();
                      try {
                        goOn.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      exchange.getResponseSender().send("done");
                    }),
            exchange -> false);
    Undertow undertow =
        Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(entrance).build();
    undertow.start();
    try {
      int port = ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build();
      CompletableFuture<HttpResponse<String>> first =
          client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
      inside.await();
      entrance.shut();
      HttpResponse<String> second = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(503, second.statusCode());
      assertTrue(second.headers().firstValue("Retry-After").orElse("").matches("[1-9]\\d*"));
      assertEquals("nosniff", second.headers().firstValue("X-Content-Type-Options").orElse(""));
      assertEquals(
          "application/problem+json", second.headers().firstValue("Content-Type").orElse(""));
      assertTrue(second.body().contains("\"status\":503"), second.body());
      goOn.countDown();
      assertEquals("done", first.get().body());
      entrance.awaitEmpty(Duration.ofSeconds(5));
    } finally {
      goOn.countDown();
      undertow.stop();
    }
  }

  /** What is done with a request; whatever is lost is told. */
  private interface Treatment {
    void handle(HttpServerExchange exchange, Queue<DropReason> lost) throws Exception;
  }

  private static Stream<Arguments> treatments() {
    Treatment answer = (exchange, lost) -> exchange.getResponseSender().send("done");
    Treatment refuse = (exchange, lost) -> new Problem(404, "there is nothing").send(exchange);
    Treatment read = (exchange, lost) -> BodyReader.read(exchange, 9, 9, new Slow(exchange, lost));
    return Stream.of(
        Arguments.of(answer, "HTTP/1.1 200 OK", List.of()),
        Arguments.of(refuse, "HTTP/1.1 404 Not Found", List.of()),
        Arguments.of(read, null, List.of(DropReason.INCOMPLETE)));
  }

  @ParameterizedTest
  @MethodSource("treatments")
  void whoNeverSaysAll_isDropped_withOrWithoutAnAnswer(
      Treatment treatment, @Nullable String status, List<DropReason> losses) throws Exception {
    for (String head :
        List.of("Content-Length: 9\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n9\r\n")) {
      BlockingQueue<DropReason> lost = new LinkedBlockingQueue<>();
      CountDownLatch ended = new CountDownLatch(1);
      converse(
          LITTLE,
          exchange -> {
            exchange.addExchangeCompleteListener(
                (done, next) -> {
                  next.proceed();
                  ended.countDown();
                });
            treatment.handle(exchange, lost);
          },
          "GET / HTTP/1.1\r\nHost: a\r\n" + head + "x",
          (in, out) -> {
            assertEquals(status, in.readLine());
            while (in.readLine() != null) {
              // until the connection ends
            }
            assertTrue(ended.await(10, TimeUnit.SECONDS));
          });
      for (DropReason loss : losses) {
        assertEquals(loss, lost.poll(10, TimeUnit.SECONDS));
      }
      assertTrue(lost.isEmpty());
    }
  }

  @Test
  void whoSaysAllInTime_isAnswered_howeverLongThatTakes() throws Exception {
    BlockingQueue<DropReason> lost = new LinkedBlockingQueue<>();
    converse(
        PATIENCE,
        exchange -> BodyReader.read(exchange, 9, 9, new Slow(exchange, lost)),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789",
        (in, out) -> assertEquals("HTTP/1.1 202 Accepted", in.readLine()));
    assertTrue(lost.isEmpty());
  }

  @Test
  void restOfARefusedRequest_isLeft_andTheNextIsAnswered() throws Exception {
    String status = "HTTP/1.1 503 Service Unavailable";
    converse(
        PATIENCE,
        exchange -> new Problem(503, "busy").send(exchange),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
        (in, out) -> {
          assertEquals(status, in.readLine());
          String rest = "123456789GET / HTTP/1.1\r\nHost: a\r\n\r\n";
          out.write(rest.getBytes(StandardCharsets.US_ASCII));
          assertTrue(in.lines().anyMatch(line -> line.endsWith(status)));
        });
  }

  private interface Reading {
    void read(BufferedReader in, OutputStream out) throws Exception;
  }

  private static void converse(
      Duration patience, HttpHandler handler, String request, Reading reading) throws Exception {
    Undertow undertow =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(new Entrance(handler, exchange -> false, patience))
            .build();
    undertow.start();
    InetSocketAddress address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      reading.read(
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)),
          socket.getOutputStream());
    } finally {
      undertow.stop();
    }
  }

  /** Answers when whoever is slow would have been dropped. */
  private record Slow(HttpServerExchange exchange, Queue<DropReason> losses)
      implements BodyReader.Receiver {
    @Override
    public void take(long more) {}

    @Override
    public void inflated(byte[] chunk, int from, int to) {}

    @Override
    public void lost(DropReason reason) {
      losses.add(reason);
    }

    @Override
    public void complete() {
      exchange.dispatch(SameThreadExecutor.INSTANCE, () -> answerLater());
    }

    private void answerLater() {
      exchange
          .getIoThread()
          .executeAfter(
              () -> exchange.setStatusCode(202).endExchange(),
              LATER.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }
}
