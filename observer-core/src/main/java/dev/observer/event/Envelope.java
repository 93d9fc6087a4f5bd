package dev.observer.event;

import com.fasterxml.jackson.core.JsonToken;
import dev.observer.event.ItemReader.Item;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What every batch carries around its items: when and by what it was sent, and the context. */
final class Envelope {
  /** A smaller difference between {@code sent_at} and arrival is the network's, not the clock's. */
  private static final long CLOCK_TOLERANCE = Duration.ofSeconds(60).toMillis();

  private static final int MAX_SDK_CHARACTERS = 64;

  private final StrictParser json;
  private final int maxStringBytes;
  private @Nullable Long sentAt;
  private @Nullable String sdkName;
  private @Nullable String sdkVersion;
  private Item context = new Item(new EnumMap<>(Field.class), List.of());

  Envelope(StrictParser json, int maxStringBytes) {
    this.json = json;
    this.maxStringBytes = maxStringBytes;
  }

  /** Reads the value of this field, or returns false without reading if it is not of ours. */
  boolean read(String name, @Nullable JsonToken token) throws BatchException {
    switch (name) {
      case "sent_at", "sdk", "context" -> {
        if (token == JsonToken.VALUE_NULL) {
          return true;
        }
        switch (name) {
          case "sent_at" -> sentAt = sentAt(token);
          case "sdk" -> sdk(token);
          default -> context = new ItemReader(json, null, maxStringBytes).read();
        }
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private long sentAt(@Nullable JsonToken token) throws BatchException {
    long time = token == JsonToken.VALUE_STRING ? Rfc3339.parse(json.text()) : Rfc3339.INVALID;
    if (time == Rfc3339.INVALID) {
      throw BatchException.invalid("/sent_at", "must be a time as in RFC 3339");
    }
    return time;
  }

  private void sdk(@Nullable JsonToken token) throws BatchException {
    if (token != JsonToken.START_OBJECT) {
      throw BatchException.invalid("/sdk", "must be an object");
    }
    while (json.next() == JsonToken.FIELD_NAME) {
      String name = json.name();
      JsonToken value = json.next();
      if (!name.equals("name") && !name.equals("version")) {
        json.skip();
        continue;
      }
      if (value != JsonToken.VALUE_STRING || json.text().length() > MAX_SDK_CHARACTERS) {
        throw BatchException.invalid(
            "/sdk/" + name, "must be a string of at most " + MAX_SDK_CHARACTERS + " characters");
      }
      String text = json.text();
      if (name.equals("name")) {
        sdkName = text;
      } else {
        sdkVersion = text;
      }
    }
  }

  /** A time of the batch, moved by how wrong the sender's clock is. */
  long corrected(long time, long receivedAt) {
    if (sentAt == null || Math.abs(receivedAt - sentAt) <= CLOCK_TOLERANCE) {
      return time;
    }
    return time + receivedAt - sentAt;
  }

  Item context() {
    return context;
  }

  @Nullable String sdkName() {
    return sdkName;
  }

  @Nullable String sdkVersion() {
    return sdkVersion;
  }
}
