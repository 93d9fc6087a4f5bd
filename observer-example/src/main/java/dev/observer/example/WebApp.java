package dev.observer.example;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.server.handlers.resource.Resource;
import io.undertow.server.handlers.resource.ResourceHandler;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;

/**
 * The built shop, from the class path. Every address without a dot is a page of the application;
 * files that are named by their content are immutable, the rest is asked for again.
 */
final class WebApp implements HttpHandler {
  /** Observer needs nothing beyond the page's own origin: no inline script, no foreign address. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private static final HttpString CSP = new HttpString("Content-Security-Policy");
  private static final HttpString NO_SNIFF = new HttpString("X-Content-Type-Options");
  private static final HttpString REFERRER_POLICY = new HttpString("Referrer-Policy");

  private final ResourceHandler files =
      new ResourceHandler(
          new ClassPathResourceManager(WebApp.class.getClassLoader(), WebApp.class.getPackage()) {
            @Override
            public Resource getResource(String path) throws IOException {
              return super.getResource("web" + path);
            }
          });

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    String path = exchange.getRelativePath();
    boolean page = path.indexOf('.', path.lastIndexOf('/')) < 0;
    if (page) {
      exchange.setRelativePath("/index.html");
    }
    boolean immutable = path.startsWith("/assets/");
    exchange.addResponseCommitListener(
        committed -> {
          HeaderMap headers = committed.getResponseHeaders();
          boolean found = committed.getStatusCode() < 400;
          headers.put(
              Headers.CACHE_CONTROL,
              immutable && found ? "public, max-age=31536000, immutable" : "no-cache");
          headers.put(NO_SNIFF, "nosniff");
          if (page) {
            headers.put(CSP, POLICY);
            headers.put(REFERRER_POLICY, "strict-origin-when-cross-origin");
          }
        });
    files.handleRequest(exchange);
  }
}
