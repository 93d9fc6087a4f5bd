package dev.observer.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.Observer;
import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.server.capture.ErrorContext;
import dev.observer.server.capture.Identity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.ResponseCodeHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Starting, mounting and calling Observer, as the pages show it. */
@Timeout(60)
class StartTest {
  private final Path data;

  StartTest(@TempDir Path data) {
    this.data = data;
  }

  @Test
  void start_servesTheScript_andTheConsole() throws Exception {
    int port = 0;
    // #region start
    ObserverConfig config =
        ObserverConfig.builder()
            .serviceName("shop")
            .dataDir(data)
            .http(http -> http.port(port))
            .build();
    Observer observer = Observer.start(config);
    URI console = observer.uri().resolve(observer.consolePath());
    // #endregion start
    try {
      assertEquals(200, get(observer.uri().resolve("/api/observer/client.js")).statusCode());
      assertEquals(200, get(console).statusCode());
      assertEquals(
          observer.firstToken().orElseThrow(),
          Files.readString(data.resolve("keys/read-token")).strip());
    } finally {
      observer.close();
    }
  }

  @Test
  void mounted_itSharesTheOriginOfThePages() throws Exception {
    ObserverConfig config =
        ObserverConfig.builder().dataDir(data).http(http -> http.port(0)).build();
    HttpHandler routes =
        Handlers.routing().get("/orders/{id}", new ResponseCodeHandler(204)).get("/", this::fail);
    // #region mount
    Observer observer = Observer.mount(config);
    observer.captureLogs(); // what is logged as ERROR
    observer.captureUncaught(); // what ends a thread
    Undertow server =
        Undertow.builder()
            .addHttpListener(config.http().port(), config.http().host())
            .setHandler(observer.handler(observer.watch(routes)))
            .build();
    server.start();
    // #endregion mount
    try {
      InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
      URI root = URI.create("http://127.0.0.1:" + address.getPort() + "/");
      assertEquals(204, get(root.resolve("/orders/7")).statusCode());
      assertEquals(500, get(root).statusCode());
      assertEquals(200, get(root.resolve("/api/observer/health")).statusCode());
      String metrics = metrics(observer, root);
      assertTrue(metrics.contains("path=\"/orders/{id}\""), metrics);
    } finally {
      server.stop();
      observer.close();
    }
  }

  private void fail(HttpServerExchange exchange) {
    throw new IllegalStateException("out of clay");
  }

  @Test
  void whatTheApplicationSays_isDurableWhenFlushed() throws Exception {
    ObserverConfig config =
        ObserverConfig.builder().dataDir(data).http(http -> http.port(0)).build();
    try (Observer observer = Observer.start(config)) {
      RuntimeException e = new IllegalStateException("card declined by the bank's test");
      // #region capture
      String id =
          observer.captureException(
              e, ErrorContext.EMPTY.property("order_id", 7).property("step", "charge"));
      observer.track("order_placed", Map.of("value", 12.5), Identity.user("u-1"));
      // #endregion capture
      // #region flush
      boolean onDisk = observer.flush(Duration.ofSeconds(5));
      // #endregion flush
      assertTrue(onDisk);
      URI records = observer.uri().resolve("/api/observer/records?kind=error");
      String error = readUntil(observer, records, "card declined");
      assertTrue(error.contains(id), error);
      assertTrue(error.contains("\"step\":\"charge\""), error);
      URI events = observer.uri().resolve("/api/observer/records?kind=event&user_id=u-1");
      assertTrue(readUntil(observer, events, "order_placed").contains("12.5"));
    }
  }

  @Test
  void metersOfTheApplication_standBesideObservers() throws Exception {
    ObserverConfig config =
        ObserverConfig.builder().dataDir(data).http(http -> http.port(0)).build();
    try (Observer observer = Observer.start(config)) {
      // #region meter
      Counter sold =
          Counter.builder("shop.pieces.sold")
              .description("Pieces of pottery sold")
              .register(observer.meterRegistry());
      Timer firing =
          Timer.builder("shop.kiln.firing")
              .publishPercentileHistogram()
              .register(observer.meterRegistry());
      sold.increment(2);
      firing.record(() -> LoggerFactory.getLogger("shop").info("fired"));
      // #endregion meter
      String metrics = metrics(observer, observer.uri());
      assertTrue(metrics.contains("shop_pieces_sold_total 2.0"), metrics);
      assertTrue(metrics.contains("shop_kiln_firing_seconds_bucket"), metrics);
      assertTrue(metrics.contains("observer_spool_bytes"), metrics);
    }
  }

  @Test
  void wrongSettings_areAllNamedAtOnce() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                ObserverConfig.builder()
                    .serviceName("the shop")
                    .http(http -> http.port(70_000))
                    .build());
    String message = String.valueOf(wrong.getMessage());
    assertTrue(message.contains("service-name") && message.contains("http.port"), message);
  }

  private static String metrics(Observer observer, URI root) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(root.resolve("/metrics"))
            .header("Authorization", "Bearer " + observer.firstToken().orElseThrow())
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static String readUntil(Observer observer, URI uri, String words) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + observer.firstToken().orElseThrow())
            .build();
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    HttpClient client = HttpClient.newHttpClient();
    String body = "";
    while (!body.contains(words)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(uri + " has no '" + words + "': " + body);
      }
      body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
    return body;
  }

  private static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
