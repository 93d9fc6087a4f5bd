package dev.observer.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.observer.event.BatchException;
import dev.observer.event.Kind;
import dev.observer.event.Violation;
import dev.observer.server.metrics.DropReason;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A refusal, as problem details (RFC 9457).
 *
 * @param detail what was wrong, in words that never repeat a secret
 * @param errors where, if places can be named
 * @param retryAfterSeconds for 429 and 503
 * @param paused what its sender is asked to keep to itself for so long, whatever it asked for with
 *     this request; the other kinds may go on
 */
record Problem(
    int status,
    String detail,
    List<Violation> errors,
    @Nullable Integer retryAfterSeconds,
    List<Kind> paused) {

  /** A 400 always says where; what cannot be read at all is wrong as a whole. */
  Problem {
    if (status == StatusCodes.BAD_REQUEST && errors.isEmpty()) {
      errors = List.of(new Violation("", detail));
    }
  }

  static final String TYPE = "application/problem+json";
  static final HttpString NO_SNIFF = new HttpString("X-Content-Type-Options");
  private static final HttpString OBSERVER_RETRY = new HttpString("Observer-Retry");

  Problem(int status, String detail) {
    this(status, detail, List.of());
  }

  Problem(int status, String detail, List<Violation> errors) {
    this(status, detail, errors, null, List.of());
  }

  static Problem retryLater(int status, String detail, int seconds, Kind... paused) {
    return new Problem(status, detail, List.of(), seconds, List.of(paused));
  }

  /** The bodies of all requests take what memory there is for them. */
  static Refused busy() {
    return retryLater(
            503, "the server has too much to read now", IngestHandler.RETRY_SECONDS, Kind.values())
        .refused(DropReason.BUSY);
  }

  private static Problem of(BatchException e) {
    int status =
        switch (e.reason()) {
          case MALFORMED, INVALID -> StatusCodes.BAD_REQUEST;
          case TOO_LARGE -> StatusCodes.REQUEST_ENTITY_TOO_LARGE;
          case NO_ROOM -> StatusCodes.SERVICE_UNAVAILABLE;
        };
    return new Problem(status, String.valueOf(e.getMessage()), e.violations());
  }

  /** Carries a problem to where it is sent. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;
    private final @Nullable DropReason lost;

    Refused(Problem problem, @Nullable DropReason lost) {
      super(problem.detail(), null, false, false);
      this.problem = problem;
      this.lost = lost;
    }

    Problem problem() {
      return problem;
    }

    /** Why what came in the body is lost, if that is yet to be counted. */
    @Nullable DropReason lost() {
      return lost;
    }
  }

  /** When nothing is lost, or it is counted already. */
  Refused refused() {
    return new Refused(this, null);
  }

  /** When all that came is lost, for this reason. */
  Refused refused(DropReason lost) {
    return new Refused(this, lost);
  }

  /** When a batch cannot be read, and is lost. */
  static Refused refused(BatchException e) {
    if (e.reason() == BatchException.Reason.NO_ROOM) {
      return busy();
    }
    return of(e)
        .refused(
            e.reason() == BatchException.Reason.TOO_LARGE
                ? DropReason.TOO_LARGE
                : DropReason.INVALID);
  }

  void send(HttpServerExchange exchange) {
    if (exchange.isResponseStarted()) {
      exchange.setPersistent(false);
      exchange.endExchange();
      return;
    }
    if (retryAfterSeconds != null) {
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, retryAfterSeconds);
      if (!paused.isEmpty()) {
        String kinds = paused.stream().map(Kind::wireName).collect(Collectors.joining(","));
        exchange.getResponseHeaders().put(OBSERVER_RETRY, retryAfterSeconds + ";" + kinds);
      }
    }
    JsonBody.send(exchange, status, TYPE, this::write);
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "about:blank");
    json.writeStringField("title", StatusCodes.getReason(status));
    json.writeNumberField("status", status);
    json.writeStringField("detail", detail);
    if (!errors.isEmpty()) {
      json.writeArrayFieldStart("errors");
      for (Violation error : errors) {
        JsonBody.violation(json, error);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
