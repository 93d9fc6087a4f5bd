package dev.observer.config;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * One setting that is wrong.
 *
 * @param name the full property ({@code observer.http.port}), or an unknown name as it was written
 * @param value the text or value given, {@code ***} when it is or might be a secret, null when
 *     there is none
 * @param origin where it came from: {@code builder}, {@code environment variable
 *     OBSERVER_HTTP_PORT}, {@code file observer.properties}, or {@code not set}
 * @param reason what is allowed, or why the setting is refused
 */
public record ConfigProblem(String name, @Nullable String value, String origin, String reason)
    implements Serializable {

  static final String MASK = "***";

  /** One line for a person. */
  @Override
  public String toString() {
    return name + (value == null ? "" : " = " + value) + " (" + origin + "): " + reason;
  }
}
