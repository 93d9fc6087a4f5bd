package dev.observer.server.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.observer.server.http.Problem.Refused;
import io.undertow.server.HttpServerExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** {@code POST console/login} and {@code console/logout}: the token becomes a cookie. */
final class ConsoleLogin {
  private static final int MAX_BYTES = 4096;

  private final Access access;
  private final BodyMemory memory;

  ConsoleLogin(Access access, BodyMemory memory) {
    this.access = access;
    this.memory = memory;
  }

  void login(HttpServerExchange exchange) throws Refused {
    requireSameOrigin(exchange);
    int seconds = access.secondsToWaitForLogin(exchange);
    if (seconds > 0) {
      throw Problem.retryLater(429, "too many tries from this address", seconds).refused();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    BodyMemory.Share share = memory.share();
    BodyReader.read(
        exchange,
        MAX_BYTES,
        MAX_BYTES,
        new BodyReader.Receiver() {
          @Override
          public void take(long bytes) throws Refused {
            if (!share.take(bytes)) {
              throw Problem.busy();
            }
          }

          @Override
          public void release() {
            share.release();
          }

          @Override
          public void inflated(byte[] bytes, int from, int to) {
            body.write(bytes, from, to - from);
          }

          @Override
          public void complete() throws Refused {
            String token = token(body.toByteArray());
            if (token == null || !access.isReadToken(token)) {
              throw new Problem(401, "the token is wrong").refused();
            }
            answer(exchange, true);
          }
        });
  }

  void logout(HttpServerExchange exchange) throws Refused {
    if (Origins.origin(exchange) == null) {
      throw new Problem(403, "only the console's own pages may do this").refused();
    }
    requireSameOrigin(exchange);
    if (!access.hasCookie(exchange)) {
      exchange.setResponseCookie(access.cookie(exchange, false)); // one of an old token
      throw new Problem(401, "nobody is logged in").refused();
    }
    answer(exchange, false);
  }

  /** A page of another origin must not log anyone in or out; browsers always name it here. */
  private void requireSameOrigin(HttpServerExchange exchange) throws Refused {
    String origin = Origins.origin(exchange);
    if (origin != null && !access.sender(exchange).isSameOrigin(origin)) {
      throw new Problem(403, "only the console's own pages may do this").refused();
    }
  }

  private void answer(HttpServerExchange exchange, boolean loggedIn) {
    exchange.setResponseCookie(access.cookie(exchange, loggedIn));
    exchange.setStatusCode(204);
    exchange.endExchange();
  }

  private static @Nullable String token(byte[] body) throws Refused {
    try (JsonParser json = JsonBody.JSON.createParser(body)) {
      String token = null;
      if (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          boolean wanted = "token".equals(json.currentName());
          if (json.nextToken() == JsonToken.VALUE_STRING && wanted) {
            token = json.getText();
          } else {
            json.skipChildren();
          }
        }
      }
      return token;
    } catch (IOException e) {
      throw new Problem(400, "the body must be {\"token\": \"…\"}").refused();
    }
  }
}
