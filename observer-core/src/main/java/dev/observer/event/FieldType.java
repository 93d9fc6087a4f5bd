package dev.observer.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Field} may hold, and how it is checked when it arrives. In a {@link StoredRecord}
 * values are {@link String}, except {@link Time} (a {@link Long}, milliseconds since 1970), {@link
 * Flag} ({@link Boolean}) and the types whose values are JSON of their own ({@link Json}).
 */
sealed interface FieldType {

  /**
   * Text up to {@code limits.string-bytes}, or up to {@code maxCharacters} where that is not 0.
   *
   * @param address whether it is an {@link Address}, which is kept without its secrets
   */
  record Text(boolean blankAllowed, int maxCharacters, boolean address) implements FieldType {}

  /**
   * A name of letters, digits and {@code punctuation}.
   *
   * @param upperCase whether letters may be capitals
   */
  record Token(int minLength, int maxLength, boolean upperCase, String punctuation)
      implements FieldType {
    boolean matches(byte[] text, int from, int to) {
      if (to - from < minLength || to - from > maxLength) {
        return false;
      }
      for (int i = from; i < to; i++) {
        byte c = text[i];
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

  /** One of these words of ASCII. */
  record Choice(List<String> values) implements FieldType {
    /** The word that stands here, or null if it is none of them. */
    @Nullable String match(byte[] text, int from, int to) {
      for (String value : values) {
        if (stands(value, text, from, to)) {
          return value;
        }
      }
      return null;
    }

    private static boolean stands(String value, byte[] text, int from, int to) {
      if (to - from != value.length()) {
        return false;
      }
      for (int i = 0; i < value.length(); i++) {
        if (text[from + i] != value.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    String allowed() {
      return "must be one of " + values.stream().sorted().toList();
    }
  }

  /** Free data of the application: a JSON object. */
  record Properties() implements FieldType {}

  /** A list of strings. */
  record Texts(int maxSize) implements FieldType {}

  /** A list of objects with known members; unknown members are dropped. */
  record Objects(List<Member> members) implements FieldType {
    /** The type of a member, or null if it is unknown. */
    @Nullable FieldType type(String name) {
      for (Member member : members) {
        if (member.name().equals(name)) {
          return member.type();
        }
      }
      return null;
    }
  }

  /** One member of {@link Objects}. */
  record Member(String name, FieldType type) {}
}
