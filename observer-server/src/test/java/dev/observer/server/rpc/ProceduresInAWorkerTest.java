package dev.observer.server.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import dev.observer.server.http.RestlessBody;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.BlockingHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Procedures of a host that hands its requests to workers before it looks at them. */
@Timeout(60)
class ProceduresInAWorkerTest {
  private static final int REQUESTS = 2_000;

  static final class Texts {
    @Mutation
    int length(String text) {
      return text.length();
    }
  }

  static final class Slow {
    private final CountDownLatch called;
    private final CountDownLatch end;

    Slow(CountDownLatch called, CountDownLatch end) {
      this.called = called;
      this.end = end;
    }

    @Query("wait")
    String waitForTheEnd() throws InterruptedException {
      called.countDown();
      return end.await(30, TimeUnit.SECONDS) ? "late" : "never";
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | [{\"result\":{\"data\":2}}]",
        "application/jsonl | {\"0\":[[0],[null,0,0]]}\\n[0,0,[[{\"result\":{\"data\":2}}]]]\\n",
      })
  void hostWhoseHandlersMayBlock_getsAnswers(
      String accepted, String answer, @TempDir Path directory) throws Exception {
    TestServer server = TestServer.start(directory);
    HttpHandler procedures = server.observer().procedures().add("texts", new Texts()).handler();
    Undertow host =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(new BlockingHandler(Handlers.path().addPrefixPath("/trpc", procedures)))
            .build();
    host.start();
    try {
      int port = ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port + "/trpc/texts.length?batch=1"))
              .header("Content-Type", "application/json")
              .header("trpc-accept", accepted)
              .timeout(Duration.ofSeconds(10))
              .POST(HttpRequest.BodyPublishers.ofString("{\"0\":\"ab\"}"))
              .build();
      HttpResponse<String> response =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(answer.replace("\\n", "\n"), response.body());
    } finally {
      host.stop();
      server.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/jsonl"})
  void callThatEndsAfterTheHostStopped_endsInPeace(String accepted, @TempDir Path directory)
      throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    BlockingQueue<Future<?>> calls = new LinkedBlockingQueue<>();
    TestServer server = TestServer.start(directory);
    HttpHandler procedures =
        server
            .observer()
            .procedures()
            .add("slow", new Slow(called, stopped))
            .executor(task -> calls.add(CompletableFuture.runAsync(task)))
            .handler();
    Undertow host =
        Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(procedures).build();
    host.start();
    try {
      int port = ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port + "/slow.wait?batch=1&input=%7B%7D"))
              .header("trpc-accept", accepted)
              .build();
      CompletableFuture<HttpResponse<Void>> answer =
          HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.discarding());
      assertTrue(called.await(30, TimeUnit.SECONDS));
      host.stop();
      stopped.countDown();
      calls.take().get(30, TimeUnit.SECONDS); // throws what the call threw
      assertThrows(ExecutionException.class, () -> answer.get(30, TimeUnit.SECONDS));
    } finally {
      stopped.countDown();
      host.stop();
      server.close();
    }
  }

  @Test
  void aBodyThatComesAtAnyMoment_isReadWholeAndAnsweredOnce(@TempDir Path directory)
      throws Exception {
    TestServer server = TestServer.start(directory);
    HttpHandler procedures = server.observer().procedures().add("texts", new Texts()).handler();
    Undertow host =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(
                exchange -> {
                  RestlessBody.of(exchange);
                  exchange.setRelativePath("/texts.length");
                  exchange.dispatch(procedures);
                })
            .build();
    host.start();
    try {
      int port = ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
      HttpClient client = HttpClient.newHttpClient();
      for (int i = 1; i <= REQUESTS; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/texts.length"))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString('"' + "x".repeat(i % 20) + '"'))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(
            "200 {\"result\":{\"data\":" + i % 20 + "}}",
            response.statusCode() + " " + response.body());
      }
    } finally {
      host.stop();
      server.close();
    }
  }
}
