package dev.observer.example;

import dev.observer.Observer;
import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.config.ObserverConfigBuilder;
import dev.observer.example.traffic.Traffic;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.server.handlers.ResponseCodeHandler;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A shop with Observer in front: one Undertow serves the shop's pages and procedures, and under
 * {@code /api/observer} and {@code /metrics} Observer's. Being of one origin, the pages need no
 * key. Observer also watches the shop itself: its procedures, its log, its threads. Thread-safe.
 */
public final class Shop implements AutoCloseable {
  private static final int PATIENCE_MS = 2_000;
  private static final String PORT_HINT =
      "Choose another with the environment variable SHOP_PORT, or with -Dport=8081.";

  private final ObserverConfig config;
  private final Observer observer;
  private final Orders orders;
  private final GracefulShutdownHandler entrance;
  private final Undertow server;

  private Shop(ObserverConfig config, Observer observer) {
    Catalogue catalogue = Catalogue.load();
    this.config = config;
    this.observer = observer;
    Customers customers = new Customers();
    InstantSource clock = InstantSource.system();
    this.orders = new Orders(catalogue, customers, observer.meterRegistry(), clock);
    Users users = new Users(customers, observer, clock);
    this.entrance = new GracefulShutdownHandler(routes(observer, catalogue, orders, users));
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
    shop.observer.captureLogs();
    shop.observer.captureUncaught();
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

  /** Everything that is the shop's own; Observer watches it, and serves what is its own. */
  private static HttpHandler routes(
      Observer observer, Catalogue catalogue, Orders orders, Users users) {
    HttpHandler procedures =
        observer
            .procedures()
            .mapper(Json.MAPPER)
            .add("products", new Products(catalogue))
            .add("orders", orders)
            .add("users", users)
            .add("flags", new Flags())
            .add("kiln", new Kiln())
            .handler();
    return observer.handler(
        observer.watch(
            Handlers.path(new WebApp())
                .addPrefixPath("/api", ResponseCodeHandler.HANDLE_404)
                .addPrefixPath("/api/trpc", procedures)));
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
    orders.close();
  }

  /**
   * Opens the shop until the process is told to stop. The port is that of {@code -Dport}, else of
   * {@code SHOP_PORT}, else {@code OBSERVER_HTTP_PORT} or 8080; data lies in {@code
   * OBSERVER_DATA_DIR}, else where {@code -Ddata} says. With {@code -Dtraffic=20} so many visitors
   * are in it at any time.
   */
  public static void main(String[] arguments) throws InterruptedException {
    Optional<Traffic.Options> crowd;
    Shop shop;
    try {
      crowd = crowd();
      shop = start(configuration(System.getenv()));
    } catch (ConfigException | UncheckedIOException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      if (e.getCause() instanceof BindException) {
        System.err.println(PORT_HINT);
      }
      System.exit(1);
      return;
    }
    Optional<Traffic> traffic = crowd.map(shop::letIn);
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  traffic.ifPresent(Traffic::close);
                  shop.close();
                  closed.countDown();
                },
                "shop-shutdown"));
    shop.announce(System.out);
    closed.await();
  }

  private static Optional<Traffic.Options> crowd() {
    return Optional.ofNullable(System.getProperty("traffic"))
        .map(said -> Traffic.Options.DEFAULT.withVisitors(number("traffic", said)));
  }

  /** Lets a crowd in, with a past if the shop has none yet. */
  private Traffic letIn(Traffic.Options crowd) {
    Traffic.Options here = crowd.withShop(uri());
    return Traffic.start(observer.firstToken().isPresent() ? here : here.withDays(0));
  }

  private static ObserverConfig configuration(Map<String, String> environment) {
    ObserverConfigBuilder builder = ObserverConfig.builder().serviceName("shop");
    String port = System.getProperty("port", environment.get("SHOP_PORT"));
    if (port != null) {
      builder.http(http -> http.port(number("port", port)));
    }
    String data = System.getProperty("data");
    if (data != null && !environment.containsKey("OBSERVER_DATA_DIR")) {
      builder.dataDir(Path.of(data));
    }
    return builder.build();
  }

  private static int number(String name, String value) {
    try {
      return Integer.parseInt(value.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s' must be a number, and '%s' is none".formatted(name, value), e);
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
