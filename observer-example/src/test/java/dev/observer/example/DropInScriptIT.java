package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.observer.Observer;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page of plain HTML with one script element, served beside Observer, under a strict policy. */
@WithChromium
final class DropInScriptIT {
  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
        <head>
          <title>A plain page</title>
          <script src="/api/observer/client.js" data-service="plain-web" data-release="7"
            data-replay="always" async></script>
        </head>
        <body>
          <h1>A page without a framework</h1>
          <button>Break</button>
          <script src="/page.js"></script>
        </body>
      </html>
      """;
  private static final String SCRIPT =
      """
      document.querySelector("button").addEventListener("click", function onBreak() {
        window.observer.track("about_to_break", { times: 1 });
        throw new RangeError("a plain page broke");
      });
      """;

  @Test
  void scriptElement_isAllItTakes(@TempDir Path data, Browser browser) throws Exception {
    try (Observer observer = Observer.mount(Shops.config(data));
        Host host = Host.start(observer);
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      BrowserLog log = BrowserLog.of(page);
      page.navigate(host.root() + "hello?from=test");
      page.waitForFunction("() => window.observer !== undefined");
      Shops.awaitRecorder(page);
      page.getByText("Break").click();
      assertThat(page.locator("h1")).isVisible();
      page.navigate("about:blank");

      Reading reading = Reading.of(host.root(), observer);
      JsonNode session = Shops.sessionOf(reading, 1, 1, 1, "A page without a framework");
      assertEquals(1, session.path("page_views").asInt(), session::toPrettyString);
      assertEquals(1, session.path("custom_events").asInt(), session::toPrettyString);

      List<JsonNode> events = reading.records("event");
      JsonNode view = events.get(0);
      assertEquals("page_view", view.path("event_type").asText());
      assertEquals(host.root() + "hello?from=test", view.path("url").asText());
      assertEquals("A plain page", view.path("title").asText());
      assertEquals("plain-web", view.path("service_name").asText());
      assertEquals("about_to_break", events.get(1).path("event_name").asText());

      JsonNode error = reading.records("error").get(0);
      assertEquals("RangeError", error.path("error_type").asText());
      assertEquals("onerror", error.path("mechanism").asText());
      assertEquals("7", error.path("release").asText());
      String stack = error.path("stack_trace").asText();
      assertTrue(stack.contains("onBreak") && stack.contains("/page.js"), stack);

      assertEquals(List.of(), log.complaints());
      assertEquals(List.of("RangeError: a plain page broke"), log.uncaught());
    }
  }

  /** A policy that names no origin: what the script loads is trusted because the script is. */
  @Test
  void underAPolicyOfNonces_theScriptAndAllItsFilesAreLoaded(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages =
            Pages.open(data)
                .under(
                    "default-src 'none'; script-src 'nonce-r4nd0m' 'strict-dynamic';"
                        + " connect-src 'self'; base-uri 'none'")
                .with(
                    "/",
                    "nonce='r4nd0m' data-replay='always' data-autocapture='true'",
                    "<h1>A page of nonces</h1><script>window.ran = true;</script>");
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      BrowserLog log = BrowserLog.of(page);
      page.navigate(pages.uri("/").toString());
      page.waitForFunction("() => window.observer !== undefined");
      page.evaluate(
          """
          () => {
            window.observer.captureException(new Error("under nonces"));
            document.body.dataset.later = "";
          }
          """);
      Shops.sessionOf(pages.reading(), 1, 0, 1, "A page of nonces");
      for (String file : List.of("activity", "replay", "vitals", "autocapture")) {
        page.waitForFunction(
            "(file) => performance.getEntriesByType('resource').some("
                + "(one) => one.name.includes(`/${file}-`) && one.responseEnd > 0)",
            file);
      }
      assertEquals("{}", page.evaluate("() => JSON.stringify(window.observer.drops())"));
      assertEquals(null, page.evaluate("() => window.ran"), "the policy is in force");
      assertEquals(1, log.complaints().size(), log.complaints()::toString);
      assertTrue(log.complaints().get(0).contains("inline script"), log.complaints()::toString);
      assertEquals(List.of(), log.uncaught());
    }
  }

  @Test
  void whatTheBrowserLost_isToldWithTheNextBatch(@TempDir Path data, Browser browser)
      throws Exception {
    try (Observer observer = Observer.mount(Shops.config(data));
        Host host = Host.start(observer);
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.route(
          "**/api/observer/errors*",
          route -> route.fulfill(new Route.FulfillOptions().setStatus(403)));
      page.navigate(host.root() + "hello");
      page.waitForFunction("() => window.observer !== undefined");
      page.getByText("Break").click();
      page.waitForFunction("() => window.observer.drops()['refused_403:error'] === 1");
      page.evaluate("() => { window.observer.track('after'); return window.observer.flush(); }");

      Reading reading = Reading.of(host.root(), observer);
      JsonNode health = reading.json("/health");
      assertEquals("{\"refused/error\":1}", health.get("client_losses").toString());
      assertEquals("{}", health.get("losses").toString());
    }
  }

  /** A host's own Undertow with Observer in front. */
  private record Host(Undertow server, URI root) implements AutoCloseable {
    static Host start(Observer observer) {
      Undertow server =
          Undertow.builder()
              .addHttpListener(0, "127.0.0.1")
              .setHandler(observer.handler(Host::serve))
              .build();
      server.start();
      InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
      return new Host(server, URI.create("http://127.0.0.1:" + address.getPort() + "/"));
    }

    private static void serve(HttpServerExchange exchange) {
      switch (exchange.getRequestPath()) {
        case "/hello" -> send(exchange, "text/html; charset=utf-8", PAGE);
        case "/page.js" -> send(exchange, "text/javascript", SCRIPT);
        case "/favicon.ico" -> exchange.setStatusCode(204).endExchange();
        default -> exchange.setStatusCode(404).endExchange();
      }
    }

    private static void send(HttpServerExchange exchange, String type, String body) {
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
      exchange
          .getResponseHeaders()
          .put(
              new HttpString("Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; connect-src 'self'");
      exchange.getResponseSender().send(body);
    }

    @Override
    public void close() {
      server.stop();
    }
  }
}
