package dev.observer.server.loki;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.observer.event.Field;
import dev.observer.event.Json;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.sink.SpooledRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Makes lines that Loki takes: by default it refuses those of more than {@value #MAX_BYTES} bytes.
 * A longer one is shortened, step by step until it fits, and says in {@code shortened} which fields
 * are not whole:
 *
 * <ol>
 *   <li>{@code stack_trace}: its first {@value #STACK} characters
 *   <li>{@code breadcrumbs}: the newest that have {@value #LIST} characters together
 *   <li>{@code causes}: the first that have as many
 *   <li>{@code properties} and {@code feature_flags}: left out
 *   <li>any other text: its first {@value #TEXT} characters, and if need be {@value #LEAST}
 * </ol>
 *
 * The embedded store has the record whole.
 */
final class ShortLine {
  static final int MAX_BYTES = 262_144;
  private static final int STACK = 16_384;
  private static final int LIST = 32_768;
  private static final int TEXT = 4_096;
  private static final int LEAST = 512;

  private static final JsonFactory JSON = new JsonFactory();

  private final StoredRecord original;
  private final StoredRecord.Builder copy;
  private final List<String> shortened = new ArrayList<>();

  private ShortLine(StoredRecord original) {
    this.original = original;
    this.copy = original.toBuilder();
  }

  /** The line of a record, UTF-8. */
  static byte[] of(SpooledRecord spooled) {
    return spooled.json().length <= MAX_BYTES
        ? spooled.json()
        : new ShortLine(spooled.record()).line();
  }

  /** The start of a text, without half a character at its end or anywhere in it. */
  static String start(String text, int maxChars) {
    int end = Math.min(text.length(), maxChars);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    StringBuilder start = new StringBuilder(text).delete(end, text.length());
    for (int i = 0; i < start.length(); i++) {
      if (!Character.isSurrogate(start.charAt(i))) {
        continue;
      }
      if (Character.isSupplementaryCodePoint(start.codePointAt(i))) {
        i++;
      } else {
        start.setCharAt(i, '?');
      }
    }
    return start.toString();
  }

  private byte[] line() {
    List<Runnable> steps =
        List.of(
            () -> text(Field.STACK_TRACE, STACK),
            () -> list(Field.BREADCRUMBS, true),
            () -> list(Field.CAUSES, false),
            () -> {
              leaveOut(Field.PROPERTIES);
              leaveOut(Field.FEATURE_FLAGS);
            },
            () -> everything(TEXT),
            () -> everything(LEAST));
    byte[] line = written(); // as we write it, it may be shorter than it was sent
    for (int i = 0; i < steps.size() && line.length > MAX_BYTES; i++) {
      steps.get(i).run();
      line = written();
    }
    return line;
  }

  private void everything(int maxChars) {
    for (Field field : Field.values()) {
      text(field, maxChars);
    }
    if (original.value(Field.FINGERPRINT) instanceof Json list && list.text().length() > maxChars) {
      leaveOut(Field.FINGERPRINT);
    }
  }

  private byte[] written() {
    if (!shortened.isEmpty()) {
      String names =
          shortened.stream().map(name -> '"' + name + '"').collect(Collectors.joining(","));
      copy.set(Field.SHORTENED, new Json("[" + names + "]"));
    }
    return StoredForm.write(copy.build());
  }

  private void mark(Field field) {
    if (!shortened.contains(field.wireName())) {
      shortened.add(field.wireName());
    }
  }

  private void text(Field field, int maxChars) {
    if (original.value(field) instanceof String text && text.length() > maxChars) {
      copy.set(field, start(text, maxChars));
      mark(field);
    }
  }

  private void leaveOut(Field field) {
    if (original.value(field) != null) {
      copy.set(field, null);
      mark(field);
    }
  }

  private void list(Field field, boolean newest) {
    if (!(original.value(field) instanceof Json list) || list.text().length() <= LIST) {
      return;
    }
    List<String> items = items(list.text());
    Deque<String> kept = new ArrayDeque<>();
    int length = 2;
    for (int i = 0; i < items.size(); i++) {
      String item = items.get(newest ? items.size() - 1 - i : i);
      length += item.length() + 1;
      if (length > LIST) {
        break;
      }
      if (newest) {
        kept.addFirst(item);
      } else {
        kept.addLast(item);
      }
    }
    copy.set(field, kept.isEmpty() ? null : new Json("[" + String.join(",", kept) + "]"));
    mark(field);
  }

  /** The texts of the objects of a list; none if they nest deeper than is worth reading. */
  private static List<String> items(String list) {
    List<String> items = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(list)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        items.add(list.substring(from, (int) parser.currentTokenLocation().getCharOffset() + 1));
      }
      return items;
    } catch (IOException e) {
      return List.of();
    }
  }
}
