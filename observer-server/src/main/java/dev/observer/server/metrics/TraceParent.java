package dev.observer.server.metrics;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a request belongs to, as its header {@code traceparent} says (W3C Trace Context,
 * level 1).
 *
 * @param traceId 32 hexadecimal digits in lower case, not all 0
 * @param spanId 16 of them
 * @param sampled whether the trace is kept somewhere, as far as the sender knows
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
  /** The name of the header. */
  public static final String HEADER = "traceparent";

  private static final int LENGTH = 55;
  private static final Pattern FORM =
      Pattern.compile("(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  /** What the header says; null if there is none or it is not as the standard has it. */
  public static @Nullable TraceParent parse(@Nullable String header) {
    if (header == null || header.length() < LENGTH) {
      return null;
    }
    Matcher form = FORM.matcher(header.substring(0, LENGTH));
    if (!form.matches()) {
      return null;
    }
    // Only a later version may say more.
    boolean more = header.length() > LENGTH;
    if (more && (form.group(1).equals("00") || header.charAt(LENGTH) != '-')) {
      return null;
    }
    if (isZero(form.group(2)) || isZero(form.group(3))) {
      return null;
    }
    boolean sampled = (Integer.parseInt(form.group(4), 16) & 1) != 0;
    return new TraceParent(form.group(2), form.group(3), sampled);
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(digit -> digit == '0');
  }
}
