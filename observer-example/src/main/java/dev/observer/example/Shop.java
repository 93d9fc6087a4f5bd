package dev.observer.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.observer.Observer;
import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.config.ObserverConfigBuilder;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A shop with Observer in front: one Undertow serves the shop's pages and API, and under {@code
 * /api/observer} and {@code /metrics} Observer's. Being of one origin, the pages need no key.
 * Thread-safe.
 */
public final class Shop implements AutoCloseable {
  private static final int PATIENCE_MS = 2_000;
  private static final String PORT_HINT =
      "Choose another with the environment variable SHOP_PORT, or with -Dport=8081.";

  private final ObserverConfig config;
  private final Observer observer;
  private final Till till;
  private final GracefulShutdownHandler entrance;
  private final Undertow server;

  private Shop(ObserverConfig config, Observer observer) {
    Catalogue catalogue = Catalogue.load();
    this.config = config;
    this.observer = observer;
    this.till = new Till(catalogue);
    this.entrance = new GracefulShutdownHandler(observer.handler(routes(catalogue, till)));
    this.server =
        Undertow.builder()
            .addHttpListener(config.http().port(), config.http().host())
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 75_000)
            .setHandler(entrance)
            .build();
  }

  /**
   * Opens the shop on {@code http.host} and {@code http.port}.
   *
   * @throws ConfigException if a setting is wrong; it lists all that are
   * @throws UncheckedIOException if the port is taken, or the data directory cannot be used
   */
  public static Shop start(ObserverConfig config) {
    Shop shop = new Shop(config, Observer.mount(config));
    try {
      shop.server.start();
      return shop;
    } catch (RuntimeException e) {
      shop.close();
      if (e.getCause() instanceof BindException cause) {
        throw new UncheckedIOException(
            "Port " + config.http().port() + " of " + config.http().host() + " is not free", cause);
      }
      throw e;
    }
  }

  private static HttpHandler routes(Catalogue catalogue, Till till) {
    WebApp pages = new WebApp();
    RoutingHandler routes =
        Handlers.routing()
            .get("/api/products", exchange -> send(exchange, catalogue.all()))
            .get("/api/products/{id}", exchange -> product(exchange, catalogue))
            .post("/api/orders", new BlockingHandler(till::takeOrder))
            .get(
                "/api/fail",
                exchange ->
                    new Problem("Internal Server Error", 500, "The kiln is too hot to open.")
                        .send(exchange));
    routes.setFallbackHandler(
        exchange -> {
          if (exchange.getRelativePath().startsWith("/api/")) {
            new Problem("Not Found", 404, "There is nothing at this address.").send(exchange);
          } else {
            pages.handleRequest(exchange);
          }
        });
    return routes;
  }

  private static void product(HttpServerExchange exchange, Catalogue catalogue)
      throws JsonProcessingException {
    PathTemplateMatch match = exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY);
    Product product = catalogue.find(match.getParameters().getOrDefault("id", ""));
    if (product == null) {
      new Problem("Not Found", 404, "We do not make this one.").send(exchange);
    } else {
      send(exchange, product);
    }
  }

  private static void send(HttpServerExchange exchange, Object body)
      throws JsonProcessingException {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
    exchange.getResponseSender().send(Json.MAPPER.writeValueAsString(body));
  }

  /** The shop's front page, such as {@code http://127.0.0.1:8080/}. */
  public URI uri() {
    InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    String host = config.http().host();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + "/");
  }

  /** What watches this shop. Closed with it. */
  public Observer observer() {
    return observer;
  }

  /** Finishes the requests it has, within some seconds, and closes Observer. Idempotent. */
  @Override
  public void close() {
    entrance.shutdown();
    try {
      entrance.awaitShutdown(PATIENCE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    observer.close();
    till.close();
  }

  /**
   * Opens the shop until the process is told to stop. The port is that of {@code -Dport}, else of
   * {@code SHOP_PORT}, else {@code OBSERVER_HTTP_PORT} or 8080; data lies in {@code
   * OBSERVER_DATA_DIR}, else where {@code -Ddata} says.
   */
  public static void main(String[] arguments) throws InterruptedException {
    Shop shop;
    try {
      shop = start(configuration(System.getenv()));
    } catch (ConfigException | UncheckedIOException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      if (e.getCause() instanceof BindException) {
        System.err.println(PORT_HINT);
      }
      System.exit(1);
      return;
    }
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  shop.close();
                  closed.countDown();
                },
                "shop-shutdown"));
    shop.announce(System.out);
    closed.await();
  }

  private static ObserverConfig configuration(Map<String, String> environment) {
    ObserverConfigBuilder builder = ObserverConfig.builder().serviceName("shop");
    String port = System.getProperty("port", environment.get("SHOP_PORT"));
    if (port != null) {
      builder.http(http -> http.port(number(port)));
    }
    String data = System.getProperty("data");
    if (data != null && !environment.containsKey("OBSERVER_DATA_DIR")) {
      builder.dataDir(Path.of(data));
    }
    return builder.build();
  }

  private static int number(String port) {
    try {
      return Integer.parseInt(port.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "The port must be a number, and '" + port + "' is none", e);
    }
  }

  /** The links that whoever started the shop wants to click. */
  private void announce(PrintStream out) {
    String console = uri().resolve(observer.consolePath()).toString();
    out.println();
    out.println("  Shop      " + uri());
    out.println(
        "  Console   " + observer.firstToken().map(token -> console + "#" + token).orElse(console));
    if (observer.firstToken().isEmpty()) {
      out.println(
          "            Its token is "
              + (config.readToken() != null
                  ? "the one that is configured."
                  : "in " + config.dataDir().toAbsolutePath().resolve("keys/read-token")));
    }
    out.println();
    out.println("  Stop with Ctrl-C.");
    out.println();
    out.flush();
  }
}
