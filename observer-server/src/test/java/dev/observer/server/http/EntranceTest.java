package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EntranceTest {
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
}
