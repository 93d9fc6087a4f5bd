package dev.observer.event;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Times as RFC 3339 has them, in milliseconds since 1970. Written by hand because a time is read
 * and written several times for each event, and {@link java.time.format.DateTimeFormatter} costs
 * more than the rest of the event together.
 */
public final class Rfc3339 {
  /** Returned by {@link #parse} for text that is not a time. */
  public static final long INVALID = Long.MIN_VALUE;

  /** Characters of a formatted time: {@code 2026-11-22T10:00:00.123Z}. */
  public static final int LENGTH = 24;

  private static final long YEAR_0 = epochDay(0, 1, 1) * 86_400_000L;
  private static final long YEAR_10000 = epochDay(10_000, 1, 1) * 86_400_000L;

  private Rfc3339() {}

  /**
   * Reads a date and time with {@code Z} or an offset; digits after milliseconds are cut.
   *
   * @return milliseconds since 1970, or {@link #INVALID}
   */
  public static long parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1); // what it has not becomes a ?
    return parse(bytes, 0, bytes.length);
  }

  /** Reads these bytes likewise. */
  static long parse(byte[] text, int from, int to) {
    if (to - from < 20
        || text[from + 4] != '-'
        || text[from + 7] != '-'
        || (text[from + 10] | 0x20) != 't'
        || text[from + 13] != ':'
        || text[from + 16] != ':') {
      return INVALID;
    }
    int year = digits(text, from, from + 4);
    int month = digits(text, from + 5, from + 7);
    int day = digits(text, from + 8, from + 10);
    int hour = digits(text, from + 11, from + 13);
    int minute = digits(text, from + 14, from + 16);
    int second = digits(text, from + 17, from + 19);
    if (year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0) {
      return INVALID;
    }
    if (minute > 59 || second < 0 || second > 60) { // 60: a leap second
      return INVALID;
    }
    if (day > 28 && day > YearMonth.of(year, month).lengthOfMonth()) {
      return INVALID;
    }
    int at = from + 19;
    int millis = 0;
    if (text[at] == '.') {
      int start = ++at;
      int scale = 100;
      while (at < to && text[at] >= '0' && text[at] <= '9') {
        millis += (text[at] - '0') * scale;
        scale /= 10;
        at++;
      }
      if (at == start || at - start > 12) {
        return INVALID;
      }
    }
    int offsetMinutes = offset(text, at, to);
    if (offsetMinutes == Integer.MIN_VALUE) {
      return INVALID;
    }
    long seconds = epochDay(year, month, day) * 86_400L + hour * 3600L + minute * 60L + second;
    long time = (seconds - offsetMinutes * 60L) * 1000L + millis;
    return canWrite(time) ? time : INVALID; // an offset may lead out of the years that there are
  }

  private static int offset(byte[] text, int at, int to) {
    int rest = to - at;
    if (rest == 1 && (text[at] | 0x20) == 'z') {
      return 0;
    }
    if (rest != 6 || text[at + 3] != ':') {
      return Integer.MIN_VALUE;
    }
    byte sign = text[at];
    int hours = digits(text, at + 1, at + 3);
    int minutes = digits(text, at + 4, at + 6);
    if ((sign != '+' && sign != '-') || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    int total = hours * 60 + minutes;
    return sign == '-' ? -total : total;
  }

  private static int digits(byte[] text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      byte b = text[i];
      if (b < '0' || b > '9') {
        return -1;
      }
      value = value * 10 + (b - '0');
    }
    return value;
  }

  /** Days since 1970, by Howard Hinnant's algorithm {@code days_from_civil}. */
  private static long epochDay(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int era = Math.floorDiv(y, 400);
    int yearOfEra = y - era * 400;
    int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097L + dayOfEra - 719_468L;
  }

  /** Whether it lies in the years 0 to 9999, which is what the format has. */
  static boolean canWrite(long epochMillis) {
    return epochMillis >= YEAR_0 && epochMillis < YEAR_10000;
  }

  /** Formats as {@code 2026-11-22T10:00:00.123Z}; years 0 to 9999 only. */
  public static String format(long epochMillis) {
    byte[] text = new byte[LENGTH];
    write(epochMillis, text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes the {@value #LENGTH} bytes of {@link #format} into {@code target} at {@code at}. */
  public static void write(long epochMillis, byte[] target, int at) {
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(epochMillis, 86_400_000L));
    int inDay = (int) Math.floorMod(epochMillis, 86_400_000L);
    digits(date.getYear(), target, at, 4);
    target[at + 4] = '-';
    digits(date.getMonthValue(), target, at + 5, 2);
    target[at + 7] = '-';
    digits(date.getDayOfMonth(), target, at + 8, 2);
    target[at + 10] = 'T';
    digits(inDay / 3_600_000, target, at + 11, 2);
    target[at + 13] = ':';
    digits(inDay / 60_000 % 60, target, at + 14, 2);
    target[at + 16] = ':';
    digits(inDay / 1000 % 60, target, at + 17, 2);
    target[at + 19] = '.';
    digits(inDay % 1000, target, at + 20, 3);
    target[at + 23] = 'Z';
  }

  private static void digits(int value, byte[] target, int at, int count) {
    int rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
