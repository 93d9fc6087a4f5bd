package dev.observer.server.metrics;

import java.util.random.RandomGenerator;
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
  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  /**
   * What the header says; null if there is none or it is not as the standard has it. By hand, as
   * every request of a host passes here.
   */
  public static @Nullable TraceParent parse(@Nullable String header) {
    if (header == null
        || header.length() < LENGTH
        || header.charAt(TRACE_ID - 1) != '-'
        || header.charAt(SPAN_ID - 1) != '-'
        || header.charAt(FLAGS - 1) != '-'
        || !isHex(header, 0, TRACE_ID - 1)
        || !isId(header, TRACE_ID, SPAN_ID - 1)
        || !isId(header, SPAN_ID, FLAGS - 1)
        || !isHex(header, FLAGS, LENGTH)
        || header.startsWith("ff")) {
      return null;
    }
    // Only a later version may say more.
    boolean more = header.length() > LENGTH;
    if (more && (header.startsWith("00") || header.charAt(LENGTH) != '-')) {
      return null;
    }
    boolean sampled = (Character.digit(header.charAt(LENGTH - 1), 16) & 1) != 0;
    return new TraceParent(
        header.substring(TRACE_ID, SPAN_ID - 1), header.substring(SPAN_ID, FLAGS - 1), sampled);
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isId(String text, int from, int to) {
    if (!isHex(text, from, to)) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return true;
      }
    }
    return false;
  }

  /** A trace that begins here; it is kept, as every record names it. */
  public static TraceParent begin(RandomGenerator random) {
    char[] ids = new char[48];
    write(random.nextLong() | 1, ids, 0); // not all 0
    write(random.nextLong(), ids, 16);
    write(random.nextLong() | 1, ids, 32);
    return new TraceParent(new String(ids, 0, 32), new String(ids, 32, 16), true);
  }

  private static void write(long bits, char[] target, int at) {
    long rest = bits;
    for (int i = at + 15; i >= at; i--) {
      target[i] = HEX[(int) rest & 15];
      rest >>>= 4;
    }
  }

  /** The header that goes on with this trace. */
  public String header() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
