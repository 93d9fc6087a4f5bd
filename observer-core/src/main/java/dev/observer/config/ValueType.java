package dev.observer.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How the text of a setting becomes a value, and back. */
enum ValueType {
  TEXT("text") {
    @Override
    Object parse(String text) {
      return text;
    }
  },
  INTEGER("whole number") {
    @Override
    Object parse(String text) {
      return Integer.valueOf(text);
    }
  },
  BOOLEAN("true or false") {
    @Override
    Object parse(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException("neither true nor false");
      };
    }
  },
  /** Bytes, as a long. Only binary units: what 10MB means depends on whom one asks. */
  SIZE("size") {
    @Override
    Object parse(String text) {
      Matcher matcher = SIZE_TEXT.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("not a size");
      }
      String unit = matcher.group(2).toLowerCase(Locale.ROOT);
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.getOrDefault(unit, 1L));
    }

    @Override
    String format(Object value) {
      long bytes = (Long) value;
      for (String unit : List.of("TiB", "GiB", "MiB", "KiB")) {
        long size = UNITS.getOrDefault(unit.toLowerCase(Locale.ROOT), 1L);
        if (bytes >= size && bytes % size == 0) {
          return bytes / size + unit;
        }
      }
      return Long.toString(bytes);
    }
  },
  DURATION("duration") {
    @Override
    Object parse(String text) {
      Matcher matcher = DURATION_TEXT.matcher(text);
      if (!matcher.matches()) {
        Matcher weeks = WEEKS_TEXT.matcher(text); // which Duration does not know
        return weeks.matches()
            ? Duration.ofDays(Math.multiplyExact(7, Long.parseLong(weeks.group(1))))
            : Duration.parse(text);
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
        case "d" -> Duration.ofDays(amount);
        case "h" -> Duration.ofHours(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofSeconds(amount);
      };
    }

    @Override
    String format(Object value) {
      Duration duration = (Duration) value;
      boolean wholeDays = duration.equals(Duration.ofDays(duration.toDays()));
      return wholeDays ? duration.toDays() + "d" : duration.toString();
    }
  },
  URL("URL") {
    @Override
    Object parse(String text) {
      return URI.create(text);
    }
  },
  PATH("path") {
    @Override
    Object parse(String text) {
      return Path.of(text);
    }
  },
  /** Words, comma-separated. */
  WORDS("list of words") {
    @Override
    Object parse(String text) {
      return items(text);
    }
  },
  /** Origins as a browser writes them in its Origin header, so that comparing strings is enough. */
  ORIGINS("list of origins") {
    @Override
    Object parse(String text) {
      return items(text).stream().map(ValueType::canonicalOrigin).toList();
    }
  },
  NETWORKS("list of networks") {
    @Override
    Object parse(String text) {
      return items(text).stream().map(Network::parse).toList();
    }
  };

  private static final Pattern SIZE_TEXT =
      Pattern.compile("([0-9]+) ?(|B|KiB|MiB|GiB|TiB)", Pattern.CASE_INSENSITIVE);

  private static final Pattern WEEKS_TEXT = Pattern.compile("P([0-9]+)W", Pattern.CASE_INSENSITIVE);

  private static final Pattern DURATION_TEXT =
      Pattern.compile("([0-9]+) ?([dhms])", Pattern.CASE_INSENSITIVE);

  private static final Map<String, Long> UNITS =
      Map.of("kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30, "tib", 1L << 40);

  private final String words;

  ValueType(String words) {
    this.words = words;
  }

  /** The name of this type in the reference. */
  String words() {
    return words;
  }

  /**
   * The value that a text stands for.
   *
   * @throws RuntimeException when it stands for none; which one depends on the JDK's parsers
   */
  abstract Object parse(String text);

  /** The text that {@link #parse} reads as this value. */
  String format(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(Object::toString).collect(Collectors.joining(","))
        : value.toString();
  }

  private static List<String> items(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  private static String canonicalOrigin(String text) {
    String origin = text.toLowerCase(Locale.ROOT);
    if (origin.startsWith("https://") && origin.endsWith(":443")) {
      return origin.substring(0, origin.length() - ":443".length());
    }
    if (origin.startsWith("http://") && origin.endsWith(":80")) {
      return origin.substring(0, origin.length() - ":80".length());
    }
    return origin;
  }
}
