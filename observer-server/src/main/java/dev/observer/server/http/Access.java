package dev.observer.server.http;

import dev.observer.config.ObserverConfig;
import dev.observer.event.Kind;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.server.handlers.CookieImpl;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
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

  /** To be run for each further share of its allowed size that a body inflates to. */
  static final AttachmentKey<Runnable> FURTHER = AttachmentKey.create(Runnable.class);

  private static final HttpString KEY_HEADER = new HttpString("Observer-Key");

  private final ObserverConfig.Http http;
  private final byte @Nullable [] writeKey;
  private final Origins origins;
  private final byte[] readToken;
  private final String cookieValue;
  private final RateLimit ingest;
  private final RateLimit logins;
  private final RateLimit guesses;

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
    this.guesses = new RateLimit(1, 20, nanoTime);
  }

  Sender sender(HttpServerExchange exchange) {
    return Sender.of(exchange, http);
  }

  /** The origin that a request names, if its pages may write; else null. */
  @Nullable String allowedOrigin(HttpServerExchange exchange) {
    String origin = Origins.origin(exchange);
    return origin != null && origins.allows(sender(exchange), origin) ? origin : null;
  }

  /** Whether this request may write; null if so. Sets the headers of CORS on the answer. */
  @Nullable Problem ingest(HttpServerExchange exchange) {
    Sender sender = sender(exchange);
    String origin = Origins.origin(exchange);
    boolean allowed = false;
    Origins.vary(exchange);
    if (origin != null && origins.allows(sender, origin)) {
      allowed = true;
      Origins.answer(exchange, origin);
    }
    String bucket = sender.bucket();
    exchange.putAttachment(FURTHER, () -> ingest.charge(bucket));
    int seconds = ingest.secondsToWait(bucket);
    if (seconds > 0) {
      return Problem.retryLater(
          429, "more requests from this address than allowed", seconds, Kind.values());
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

  /**
   * Tells a page that may write that it may read the answer; for answers to requests that {@link
   * #ingest} never saw.
   */
  void allowAnswer(HttpServerExchange exchange) {
    String origin = allowedOrigin(exchange);
    Origins.vary(exchange);
    if (origin != null) {
      Origins.answer(exchange, origin);
    }
  }

  /**
   * Whether this request may read; null if so. Who guesses tokens is slowed down, and learns
   * nothing meanwhile: not even the right one is taken then. With the cookie it does not matter
   * what a proxy in front of the console wants in {@code Authorization}.
   */
  @Nullable Problem reading(HttpServerExchange exchange) {
    if (hasCookie(exchange)) {
      return null;
    }
    String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    if (authorization == null) {
      return new Problem(401, "this takes the read token");
    }
    String bucket = sender(exchange).bucket();
    int seconds = guesses.secondsUntilFree(bucket);
    if (seconds == 0) {
      if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)
          && isReadToken(authorization.substring(7).strip())) {
        return null;
      }
      seconds = guesses.secondsToWait(bucket);
    }
    return seconds > 0
        ? Problem.retryLater(429, "too many wrong tokens from this address", seconds)
        : new Problem(401, "the read token is wrong");
  }

  /** Whether the console's cookie came along. */
  boolean hasCookie(HttpServerExchange exchange) {
    try {
      // A neighbour of this host may have set others of this name, which come first.
      for (Cookie cookie : exchange.requestCookies()) {
        if (cookie.getName().equals(COOKIE)
            && MessageDigest.isEqual(
                cookie.getValue().getBytes(StandardCharsets.UTF_8),
                cookieValue.getBytes(StandardCharsets.UTF_8))) {
          return true;
        }
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      return false; // Undertow throws at cookies that it cannot read, and at too many
    }
    return false;
  }

  /** 0 if this address may try a token now, otherwise after how many seconds. */
  int secondsToWaitForLogin(HttpServerExchange exchange) {
    return logins.secondsToWait(sender(exchange).bucket());
  }

  boolean isReadToken(String token) {
    return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), readToken);
  }

  /**
   * The cookie of the console, or one that takes it away. It is {@code Secure} when the browser
   * came by TLS, which its own page's origin says even behind a proxy that does not.
   */
  Cookie cookie(HttpServerExchange exchange, boolean loggedIn) {
    String origin = Origins.origin(exchange);
    Cookie cookie =
        new CookieImpl(COOKIE, loggedIn ? cookieValue : "")
            .setPath(http.basePath())
            .setHttpOnly(true)
            .setSameSiteMode("Strict");
    cookie.setSecure(
        "https".equals(sender(exchange).scheme())
            || (origin != null && origin.regionMatches(true, 0, "https:", 0, 6)));
    if (!loggedIn) {
      cookie.setMaxAge(0);
    }
    return cookie;
  }
}
