package dev.observer.example;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.SameThreadExecutor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.xnio.IoUtils;

/**
 * A host's own Undertow with Observer in front: it serves a page with the drop-in script whatever
 * happens, and lets what the script sends through a gate, which a test shuts in a way it likes.
 */
final class Site implements AutoCloseable {
  /** What becomes of what a browser sends. */
  enum Gate {
    OPEN,
    /** The connection is closed before the request is answered. */
    REFUSED,
    /** 503, with {@code Retry-After: 3}. */
    UNAVAILABLE,
    /** There is never an answer. */
    HANGING,
    /** Observer gets it and keeps it, and the connection is closed in place of the answer. */
    ANSWER_LOST
  }

  static final int RETRY_AFTER_SECONDS = 3;

  /**
   * What a browser asked for.
   *
   * @param nanos when it came
   */
  record Sent(String path, long nanos) {}

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
        <head>
          <title>A page</title>
          %s
          <script src="%s" %s async></script>
        </head>
        <body>
          <h1>A page without a framework</h1>
        </body>
      </html>
      """;
  private static final List<String> INGEST = List.of("/errors", "/events", "/replay-events");

  private final Observer observer;
  private final Undertow server;
  private final HttpHandler inner;
  private final List<Sent> sent = new CopyOnWriteArrayList<>();
  private volatile Gate gate = Gate.OPEN;
  private volatile String head = "";
  private volatile String attributes = "";

  private Site(ObserverConfig config) {
    observer = Observer.mount(config);
    inner = observer.handler(this::servePage);
    server = Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(this::handle).build();
    server.start();
  }

  static Site open(ObserverConfig config) {
    return new Site(config);
  }

  void gate(Gate next) {
    gate = next;
  }

  /** What the page has in its head before the script. */
  void head(String html) {
    head = html;
  }

  /** The script's {@code data-*} attributes. */
  void attributes(String html) {
    attributes = html;
  }

  /** What browsers sent to a lane so far, let through or not. */
  List<Sent> sent(String path) {
    return sent.stream().filter(one -> one.path().endsWith(path)).toList();
  }

  Reading reading() {
    return Reading.of(uri(""), observer);
  }

  URI uri(String path) {
    InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    return URI.create("http://127.0.0.1:" + address.getPort() + "/" + path);
  }

  /** A new tab with the page, in which the script has started. */
  Page visit(BrowserContext context) {
    Page page = context.newPage();
    page.navigate(uri("hello").toString());
    page.waitForFunction("() => window.observer !== undefined");
    return page;
  }

  private void handle(HttpServerExchange exchange) throws Exception {
    String path = exchange.getRequestPath();
    if (INGEST.stream().noneMatch(path::endsWith)) {
      inner.handleRequest(exchange);
      return;
    }
    sent.add(new Sent(path, System.nanoTime()));
    switch (gate) {
      case OPEN -> inner.handleRequest(exchange);
      case REFUSED -> IoUtils.safeClose(exchange.getConnection());
      case UNAVAILABLE -> {
        exchange.setStatusCode(503);
        exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
        exchange.endExchange();
      }
      case HANGING -> exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {});
      case ANSWER_LOST -> {
        exchange.addResponseCommitListener(ended -> IoUtils.safeClose(ended.getConnection()));
        inner.handleRequest(exchange);
      }
    }
  }

  private void servePage(HttpServerExchange exchange) {
    if (Stream.of("/hello", "/frame").noneMatch(exchange.getRequestPath()::equals)) {
      exchange.setStatusCode(404).endExchange();
      return;
    }
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
    exchange
        .getResponseHeaders()
        .put(
            new HttpString("Content-Security-Policy"),
            "default-src 'self'; connect-src *; base-uri *");
    exchange
        .getResponseSender()
        .send(PAGE.formatted(head, uri("api/observer/client.js"), attributes));
  }

  @Override
  public void close() {
    server.stop();
    observer.close();
  }
}
