package dev.observer.server.capture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known about an error besides the error. Immutable; each method returns a changed copy.
 *
 * <pre>{@code
 * observer.captureException(e, ErrorContext.EMPTY.property("order_id", 7).handled(true));
 * }</pre>
 */
public final class ErrorContext {
  /** Nothing: an error of level {@link ErrorLevel#ERROR} that was dealt with. */
  public static final ErrorContext EMPTY =
      new ErrorContext(ErrorLevel.ERROR, true, Identity.UNKNOWN, Map.of(), List.of());

  private final ErrorLevel level;
  private final boolean handled;
  private final Identity identity;
  private final Map<String, @Nullable Object> properties;
  private final List<String> fingerprint;

  private ErrorContext(
      ErrorLevel level,
      boolean handled,
      Identity identity,
      Map<String, @Nullable Object> properties,
      List<String> fingerprint) {
    this.level = level;
    this.handled = handled;
    this.identity = identity;
    this.properties = properties;
    this.fingerprint = fingerprint;
  }

  /** How bad it is. */
  public ErrorContext level(ErrorLevel level) {
    return new ErrorContext(level, handled, identity, properties, fingerprint);
  }

  /** Whether the application dealt with it. */
  public ErrorContext handled(boolean handled) {
    return new ErrorContext(level, handled, identity, properties, fingerprint);
  }

  /** Whom it happened to. */
  public ErrorContext identity(Identity identity) {
    return new ErrorContext(level, handled, identity, properties, fingerprint);
  }

  /** Adds free data; {@code value} as for {@link #properties}. */
  public ErrorContext property(String name, @Nullable Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(properties);
    more.put(name, value);
    return new ErrorContext(level, handled, identity, more, fingerprint);
  }

  /**
   * Adds free data: strings, numbers, booleans, null, and maps, lists and arrays of these; of
   * anything else its {@code toString}. It is bounded: 8 levels, 200 entries, 8 KiB a string, 32
   * KiB in all; what is beyond is left out, and the record then names {@code properties} in {@code
   * shortened}.
   */
  public ErrorContext properties(Map<String, ?> properties) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(this.properties);
    more.putAll(properties);
    return new ErrorContext(level, handled, identity, more, fingerprint);
  }

  /** Groups errors by these words, at most 32, instead of by type and stack. */
  public ErrorContext fingerprint(String... words) {
    return new ErrorContext(level, handled, identity, properties, List.of(words));
  }

  ErrorLevel level() {
    return level;
  }

  boolean handled() {
    return handled;
  }

  Identity identity() {
    return identity;
  }

  Map<String, @Nullable Object> properties() {
    return properties;
  }

  List<String> fingerprint() {
    return fingerprint;
  }
}
