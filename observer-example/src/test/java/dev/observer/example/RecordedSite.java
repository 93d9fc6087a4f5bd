package dev.observer.example;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.observer.Observer;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Pages for the recorder, files of the folder {@code recorded}, with Observer in front. In a page,
 * <code>{name}</code> is what its query says for {@code name}.
 */
final class RecordedSite implements AutoCloseable {
  private static final Map<String, String> TYPES =
      Map.of("html", "text/html; charset=utf-8", "js", "text/javascript", "css", "text/css");

  private final Observer observer;
  private final Undertow server;

  private RecordedSite(Path data) {
    observer = Observer.mount(Shops.config(data));
    server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(observer.handler(RecordedSite::serve))
            .build();
    server.start();
  }

  static RecordedSite open(Path data) {
    return new RecordedSite(data);
  }

  URI uri(String path) {
    InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    return URI.create("http://127.0.0.1:" + address.getPort() + "/" + path);
  }

  Reading reading() {
    return Reading.of(uri(""), observer);
  }

  /** A new tab with the page, in which the recorder has begun. */
  Page visit(BrowserContext context, String path) {
    Page page = context.newPage();
    page.waitForResponse(
        answer -> answer.url().contains("/replay-events"),
        new Page.WaitForResponseOptions().setTimeout(60_000),
        () -> page.navigate(uri(path).toString()));
    return page;
  }

  /** A file of the folder. */
  static String file(String name) {
    try (InputStream in = RecordedSite.class.getResourceAsStream("recorded/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no file " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void serve(HttpServerExchange exchange) {
    String name = exchange.getRequestPath().substring(1);
    if (name.contains("/") || !name.matches("[a-z]+\\.(html|js|css)")) {
      exchange.setStatusCode(404).endExchange();
      return;
    }
    String text = file(name);
    if (name.endsWith("html")) {
      text = text.replace("{marks}", parameter(exchange, "marks"));
      text = text.replace("{replay}", parameter(exchange, "replay"));
    }
    String type = TYPES.get(name.substring(name.indexOf('.') + 1));
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
    exchange.getResponseSender().send(text);
  }

  private static String parameter(HttpServerExchange exchange, String name) {
    var values = exchange.getQueryParameters().get(name);
    return values == null ? "" : values.getFirst();
  }

  @Override
  public void close() {
    server.stop();
    observer.close();
  }
}
