package dev.observer.server.capture;

import org.jspecify.annotations.Nullable;

/** Text as the stored form has it: within a number of UTF-8 bytes, and without lone surrogates. */
final class BoundedText {
  /** Stands where something was cut. */
  static final String CUT = "…";

  private static final int CUT_BYTES = 3;

  private BoundedText() {}

  /** Whether {@link #of} would cut this text. */
  static boolean exceeds(String text, int maxBytes) {
    // No character takes more than three bytes, so most texts need not be looked at.
    return text.length() > maxBytes / 3 && fitting(text, maxBytes) < text.length();
  }

  /** The text, or as much of its beginning as fits, and {@value #CUT}. */
  static String of(String text, int maxBytes) {
    if (!exceeds(text, maxBytes)) {
      return wellFormed(text);
    }
    if (maxBytes < CUT_BYTES) {
      return "";
    }
    return wellFormed(text.substring(0, fitting(text, maxBytes - CUT_BYTES)) + CUT);
  }

  /** How many characters fit, never the half of one. */
  private static int fitting(String text, int maxBytes) {
    int bytes = 0;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      boolean pair = isPair(text, i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : pair ? 4 : 3;
      if (bytes > maxBytes) {
        return i;
      }
      i += pair ? 2 : 1;
    }
    return i;
  }

  private static boolean isPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  /** The text with {@code ?} for each lone surrogate, which UTF-8 does not have. */
  static String wellFormed(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isSurrogate(text.charAt(i))) {
        continue;
      }
      if (isPair(text, i)) {
        i++;
      } else {
        mended = mended == null ? new StringBuilder(text) : mended;
        mended.setCharAt(i, '?');
      }
    }
    return mended == null ? text : mended.toString();
  }

  /** The id, if it has the form that ids of sessions and visitors have; else null. */
  static @Nullable String id(@Nullable String id) {
    if (id == null || id.length() < 8 || id.length() > 64) {
      return null;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80;
      if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') {
        return null;
      }
    }
    return id;
  }
}
