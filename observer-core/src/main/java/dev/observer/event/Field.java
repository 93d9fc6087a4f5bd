package dev.observer.event;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every field of a record: its name on the wire, in Loki and in the store, what it may hold, and
 * where it may come from. Adding a field to the product starts here.
 *
 * <p>The order is that of the {@link StoredForm}. {@link #RECEIVED_AT} is first, so that it lies at
 * a fixed place in the line.
 */
public enum Field {
  RECEIVED_AT("received_at", Origin.OURS, new FieldType.Time()),
  KIND("kind", Origin.OURS, Types.ANY_TEXT),
  SOURCE("source", Origin.OURS, Types.ANY_TEXT),
  EVENT_ID("event_id", Origin.ITEM, new FieldType.Uuid()),
  TIMESTAMP("timestamp", Origin.ITEM, new FieldType.Time()),
  SERVICE_NAME("service_name", Origin.CONTEXT, Types.LABEL),
  ENVIRONMENT("environment", Origin.CONTEXT, Types.LABEL),
  RELEASE("release", Origin.CONTEXT, Types.ANY_TEXT),
  SDK_NAME("sdk_name", Origin.OURS, Types.ANY_TEXT),
  SDK_VERSION("sdk_version", Origin.OURS, Types.ANY_TEXT),
  SESSION_ID("session_id", Origin.CONTEXT, Types.ID),
  VISITOR_ID("visitor_id", Origin.CONTEXT, Types.ID),
  USER_ID("user_id", Origin.CONTEXT, new FieldType.Text(true, 256, false)),

  EVENT_TYPE(
      "event_type",
      Origin.ITEM,
      new FieldType.Choice(List.of("page_view", "custom_event")),
      Kind.EVENT,
      Kind.REPLAY),
  EVENT_NAME("event_name", Origin.ITEM, new FieldType.Text(false, 0, false), Kind.EVENT),
  TITLE("title", Origin.ITEM, Types.ANY_TEXT, Kind.EVENT),
  REFERRER("referrer", Origin.CONTEXT, Types.ADDRESS, Kind.EVENT),

  LEVEL(
      "level",
      Origin.ITEM,
      new FieldType.Choice(List.of("debug", "info", "warning", "error", "fatal")),
      Kind.ERROR),
  ERROR_TYPE("error_type", Origin.ITEM, Types.ANY_TEXT, Kind.ERROR),
  MESSAGE("message", Origin.ITEM, Types.ANY_TEXT, Kind.ERROR),
  STACK_TRACE("stack_trace", Origin.ITEM, Types.ANY_TEXT, Kind.ERROR),
  MECHANISM(
      "mechanism",
      Origin.ITEM,
      new FieldType.Choice(
          List.of(
              "onerror",
              "unhandledrejection",
              "error_boundary",
              "manual",
              "console",
              "logback",
              "uncaught",
              "http",
              "procedure")),
      Kind.ERROR),
  HANDLED("handled", Origin.ITEM, new FieldType.Flag(), Kind.ERROR),
  TRPC_PATH("trpc_path", Origin.ITEM, Types.ANY_TEXT, Kind.ERROR),
  COMPONENT_PATH("component_path", Origin.ITEM, Types.ANY_TEXT, Kind.ERROR),
  FINGERPRINT("fingerprint", Origin.ITEM, new FieldType.Texts(32), Kind.ERROR),
  FINGERPRINT_VERSION("fingerprint_version", Origin.DERIVED, new FieldType.Whole(1000), Kind.ERROR),
  CAUSES("causes", Origin.ITEM, Types.CAUSES, Kind.ERROR),
  BREADCRUMBS("breadcrumbs", Origin.ITEM, Types.BREADCRUMBS, Kind.ERROR),
  FEATURE_FLAGS("feature_flags", Origin.CONTEXT, new FieldType.Properties(), Kind.ERROR),

  URL("url", Origin.CONTEXT, new FieldType.Text(false, 0, true), Kind.EVENT, Kind.ERROR),
  ROUTE("route", Origin.CONTEXT, Types.ANY_TEXT, Kind.EVENT, Kind.ERROR),
  TRACE_ID("trace_id", Origin.CONTEXT, Types.TRACE, Kind.EVENT, Kind.ERROR),
  SPAN_ID("span_id", Origin.CONTEXT, Types.TRACE, Kind.EVENT, Kind.ERROR),
  USER_AGENT("user_agent", Origin.CONTEXT, Types.ANY_TEXT),
  LANGUAGE("language", Origin.CONTEXT, Types.ANY_TEXT),
  SCREEN_WIDTH("screen_width", Origin.CONTEXT, Types.PIXELS),
  SCREEN_HEIGHT("screen_height", Origin.CONTEXT, Types.PIXELS),
  VIEWPORT_WIDTH("viewport_width", Origin.CONTEXT, Types.PIXELS),
  VIEWPORT_HEIGHT("viewport_height", Origin.CONTEXT, Types.PIXELS),
  PROPERTIES("properties", Origin.ITEM, new FieldType.Properties(), Kind.EVENT, Kind.ERROR),

  RECORDING_ID("recording_id", Origin.DERIVED, Types.ID, Kind.REPLAY),
  INITIAL_URL("initial_url", Origin.DERIVED, Types.ADDRESS, Kind.REPLAY),
  START_TIME("start_time", Origin.DERIVED, new FieldType.Time(), Kind.REPLAY),

  /** Names of the fields that a sink with a limit had to cut, in the copy that it has. */
  SHORTENED("shortened", Origin.DERIVED, new FieldType.Texts(32));

  /** Who sets a field. */
  enum Origin {
    /** The item alone. */
    ITEM,
    /** The item, or the context of its batch. */
    CONTEXT,
    /** The server; an item that brings it is refused. */
    OURS,
    /** The server; an item that brings it loses it, as any unknown field. */
    DERIVED
  }

  /** Constants cannot stand before the enum's own, hence this holder. */
  private static final class Types {
    static final FieldType ANY_TEXT = new FieldType.Text(true, 0, false);
    static final FieldType ADDRESS = new FieldType.Text(true, 0, true);
    static final FieldType ID = new FieldType.Token(8, 64, true, "_-");
    static final FieldType LABEL = new FieldType.Token(1, 64, true, "._-");
    static final FieldType TRACE = new FieldType.Token(1, 64, true, "_-");
    static final FieldType PIXELS = new FieldType.Whole(1_000_000);
    static final FieldType CAUSES =
        new FieldType.Objects(
            List.of(
                new FieldType.Member("error_type", ANY_TEXT),
                new FieldType.Member("message", ANY_TEXT),
                new FieldType.Member("stack_trace", ANY_TEXT)));
    static final FieldType BREADCRUMBS =
        new FieldType.Objects(
            List.of(
                new FieldType.Member("timestamp", new FieldType.Time()),
                new FieldType.Member(
                    "category",
                    new FieldType.Choice(
                        List.of("click", "navigation", "console", "http", "custom"))),
                new FieldType.Member("message", ANY_TEXT),
                new FieldType.Member("properties", new FieldType.Properties())));
  }

  private static final Map<String, Field> BY_NAME = new HashMap<>();

  static {
    for (Field field : values()) {
      BY_NAME.put(field.wireName, field);
    }
  }

  private final String wireName;
  private final Origin origin;
  private final FieldType type;
  private final Set<Kind> kinds;

  Field(String wireName, Origin origin, FieldType type, Kind... kinds) {
    this.wireName = wireName;
    this.origin = origin;
    this.type = type;
    this.kinds = kinds.length == 0 ? EnumSet.allOf(Kind.class) : EnumSet.of(kinds[0], kinds);
  }

  /** The name on the wire, in Loki and in the store. */
  public String wireName() {
    return wireName;
  }

  /** Whether records of this kind have the field. */
  public boolean in(Kind kind) {
    return kinds.contains(kind);
  }

  /** Its place among all fields, by which arrays and sets of bits have it; stored nowhere. */
  @SuppressWarnings("EnumOrdinal")
  int index() {
    return ordinal();
  }

  Origin origin() {
    return origin;
  }

  FieldType type() {
    return type;
  }

  /** The field with this name, or null. */
  public static @Nullable Field of(String wireName) {
    return BY_NAME.get(wireName);
  }
}
