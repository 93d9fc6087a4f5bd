package dev.observer.server.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.observer.server.TestServer;
import dev.observer.server.http.RestlessBody;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
