package dev.observer.server.http;

import dev.observer.config.ObserverConfig;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.server.handlers.CookieImpl;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Deque;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what. Writing takes the write key, if one is configured, and an allowed page; reading
 * takes the read token, as a bearer or as the console's cookie. Secrets are compared in constant
 * time. Thread-safe.
 */
final class Access {
  static final String COOKIE = "observer_console";
  private static final HttpString KEY_HEADER = new HttpString("Observer-Key");
  private static final HttpString FORWARDED_FOR = new HttpString("X-Forwarded-For");

  private final ObserverConfig.Http http;
  private final byte @Nullable [] writeKey;
  private final Origins origins;
  private final byte[] readToken;
  private final String cookieValue;
  private final RateLimit ingest;
  private final RateLimit logins;

  Access(ObserverConfig config, String readToken, LongSupplier nanoTime) {
    this.http = config.http();
    String key = config.writeKey();
    this.writeKey = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    this.origins = new Origins(config.allowedOrigins());
    this.readToken = readToken.getBytes(StandardCharsets.UTF_8);
    // Not the token itself: a cookie that leaks is no bearer token, and a new token ends it.
    this.cookieValue = HexFormat.of().formatHex(Signature.of(readToken, "console"));
    this.ingest =
        new RateLimit(config.limits().requestsPerSecond(), config.limits().burst(), nanoTime);
    this.logins = new RateLimit(1, 20, nanoTime);
  }

  Origins origins() {
    return origins;
  }

  /** Whether this request may write; null if so. Sets the headers of CORS on the answer. */
  @Nullable Problem ingest(HttpServerExchange exchange) {
    String origin = Origins.origin(exchange);
    boolean allowed = false;
    if (origin != null && origins.allows(exchange, origin)) {
      allowed = true;
      Origins.answer(exchange, origin);
    }
    int seconds = ingest.secondsToWait(address(exchange));
    if (seconds > 0) {
      return Problem.retryLater(429, "more requests from this address than allowed", seconds);
    }
    if (origin != null && !allowed) {
      return new Problem(403, "pages of this origin may not write");
    }
    if (writeKey == null) {
      return allowed ? null : new Problem(403, "without a write key only pages may write");
    }
    String given = exchange.getRequestHeaders().getFirst(KEY_HEADER);
    if (given == null) {
      Deque<String> parameter = exchange.getQueryParameters().get("key");
      given = parameter == null ? null : parameter.peekFirst();
    }
    if (given == null) {
      return new Problem(401, "the write key is missing");
    }
    return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), writeKey)
        ? null
        : new Problem(401, "the write key is wrong");
  }

  /** Whether this request may read. */
  boolean reads(HttpServerExchange exchange) {
    String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    if (authorization != null) {
      return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
          && isReadToken(authorization.substring(7).strip());
    }
    Cookie cookie = exchange.getRequestCookie(COOKIE);
    return cookie != null
        && MessageDigest.isEqual(
            cookie.getValue().getBytes(StandardCharsets.UTF_8),
            cookieValue.getBytes(StandardCharsets.UTF_8));
  }

  /** 0 if this address may try a token now, otherwise after how many seconds. */
  int secondsToWaitForLogin(HttpServerExchange exchange) {
    return logins.secondsToWait(address(exchange));
  }

  boolean isReadToken(String token) {
    return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), readToken);
  }

  /** The cookie of the console, or one that takes it away. */
  Cookie cookie(HttpServerExchange exchange, boolean loggedIn) {
    Cookie cookie =
        new CookieImpl(COOKIE, loggedIn ? cookieValue : "")
            .setPath(http.basePath())
            .setHttpOnly(true)
            .setSameSiteMode("Strict");
    cookie.setSecure(exchange.isSecure());
    if (!loggedIn) {
      cookie.setMaxAge(0);
    }
    return cookie;
  }

  /**
   * The address of the sender: the peer's, or where the peer is a trusted proxy the nearest one in
   * {@code X-Forwarded-For} that is not.
   */
  private String address(HttpServerExchange exchange) {
    InetSocketAddress peer = exchange.getSourceAddress();
    InetAddress address = peer == null ? null : peer.getAddress();
    if (address == null) {
      return "unknown";
    }
    HeaderValues headers = exchange.getRequestHeaders().get(FORWARDED_FOR);
    String[] forwarded = headers == null ? new String[0] : String.join(",", headers).split(",", -1);
    for (int i = forwarded.length - 1; i >= 0 && http.trusts(address); i--) {
      InetAddress next = literal(forwarded[i].strip());
      if (next == null) {
        break;
      }
      address = next;
    }
    return address.getHostAddress();
  }

  /** An address in digits; anything else is not looked up. */
  private static @Nullable InetAddress literal(String text) {
    if (text.isEmpty() || !text.matches("[0-9.]{7,15}|[0-9a-fA-F:.]{2,45}")) {
      return null;
    }
    try {
      return InetAddress.getByName(text);
    } catch (java.net.UnknownHostException e) {
      return null;
    }
  }
}
