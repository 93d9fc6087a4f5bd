package dev.observer.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads values by their {@link FieldType} and puts what is right in its stored form; what is wrong
 * is noted with its pointer and passed over. Text is copied as it was sent, its escapes included,
 * because it is JSON already; it is resolved only where a rule is about what it means. Not
 * thread-safe.
 */
final class ValueReader {
  /** One bad item says at most so many things about itself. */
  private static final int MAX_VIOLATIONS = 10;

  private static final int MAX_NUMBER_LENGTH = 400;

  private final JsonCursor json;
  private final JsonBytes out;
  private final String list;
  private final int maxStringBytes;

  private int index = -1;
  private @Nullable Field field;

  /** The pointer from the value of the field to the value that is read; empty at the former. */
  private String inner = "";

  private List<Violation> violations = List.of();
  private int refusals;
  private long time = Rfc3339.INVALID;
  private @Nullable String choice;

  ValueReader(JsonCursor json, JsonBytes out, String pointer, int maxStringBytes) {
    this.json = json;
    this.out = out;
    this.list = pointer;
    this.maxStringBytes = maxStringBytes;
  }

  /** Forgets what was read; what follows stands in element {@code index} of the list. */
  void startElement(int index) {
    this.index = index;
    field = null;
    violations = List.of();
    refusals = 0;
  }

  /** What follows stands in this field. */
  void startField(Field field) {
    this.field = field;
  }

  /** How often something was refused. */
  int refusals() {
    return refusals;
  }

  /** What was wrong, as far as an answer says it. */
  List<Violation> violations() {
    return violations;
  }

  /** The last time that was read, in milliseconds since 1970. */
  long lastTime() {
    return time;
  }

  /** The last word that was chosen from a few, or null if it was none of them. */
  @Nullable String lastChoice() {
    return choice;
  }

  /** Notes that the value that starts here is refused, and passes over it. */
  boolean refuse(String reason) throws BatchException {
    note("", reason);
    json.skip();
    return false;
  }

  private void note(String within, String reason) {
    refusals++;
    if (violations.isEmpty()) {
      violations = new ArrayList<>(1);
    }
    if (violations.size() < MAX_VIOLATIONS) {
      String pointer =
          list
              + (index < 0 ? "" : "/" + index)
              + (field == null ? "" : "/" + field.wireName() + inner + within);
      violations.add(new Violation(pointer, reason));
    }
  }

  private boolean noted(String reason) {
    note("", reason);
    return false;
  }

  /**
   * Puts the value that starts here, if it is right.
   *
   * @return false if it is wrong or null; something may have been put nevertheless
   */
  boolean read(FieldType type) throws BatchException {
    byte first = json.peek();
    if (first == 'n') {
      json.skip();
      return false;
    }
    if (type instanceof FieldType.Text text) {
      return first == '"' ? text(text) : refuse("must be a string");
    }
    if (type instanceof FieldType.Properties) {
      return first == '{' ? free() : refuse("must be an object");
    }
    if (type instanceof FieldType.Time) {
      if (!time()) {
        return false;
      }
      out.putTime(time);
      return true;
    }
    if (type instanceof FieldType.Flag) {
      return (first == 't' || first == 'f') ? copy() : refuse("must be true or false");
    }
    if (type instanceof FieldType.Whole whole) {
      return whole(whole, first);
    }
    if (type instanceof FieldType.Texts texts) {
      return first == '[' ? texts(texts) : refuse("must be a list of strings");
    }
    if (type instanceof FieldType.Objects objects) {
      return first == '[' ? objects(objects) : refuse("must be a list of objects");
    }
    return first == '"' ? word(type) : refuse("must be a string");
  }

  /** Reads the time that starts here as {@link #lastTime}, if it is right; puts nothing. */
  boolean time() throws BatchException {
    byte first = json.peek();
    if (first != '"') {
      if (first == 'n') {
        json.skip();
        return false;
      }
      return refuse("must be a string");
    }
    json.string();
    json.resolve();
    time = Rfc3339.parse(json.text(), json.textFrom(), json.textTo());
    return time != Rfc3339.INVALID || noted("must be a time as in RFC 3339");
  }

  private boolean word(FieldType type) throws BatchException {
    json.string();
    json.resolve();
    byte[] text = json.text();
    int from = json.textFrom();
    int to = json.textTo();
    if (type instanceof FieldType.Uuid) {
      if (!Uuid7.isUuid(text, from, to)) {
        return noted("must be a UUID");
      }
      out.put('"').putLowerCase(text, from, to).put('"');
      return true;
    }
    if (type instanceof FieldType.Token token) {
      if (!token.matches(text, from, to)) {
        return noted(token.allowed());
      }
    } else if (type instanceof FieldType.Choice one) {
      choice = one.match(text, from, to);
      if (choice == null) {
        return noted(one.allowed());
      }
    } else {
      throw new IllegalStateException("not a type of words: " + type);
    }
    out.put('"').put(text, from, to).put('"');
    return true;
  }

  private boolean text(FieldType.Text rule) throws BatchException {
    int from = json.position();
    json.string();
    int to = json.position();
    byte first = json.bytes()[from + 1];
    if (!rule.blankAllowed() && (first <= ' ' || first == '"' || first == '\\')) {
      if (json.value().isBlank()) {
        return noted("must not be blank");
      }
    }
    int max = rule.maxCharacters();
    if (max > 0 && to - from - 2 > max) {
      String text = json.value();
      if (text.codePointCount(0, text.length()) > max) {
        return noted("must have at most " + max + " characters");
      }
    }
    if (!withinLimit(to - from - 2)) {
      return noted(tooLong());
    }
    return rule.address() ? address(from, to) : put(from, to);
  }

