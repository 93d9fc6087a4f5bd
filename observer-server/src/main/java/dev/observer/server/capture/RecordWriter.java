package dev.observer.server.capture;

import dev.observer.event.Field;
import dev.observer.event.Fingerprint;
import dev.observer.event.Json;
import dev.observer.event.Source;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.capture.Captured.Event;
import dev.observer.server.capture.Captured.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the stored form of what was captured. Nothing is refused for being too long: text is cut at
 * {@code limits.string-bytes}, and the record names what was cut in {@code shortened}. Not
 * thread-safe.
 */
final class RecordWriter {
  private static final String SDK_NAME = "observer-server";
  private static final int MAX_FINGERPRINT_WORDS = 32;
  private static final int MAX_USER_CHARACTERS = 256;

  /** The smallest that a cause may be cut to; all of them together stay within a few strings. */
  private static final int CAUSE_BYTES = 16 * 1024;

  private final CaptureSettings settings;
  private final int maxStringBytes;
  private final InApp inApp;
  private List<String> shortened = new ArrayList<>();

  RecordWriter(CaptureSettings settings) {
    this.settings = settings;
    this.maxStringBytes = settings.maxStringBytes();
    this.inApp = new InApp(settings.inApp());
  }

  /** The bytes of one line, without a line end. */
  byte[] line(Captured captured) {
    shortened = new ArrayList<>();
    StoredRecord.Builder record =
        StoredRecord.builder(captured.what().kind())
            .set(Field.RECEIVED_AT, captured.timestamp())
            .set(Field.SOURCE, Source.SERVER.wireName())
            .set(Field.EVENT_ID, captured.eventId())
            .set(Field.TIMESTAMP, captured.timestamp())
            .set(Field.SERVICE_NAME, settings.serviceName())
            .set(Field.ENVIRONMENT, settings.environment())
            .set(Field.RELEASE, settings.release())
            .set(Field.SDK_NAME, SDK_NAME)
            .set(Field.SDK_VERSION, settings.version());
    identity(record, captured);
    place(record, captured);
    if (captured.what() instanceof Event event) {
      record.set(Field.EVENT_TYPE, "custom_event");
      record.set(Field.EVENT_NAME, text(Field.EVENT_NAME, event.name()));
      record.set(Field.PROPERTIES, properties(captured, Map.of()));
    } else if (captured.what() instanceof Failure failure) {
      error(record, captured, failure);
    }
    if (!shortened.isEmpty()) {
      record.set(
          Field.SHORTENED,
          new Json(
              shortened.stream()
                  .map(name -> '"' + name + '"')
                  .collect(Collectors.joining(",", "[", "]"))));
    }
    return StoredForm.write(record.build());
  }

  private void identity(StoredRecord.Builder record, Captured captured) {
    Identity identity = captured.identity();
    String user = identity.userId();
    if (user != null && user.codePointCount(0, user.length()) > MAX_USER_CHARACTERS) {
      shortened.add(Field.USER_ID.wireName());
      user = user.substring(0, user.offsetByCodePoints(0, MAX_USER_CHARACTERS));
    }
    record.set(Field.USER_ID, user == null ? null : BoundedText.wellFormed(user));
    record.set(Field.VISITOR_ID, BoundedText.id(identity.visitorId()));
    record.set(Field.SESSION_ID, BoundedText.id(identity.sessionId()));
  }

  private void place(StoredRecord.Builder record, Captured captured) {
    if (captured.trace() != null) {
      record.set(Field.TRACE_ID, captured.trace().traceId());
      record.set(Field.SPAN_ID, captured.trace().spanId());
    }
    Scope.Place place = captured.place();
    if (place != null) {
      record.set(Field.URL, optional(Field.URL, place.url()));
      record.set(Field.ROUTE, optional(Field.ROUTE, place.route()));
      record.set(Field.USER_AGENT, optional(Field.USER_AGENT, place.userAgent()));
    }
  }

