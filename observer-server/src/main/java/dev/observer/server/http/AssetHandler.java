package dev.observer.server.http;

import dev.observer.server.http.Problem.Refused;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.ETag;
import io.undertow.util.ETagUtils;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The browser script and the console, from the class path. What is named by its content is
 * immutable; the rest is revalidated.
 */
final class AssetHandler {
  private static final String ROOT = "META-INF/resources/observer/";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,120}");
  private static final Pattern CONTENT_HASHED = Pattern.compile(".+-[A-Za-z0-9_-]{8,}\\.[a-z0-9]+");
  private static final HttpString CSP = new HttpString("Content-Security-Policy");
  private static final HttpString REFERRER_POLICY = new HttpString("Referrer-Policy");
  private static final HttpString RESOURCE_POLICY = new HttpString("Cross-Origin-Resource-Policy");
  private static final HttpString OPENER_POLICY = new HttpString("Cross-Origin-Opener-Policy");

  /**
   * A replay is content from strangers, shown in a frame that inherits this policy: no script but
   * ours, nothing from anywhere else. Styles are inline because a recorded page's are.
   */
  private static final String CONSOLE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data: blob:; font-src 'self' data:; media-src data: blob:;"
          + " connect-src 'self'; frame-src 'none'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "html", "text/html; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "woff2", "font/woff2",
          "ico", "image/x-icon",
          "json", "application/json");

  /** One of a list of codings; not one that is refused by a weight of 0. */
  private static final Pattern GZIP =
      Pattern.compile("(?i)\\s*gzip\\s*(?:;\\s*q=(?:1|0?\\.0*[1-9]).*)?");

  /**
   * A file.
   *
   * @param gzipped null if it has not fewer bytes
   */
  private record Asset(ByteBuffer bytes, @Nullable ByteBuffer gzipped, String hash) {}

  private final Map<String, Asset> assets = new ConcurrentHashMap<>();
  private final Access access;

  AssetHandler(Access access) {
    this.access = access;
  }

  /** Whether a file of this name lies beside {@code client.js}. */
  boolean hasClient(String name) {
    return NAME.matcher(name).matches() && asset(name) != null;
  }

  /** {@code client.js} and what lies beside it. */
  void client(HttpServerExchange exchange, String name) throws Refused {
    String origin = access.allowedOrigin(exchange);
    Origins.vary(exchange);
    if (origin != null) {
      Origins.answer(exchange, origin); // a chunk loaded by a page of another origin needs it
    }
    exchange.getResponseHeaders().put(RESOURCE_POLICY, "cross-origin");
    send(exchange, "", name);
  }

  /** The console's page and its assets; a path without a dot is a page of the application. */
  void console(HttpServerExchange exchange, String path) throws Refused {
    exchange.getResponseHeaders().put(CSP, CONSOLE_POLICY);
    exchange.getResponseHeaders().put(REFERRER_POLICY, "no-referrer");
    exchange.getResponseHeaders().put(OPENER_POLICY, "same-origin");
    exchange.getResponseHeaders().put(RESOURCE_POLICY, "same-origin");
    if (path.startsWith("assets/")) {
      send(exchange, "console/assets/", path.substring("assets/".length()));
    } else {
      send(exchange, "console/", path.indexOf('.') < 0 ? "index.html" : path);
    }
  }

  private void send(HttpServerExchange exchange, String directory, String name) throws Refused {
    Asset asset = NAME.matcher(name).matches() ? asset(directory + name) : null;
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (asset == null || type == null) {
      throw new Problem(404, "there is no such file").refused();
    }
    ByteBuffer gzipped = takesGzip(exchange) ? asset.gzipped() : null;
    String etag = gzipped == null ? asset.hash() : asset.hash() + "-gzip";
    boolean immutable = CONTENT_HASHED.matcher(name).matches();
    exchange
        .getResponseHeaders()
        .put(Headers.CACHE_CONTROL, immutable ? "public, max-age=31536000, immutable" : "no-cache")
        .add(Headers.VARY, "Accept-Encoding")
        .put(Headers.ETAG, "\"" + etag + "\"")
        .put(Headers.CONTENT_TYPE, type);
    if (!ETagUtils.handleIfNoneMatch(exchange, new ETag(false, etag), true)) {
      exchange.setStatusCode(304);
      exchange.endExchange();
      return;
    }
    if (gzipped != null) {
      exchange.getResponseHeaders().put(Headers.CONTENT_ENCODING, "gzip");
    }
    ByteBuffer body = (gzipped == null ? asset.bytes() : gzipped).duplicate();
    exchange.setResponseContentLength(body.remaining());
    exchange.getResponseSender().send(body);
  }

  private static boolean takesGzip(HttpServerExchange exchange) {
    for (String codings : exchange.getRequestHeaders().eachValue(Headers.ACCEPT_ENCODING)) {
      for (String coding : codings.split(",", -1)) {
        if (GZIP.matcher(coding).matches()) {
          return true;
        }
      }
    }
    return false;
  }

  private @Nullable Asset asset(String path) {
    Asset known = assets.get(path);
    if (known != null) {
      return known;
    }
    try (InputStream in = AssetHandler.class.getClassLoader().getResourceAsStream(ROOT + path)) {
      if (in == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      Asset asset =
          new Asset(ByteBuffer.wrap(bytes), gzipped(bytes), HexFormat.of().formatHex(hash, 0, 12));
      assets.put(path, asset);
      return asset;
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("a file of the class path cannot be read", e);
    }
  }

  private static @Nullable ByteBuffer gzipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzipped)) {
      out.write(bytes);
    }
    return gzipped.size() < bytes.length ? ByteBuffer.wrap(gzipped.toByteArray()) : null;
  }
}