  private boolean address(int from, int to) {
    byte[] bytes = json.bytes();
    boolean plain = true; // as nearly all are: nothing that could be a parameter
    for (int i = from; plain && i < to; i++) {
      plain = bytes[i] != '=' && bytes[i] != '\\';
    }
    if (plain) {
      return put(from, to);
    }
    String sent = json.value();
    String kept = Address.withoutSecrets(sent);
    if (kept.equals(sent)) {
      return put(from, to);
    }
    out.putString(kept);
    return true;
  }

  /** Whether the last string, which is written with so many bytes, means few enough. */
  private boolean withinLimit(int written) {
    if (written <= maxStringBytes) {
      return true;
    }
    json.resolve();
    return json.textTo() - json.textFrom() <= maxStringBytes;
  }

  private String tooLong() {
    return "must have at most " + maxStringBytes + " bytes";
  }

  private boolean put(int from, int to) {
    out.put(json.bytes(), from, to);
    return true;
  }

  private boolean copy() throws BatchException {
    int from = json.position();
    json.skip();
    return put(from, json.position());
  }

  private boolean whole(FieldType.Whole rule, byte first) throws BatchException {
    String reason = "must be a whole number from 0 to " + rule.max();
    if (first != '-' && (first < '0' || first > '9')) {
      return refuse(reason);
    }
    int from = json.position();
    json.skip();
    long value = 0;
    for (int i = from; i < json.position(); i++) {
      int digit = json.bytes()[i] - '0';
      value = digit < 0 || digit > 9 ? Long.MAX_VALUE : value * 10 + digit;
      if (value > rule.max()) {
        return noted(reason);
      }
    }
    return put(from, json.position());
  }

  /** Keeps a list of strings, in the one form that every way to write them has. */
  private boolean texts(FieldType.Texts rule) throws BatchException {
    String outside = inner;
    json.enterArray();
    out.put('[');
    for (int i = 0; json.nextElement(); i++) {
      inner = outside + "/" + i;
      if (json.peek() != '"') {
        refuse("must be a string");
      } else if (i >= rule.maxSize()) {
        refuse("must have at most " + rule.maxSize() + " elements");
      } else {
        json.string();
        String text = json.value();
        if (!withinLimit(json.textTo() - json.textFrom())) {
          note("", tooLong());
        }
        if (i > 0) {
          out.put(',');
        }
        out.putString(text);
      }
    }
    out.put(']');
    inner = outside;
    return true;
  }

  private boolean objects(FieldType.Objects rule) throws BatchException {
    String outside = inner;
    json.enterArray();
    out.put('[');
    for (int i = 0; json.nextElement(); i++) {
      inner = outside + "/" + i;
      if (json.peek() != '{') {
        refuse("must be an object");
        continue;
      }
      if (i > 0) {
        out.put(',');
      }
      members(rule, inner);
    }
    out.put(']');
    inner = outside;
    return true;
  }

  private void members(FieldType.Objects rule, String outside) throws BatchException {
    json.enterObject();
    out.put('{');
    boolean first = true;
    while (json.nextName()) {
      String name = json.value();
      FieldType type = rule.type(name);
      if (type == null) {
        json.skip();
        continue;
      }
      inner = outside + "/" + name;
      int start = out.length();
      if (!first) {
        out.put(',');
      }
      out.putString(name).put(':');
      if (read(type)) {
        first = false;
      } else {
        out.truncate(start);
      }
    }
    out.put('}');
    inner = outside;
  }

  /** Copies the object that starts here as it is, on one line. */
  private boolean free() throws BatchException {
    int from = json.position();
    boolean within = json.skipWithin(maxStringBytes, MAX_NUMBER_LENGTH);
    int to = json.position();
    if (!within) {
      notePlaces(from, to);
    }
    if (json.sawLineBreaks()) {
      out.putOnOneLine(json.bytes(), from, to);
      return true;
    }
    return put(from, to);
  }

  /** Notes what is too long in free data; a second reading, because it is rare. */
  private void notePlaces(int from, int to) {
    try (JsonParser parser = StoredForm.JSON.createParser(json.bytes(), from, to - from)) {
      JsonToken token;
      while ((token = parser.nextToken()) != null) {
        String reason = tooLong(token, parser);
        if (reason != null) {
          note(parser.getParsingContext().pathAsPointer().toString(), reason);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("checked JSON cannot be read", e);
    }
  }

  private @Nullable String tooLong(JsonToken token, JsonParser parser) throws IOException {
    if (token.isNumeric()) {
      return parser.getText().length() > MAX_NUMBER_LENGTH
          ? "must have at most " + MAX_NUMBER_LENGTH + " digits"
          : null;
    }
    boolean name = token == JsonToken.FIELD_NAME;
    if ((!name && token != JsonToken.VALUE_STRING)
        || parser.getText().getBytes(StandardCharsets.UTF_8).length <= maxStringBytes) {
      return null;
    }
    return name ? "must have a name of at most " + maxStringBytes + " bytes" : tooLong();
  }
}
