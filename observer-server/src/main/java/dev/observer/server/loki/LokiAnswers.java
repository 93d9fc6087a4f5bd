package dev.observer.server.loki;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Reads what Loki answers to questions. */
final class LokiAnswers {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  /**
   * A line.
   *
   * @param stream the selector of its stream
   */
  record Row(String stream, long nanos, String line) {}

  private LokiAnswers() {}

  /** The rows of {@code query_range}, stream by stream. */
  static List<Row> rows(byte[] answer) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(answer)) {
      enter(parser, "data", "result");
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        String stream = "";
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          if (name.equals("stream")) {
            stream = selector(parser);
          } else if (name.equals("values")) {
            values(parser, stream, rows);
          } else {
            parser.skipChildren();
          }
        }
      }
    }
    return rows;
  }

  private static void values(JsonParser parser, String stream, List<Row> rows) throws IOException {
    if (stream.isEmpty()) {
      throw new IOException("Loki answered values before their stream");
    }
    while (parser.nextToken() == JsonToken.START_ARRAY) {
      String nanos = parser.nextTextValue();
      String line = parser.nextTextValue();
      if (nanos == null || line == null) {
        throw new IOException("Loki answered a value that is not a time and a line");
      }
      rows.add(new Row(stream, Long.parseLong(nanos), line));
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        parser.skipChildren(); // metadata, which the line has too
      }
    }
  }

  /** The selectors of the streams that {@code series} names. */
  static List<String> streams(byte[] answer) throws IOException {
    List<String> streams = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(answer)) {
      enter(parser, "data");
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        streams.add(selector(parser));
      }
    }
    return streams;
  }

  /** Goes into the array at a path of members. */
  private static void enter(JsonParser parser, String... path) throws IOException {
    parser.nextToken();
    for (String member : path) {
      while (true) {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
          throw new IOException("Loki's answer has no " + String.join(".", path));
        }
        boolean found = parser.currentName().equals(member);
        parser.nextToken();
        if (found) {
          break;
        }
        parser.skipChildren();
      }
    }
  }

  /** From an object of labels, as {@code {a="b",c="d"}}. */
  private static String selector(JsonParser parser) throws IOException {
    Map<String, String> labels = new TreeMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      labels.put(name, parser.getText());
    }
    return selector(labels);
  }

  /** What selects the lines with these labels, as {@code {a="b",c="d"}}. */
  static String selector(Map<String, String> labels) {
    StringJoiner selector = new StringJoiner(",", "{", "}");
    labels.forEach((name, value) -> selector.add(name + '=' + quoted(value)));
    return selector.toString();
  }

  /** A string as LogQL reads it, which is as Go does. */
  static String quoted(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted
            .append("\\x")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
