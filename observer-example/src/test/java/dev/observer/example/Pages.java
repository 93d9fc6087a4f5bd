package dev.observer.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.observer.Observer;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A host of pages that a test writes, beside Observer, under a policy without anything unsafe. What
 * ends in {@code .js} is a script, the rest is a page with the drop-in script in its head.
 */
final class Pages implements AutoCloseable {
  /**
   * What a browser asked this host for.
   *
   * @param traceparent empty when there was none
   */
  record Asked(String path, String traceparent) {}

  private static final String POLICY =
      "default-src 'none'; script-src 'self' 'inline-speculation-rules'; connect-src 'self';"
          + " img-src 'self'";

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
        <head>
          <title>%s</title>
          <script src="/api/observer/client.js" data-service="pages" %s></script>
        </head>
        <body>
          %s
        </body>
      </html>
      """;

  private final Observer observer;
  private final Undertow server;
  private final Map<String, String> files = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile String policy = POLICY;

  private Pages(Path data) {
    observer = Observer.mount(Shops.config(data));
    server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(observer.handler(this::serve))
            .build();
    server.start();
  }

  static Pages open(Path data) {
    return new Pages(data);
  }

  /** Instead of {@link #POLICY}. */
  Pages under(String otherPolicy) {
    policy = otherPolicy;
    return this;
  }

  /** A page, or a script if its path ends so. */
  Pages with(String path, String content) {
    return with(path, "", content);
  }

  /**
   * @param attributes of the drop-in script
   */
  Pages with(String path, String attributes, String content) {
    files.put(path, path.endsWith(".js") ? content : PAGE.formatted(path, attributes, content));
    return this;
  }

  /** A new tab with a page, in which the script has started. */
  Page visit(BrowserContext context, String address) {
    Page page = context.newPage();
    page.navigate(uri(address).toString());
    page.waitForFunction("() => window.observer !== undefined");
    return page;
  }

  URI uri(String path) {
    InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    return URI.create("http://127.0.0.1:" + address.getPort() + path);
  }

  List<Asked> asked(String path) {
    return asked.stream().filter(one -> one.path().equals(path)).toList();
  }

  Reading reading() {
    return Reading.of(uri("/"), observer);
  }

  /** All records of a kind once they are as many, or as they are said to be. */
  List<JsonNode> records(String kind, String what, Predicate<List<JsonNode>> complete)
      throws Exception {
    return Eventually.get(what, () -> reading().records(kind), complete);
  }

  /** Events of the SDK's own of this name, once there are at least so many. */
  List<JsonNode> ownEvents(String name, int atLeast) throws Exception {
    return Eventually.get(
        atLeast + " of " + name, () -> reading().ownEvents(name), found -> found.size() >= atLeast);
  }

  private void serve(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    String traceparent =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("traceparent")).orElse("");
    asked.add(new Asked(path, traceparent));
    if (path.equals("/favicon.ico")) {
      // Asked for when the browser finds the time; a 404 would be a complaint in its log.
      exchange.setStatusCode(204).endExchange();
      return;
    }
    String content = files.get(path);
    if (content == null) {
      exchange.setStatusCode(404).endExchange();
      return;
    }
    String type = path.endsWith(".js") ? "text/javascript" : "text/html";
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type + "; charset=utf-8");
    exchange.getResponseHeaders().put(new HttpString("Content-Security-Policy"), policy);
    exchange.getResponseSender().send(content);
  }

  @Override
  public void close() {
    server.stop();
    observer.close();
  }
}