  private void error(StoredRecord.Builder record, Captured captured, Failure failure) {
    record.set(Field.LEVEL, failure.context().level().wireName());
    record.set(Field.MECHANISM, failure.mechanism().wireName());
    record.set(Field.HANDLED, failure.context().handled());
    Throwable thrown = failure.thrown();
    ErrorText error =
        thrown == null
            ? new ErrorText(failure.fallbackType(), failure.fallbackMessage(), "", List.of(), false)
            : ErrorText.of(thrown);
    record.set(Field.ERROR_TYPE, text(Field.ERROR_TYPE, error.type()));
    record.set(Field.MESSAGE, text(Field.MESSAGE, error.message()));
    if (!error.stackTrace().isEmpty()) {
      record.set(Field.STACK_TRACE, text(Field.STACK_TRACE, error.stackTrace()));
      if (error.shortened() && !shortened.contains(Field.STACK_TRACE.wireName())) {
        shortened.add(Field.STACK_TRACE.wireName());
      }
    }
    if (!error.causes().isEmpty()) {
      record.set(Field.CAUSES, causes(error.causes()));
    }
    fingerprint(record, failure.context().fingerprint(), error);
    Captured.Call call = captured.call();
    if (call == null) {
      record.set(Field.PROPERTIES, properties(captured, failure.about()));
    } else {
      record.set(Field.TRPC_PATH, text(Field.TRPC_PATH, call.path()));
      record.set(Field.PROPERTIES, properties(captured, failure.about(), call));
    }
  }

  private void fingerprint(StoredRecord.Builder record, List<String> given, ErrorText error) {
    record.set(
        Field.FINGERPRINT,
        given.isEmpty()
            ? error.fingerprint(inApp)
            : Fingerprint.ofGiven(
                given.stream()
                    .limit(MAX_FINGERPRINT_WORDS)
                    .map(word -> quoted(BoundedText.of(word, maxStringBytes)))
                    .collect(Collectors.joining(",", "[", "]"))));
    record.set(Field.FINGERPRINT_VERSION, Fingerprint.VERSION);
  }

  private Json causes(List<ErrorText> causes) {
    int bytes = Math.min(maxStringBytes, CAUSE_BYTES);
    boolean cut = false;
    StringBuilder json = new StringBuilder("[");
    for (ErrorText cause : causes) {
      cut |= cause.shortened() || BoundedText.exceeds(cause.stackTrace(), bytes);
      cut |= BoundedText.exceeds(cause.message(), bytes);
      json.append(json.length() > 1 ? "," : "").append("{\"error_type\":");
      json.append(quoted(BoundedText.of(cause.type(), bytes))).append(",\"message\":");
      json.append(quoted(BoundedText.of(cause.message(), bytes))).append(",\"stack_trace\":");
      json.append(quoted(BoundedText.of(cause.stackTrace(), bytes))).append('}');
    }
    if (cut) {
      shortened.add(Field.CAUSES.wireName());
    }
    return new Json(json.append(']').toString());
  }

  private @Nullable Json properties(Captured captured, Map<String, String> about) {
    StringBuilder json = new StringBuilder("{");
    about.forEach(
        (name, value) -> member(json, name, quoted(BoundedText.of(value, maxStringBytes))));
    FreeData.Written free = captured.free();
    if (free != null) {
      if (free.shortened()) {
        shortened.add(Field.PROPERTIES.wireName());
      }
      String inner = free.json().substring(1, free.json().length() - 1);
      if (!inner.isEmpty()) {
        json.append(json.length() > 1 ? "," : "").append(inner);
      }
    }
    return json.length() == 1 ? null : new Json(json.append('}').toString());
  }

  private @Nullable Json properties(
      Captured captured, Map<String, String> about, Captured.Call call) {
    StringBuilder json = new StringBuilder("{");
    member(json, "procedure_type", quoted(call.type()));
    if (call.input() != null) {
      member(json, "input", call.input());
    }
    Json rest = properties(captured, about);
    if (rest != null) {
      json.append(',').append(rest.text(), 1, rest.text().length() - 1);
    }
    return new Json(json.append('}').toString());
  }

  private static void member(StringBuilder json, String name, String value) {
    json.append(json.length() > 1 ? "," : "").append(quoted(name)).append(':').append(value);
  }

  private @Nullable String optional(Field field, @Nullable String value) {
    return value == null || value.isBlank() ? null : text(field, value);
  }

  private String text(Field field, String value) {
    if (BoundedText.exceeds(value, maxStringBytes)) {
      shortened.add(field.wireName());
    }
    return BoundedText.of(value, maxStringBytes);
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u00")
                .append(Character.forDigit(c >> 4, 16))
                .append(Character.forDigit(c & 15, 16));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }
}
