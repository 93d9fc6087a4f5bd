package dev.observer.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What every batch carries around its items: when and by what it was sent, and the context. */
final class Envelope {
  /** A smaller difference between {@code sent_at} and arrival is the network's, not the clock's. */
  private static final long CLOCK_TOLERANCE = Duration.ofSeconds(60).toMillis();

  private static final int MAX_SDK_CHARACTERS = 64;

  private static final long CONTEXT_FIELDS =
      Fields.where(
          field -> field.origin() == Field.Origin.CONTEXT || field.origin() == Field.Origin.OURS);

  private final JsonCursor json;
  private final FieldReader context;
  private long sentAt = Rfc3339.INVALID;
  private @Nullable String sdkName;
  private @Nullable String sdkVersion;

  Envelope(JsonCursor json, int maxStringBytes) {
    this.json = json;
    this.context =
        new FieldReader(json, new JsonBytes(512), CONTEXT_FIELDS, "/context", maxStringBytes);
  }

  /** Reads the value of the field of this name, or returns false if it is not of ours. */
  boolean read(String name) throws BatchException {
    switch (name) {
      case "sent_at", "sdk", "context" -> {
        if (json.peek() == 'n') {
          json.skip();
          return true;
        }
        switch (name) {
          case "sent_at" -> sentAt = sentAt();
          case "sdk" -> sdk();
          default -> context.read();
        }
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private long sentAt() throws BatchException {
    long time = Rfc3339.INVALID;
    if (json.peek() == '"') {
      json.string();
      time = Rfc3339.parse(json.value());
    }
    if (time == Rfc3339.INVALID) {
      throw BatchException.invalid("/sent_at", "must be a time as in RFC 3339");
    }
    return time;
  }

  private void sdk() throws BatchException {
    if (json.peek() != '{') {
      json.skip();
      throw BatchException.invalid("/sdk", "must be an object");
    }
    json.enterObject();
    while (json.nextName()) {
      switch (json.value()) {
        case "name" -> sdkName = sdkText("name");
        case "version" -> sdkVersion = sdkText("version");
        default -> json.skip();
      }
    }
  }

  private @Nullable String sdkText(String name) throws BatchException {
    if (json.peek() == 'n') {
      json.skip();
      return null;
    }
    if (json.peek() == '"') {
      json.string();
      String text = json.value();
      if (text.length() <= MAX_SDK_CHARACTERS) {
        return text;
      }
    }
    throw BatchException.invalid(
        "/sdk/" + name, "must be a string of at most " + MAX_SDK_CHARACTERS + " characters");
  }

  /** By how many milliseconds the times of the batch are moved, as the sender's clock is wrong. */
  long correction(long receivedAt) {
    return sentAt == Rfc3339.INVALID || Math.abs(receivedAt - sentAt) <= CLOCK_TOLERANCE
        ? 0
        : receivedAt - sentAt;
  }

  /** What items are called that say nothing about it. */
  ServiceNames.Service service(ServiceNames services) {
    return new ServiceNames.Service(
        context.has(Field.SERVICE_NAME) ? context.text(Field.SERVICE_NAME) : services.own().name(),
        context.has(Field.ENVIRONMENT)
            ? context.text(Field.ENVIRONMENT)
            : services.own().environment());
  }

  FieldReader context() {
    return context;
  }

  @Nullable String sdkName() {
    return sdkName;
  }

  @Nullable String sdkVersion() {
    return sdkVersion;
  }
}
