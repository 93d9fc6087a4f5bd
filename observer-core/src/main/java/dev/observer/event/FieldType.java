package dev.observer.event;

import java.util.List;
import java.util.Set;

/**
 * What a {@link Field} may hold, and how it is checked when it arrives. Values are kept as {@link
 * String}, except {@link Time} (a {@link Long}, milliseconds since 1970), {@link Flag} ({@link
 * Boolean}) and the types whose values are JSON of their own ({@link Json}).
 */
sealed interface FieldType {

  /** Text up to {@code limits.string-bytes}, or up to {@code maxCharacters} where that is not 0. */
  record Text(boolean blankAllowed, int maxCharacters) implements FieldType {}

  /**
   * A name of letters, digits and {@code punctuation}.
   *
   * @param upperCase whether letters may be capitals
   */
  record Token(int minLength, int maxLength, boolean upperCase, String punctuation)
      implements FieldType {
    boolean matches(String value) {
      if (value.length() < minLength || value.length() > maxLength) {
        return false;
      }
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        boolean letterOrDigit =
            (c >= 'a' && c <= 'z') || (upperCase && c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letterOrDigit && punctuation.indexOf(c) < 0) {
          return false;
        }
      }
      return true;
    }

    String allowed() {
      return "must match ["
          + (upperCase ? "A-Za-z" : "a-z")
          + "0-9"
          + punctuation
          + "]{"
          + minLength
          + ","
          + maxLength
          + "}";
    }
  }

  /** A UUID in its 36-character form, kept in lower case. */
  record Uuid() implements FieldType {}

  /** RFC 3339, kept in milliseconds. */
  record Time() implements FieldType {}

  record Flag() implements FieldType {}

  /** A whole number that browsers report, such as a width in pixels. */
  record Whole(long max) implements FieldType {}

  record Choice(Set<String> values) implements FieldType {}

  /** Free data of the application: a JSON object. */
  record Properties() implements FieldType {}

  /** A list of strings. */
  record Texts(int maxSize) implements FieldType {}

  /** A list of objects with known members; unknown members are dropped. */
  record Objects(List<Member> members) implements FieldType {}

  /** One member of {@link Objects}. */
  record Member(String name, FieldType type) {}
}
