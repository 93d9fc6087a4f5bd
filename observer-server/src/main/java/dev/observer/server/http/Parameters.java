package dev.observer.server.http;

import dev.observer.event.Field;
import dev.observer.event.Rfc3339;
import dev.observer.server.http.Problem.Refused;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.PathTemplateMatch;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of one request for a part of a list: each at most once, none that is not
 * known.
 */
final class Parameters {
  private static final int MAX_LIMIT = 1000;

  private final List<Field> fields;
  private final Map<String, String> values = new TreeMap<>();

  /**
   * Reads them.
   *
   * @param fields whose values the list can be asked for
   */
  Parameters(HttpServerExchange exchange, List<Field> fields) throws Refused {
    this.fields = fields;
    List<String> known = new ArrayList<>(fields.stream().map(Field::wireName).toList());
    known.addAll(List.of("since", "until", "limit", "cursor"));
    for (Map.Entry<String, Deque<String>> entry : exchange.getQueryParameters().entrySet()) {
      String name = entry.getKey();
      if (!known.contains(name)) {
        throw new Problem(400, "there is a parameter that is not one of " + known).refused();
      }
      if (entry.getValue().size() > 1) {
        throw bad(name, "stands twice");
      }
      if (!entry.getValue().getFirst().isEmpty()) {
        values.put(name, entry.getValue().getFirst());
      }
    }
  }

  /** What stands in the path at this name of the route's template. */
  static String ofPath(HttpServerExchange exchange, String name) {
    String value =
        exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY).getParameters().get(name);
    return value == null ? "" : value;
  }

  static Refused bad(String name, String reason) {
    return new Problem(400, "the parameter " + name + " " + reason).refused();
  }

  @Nullable String text(String name) {
    return values.get(name);
  }

  /** The values that are asked for, by their field. */
  Map<Field, String> values() throws Refused {
    Map<Field, String> asked = new EnumMap<>(Field.class);
    for (Field field : fields) {
      String value = values.get(field.wireName());
      if (value != null && !value.matches(form(field))) {
        throw bad(field.wireName(), "must match " + form(field));
      }
      if (value != null) {
        asked.put(field, value);
      }
    }
    return asked;
  }

  /** What a record may carry, because of anything else there is none. */
  private static String form(Field field) {
    return switch (field) {
      case KIND -> "error|event|replay";
      case EVENT_ID -> "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
      case SESSION_ID, VISITOR_ID -> "[A-Za-z0-9_-]{8,64}";
      case TRACE_ID -> "[A-Za-z0-9_-]{1,64}";
      case SERVICE_NAME, ENVIRONMENT -> "[A-Za-z0-9._-]{1,64}";
      default -> "(?s).*";
    };
  }

  @Nullable Long time(String name) throws Refused {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    // A plus sign that was not encoded arrives as a space.
    long time = Rfc3339.parse(value.replace(' ', '+'));
    if (time == Rfc3339.INVALID) {
      throw bad(name, "must be a time as in RFC 3339");
    }
    return time;
  }

  int limit() throws Refused {
    String value = values.get("limit");
    if (value == null) {
      return 100;
    }
    if (!value.matches("\\d{1,4}") || Integer.parseInt(value) < 1) {
      throw bad("limit", "must be a number from 1 to " + MAX_LIMIT);
    }
    int limit = Integer.parseInt(value);
    if (limit > MAX_LIMIT) {
      throw bad("limit", "must be a number from 1 to " + MAX_LIMIT);
    }
    return limit;
  }

  /** The question without its place and size: what a cursor belongs to. */
  String question(String path) {
    Map<String, String> question = new TreeMap<>(values);
    question.remove("cursor");
    question.remove("limit");
    return path + question;
  }
}
