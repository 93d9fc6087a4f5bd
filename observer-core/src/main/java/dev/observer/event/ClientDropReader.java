package dev.observer.event;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the list {@code dropped} of a batch. What is wrong in it is noted with its pointer and
 * passed over: a mistake in what a sender says about itself is no reason to lose more. Not
 * thread-safe.
 */
final class ClientDropReader {
  static final String FIELD = "dropped";

  private static final String POINTER = "/" + FIELD;
  private static final List<String> KINDS =
      List.of(Kind.ERROR.wireName(), Kind.EVENT.wireName(), Kind.REPLAY.wireName());
  private static final FieldType.Choice KIND = new FieldType.Choice(KINDS);

  /** A longer reason is none that we know, and need not become a string. */
  private static final int MAX_REASON_BYTES = 64;

  private final JsonCursor json;
  private final List<ClientDrop> drops = new ArrayList<>(0);
  private final List<Violation> violations = new ArrayList<>(0);

  ClientDropReader(JsonCursor json) {
    this.json = json;
  }

  /** The entries that are right. */
  List<ClientDrop> drops() {
    return drops;
  }

  List<Violation> violations() {
    return violations;
  }

  /** Reads the value that starts here. */
  void read() throws BatchException {
    if (json.peek() != '[') {
      refuse(json.peek() == 'n' ? null : POINTER, "must be a list");
      return;
    }
    json.enterArray();
    int index = 0;
    while (json.nextElement()) {
      if (index < ClientDrop.MAX_ENTRIES) {
        entry(POINTER + "/" + index);
      } else {
        refuse(
            index == ClientDrop.MAX_ENTRIES ? POINTER : null,
            "must have at most " + ClientDrop.MAX_ENTRIES + " entries");
      }
      index++;
    }
  }

  private void entry(String pointer) throws BatchException {
    if (json.peek() != '{') {
      refuse(pointer, "must be an object");
      return;
    }
    int before = violations.size();
    ClientDrop.@Nullable Reason reason = null;
    @Nullable Kind kind = null;
    int count = 0;
    json.enterObject();
    while (json.nextName()) {
      switch (json.value()) {
        case "reason" -> reason = reason(pointer + "/reason");
        case "kind" -> kind = kind(pointer + "/kind");
        case "count" -> count = count(pointer + "/count");
        default -> json.skip();
      }
    }
    if (violations.size() > before) {
      return;
    }
    if (reason == null || kind == null || count == 0) {
      String missing = reason == null ? "reason" : kind == null ? "kind" : "count";
      violations.add(new Violation(pointer + "/" + missing, "is required"));
      return;
    }
    drops.add(new ClientDrop(reason, kind, count));
  }

  private ClientDrop.@Nullable Reason reason(String pointer) throws BatchException {
    if (json.peek() != '"') {
      refuse(pointer, "must be a string");
      return null;
    }
    json.string();
    json.resolve();
    return json.textTo() - json.textFrom() > MAX_REASON_BYTES
        ? ClientDrop.Reason.OTHER
        : ClientDrop.Reason.of(json.value());
  }

  private @Nullable Kind kind(String pointer) throws BatchException {
    String name = null;
    if (json.peek() == '"') {
      json.string();
      json.resolve();
      name = KIND.match(json.text(), json.textFrom(), json.textTo());
    } else {
      json.skip();
    }
    if (name == null) {
      violations.add(new Violation(pointer, KIND.allowed()));
      return null;
    }
    return Kind.of(name);
  }

  private int count(String pointer) throws BatchException {
    json.peek();
    int from = json.position();
    json.skip();
    int value = 0;
    for (int i = from; i < json.position() && value <= ClientDrop.MAX_COUNT; i++) {
      int digit = json.bytes()[i] - '0';
      value = digit < 0 || digit > 9 ? ClientDrop.MAX_COUNT + 1 : value * 10 + digit;
    }
    if (value == 0 || value > ClientDrop.MAX_COUNT) {
      violations.add(
          new Violation(pointer, "must be a whole number from 1 to " + ClientDrop.MAX_COUNT));
    }
    return value;
  }

  private void refuse(@Nullable String pointer, String reason) throws BatchException {
    if (pointer != null) {
      violations.add(new Violation(pointer, reason));
    }
    json.skip();
  }
}
