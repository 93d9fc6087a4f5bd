package dev.observer.event;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Checks one replay batch while its bytes arrive: that it is JSON within the limits, that all of
 * its head stands before {@code events} and is right, that {@code events} is a list. The events
 * themselves are counted and not kept; memory is bounded by the longest string among them.
 *
 * <p>Not thread-safe.
 */
public final class ReplayReader {
  private static final int MAX_HEAD_CHARACTERS = 256 * 1024;
  private static final int MAX_HEAD_DEPTH = 32;

  private final int maxStringBytes;
  private final Arrival arrival;
  private final StrictParser json;
  private final ByteArrayFeeder feeder;
  private final Utf8Check utf8 = new Utf8Check();
  private final StringWriter headText = new StringWriter();
  private final JsonGenerator headWriter;

  private long position;
  private @Nullable ReplayHead head;
  private boolean inEvents;
  private boolean ended;
  private int events;

  /**
   * Starts a batch.
   *
   * @param maxDepth of nesting, the batch itself being 1
   * @param maxStringBytes of one string of the head in UTF-8
   */
  public ReplayReader(int maxDepth, int maxStringBytes, Arrival arrival) {
    this.maxStringBytes = maxStringBytes;
    this.arrival = arrival;
    try {
      JsonParser parser = StrictParser.JSON.createNonBlockingByteArrayParser();
      this.json = new StrictParser(parser, maxDepth);
      this.feeder = (ByteArrayFeeder) parser;
      this.headWriter = StrictParser.JSON.createGenerator(headText);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    }
  }

  /** Checks the next inflated bytes. */
  public void accept(byte[] bytes, int from, int to) throws BatchException {
    if (position == 0 && to > from && (bytes[from] & 0xFF) == 0xEF) {
      throw BatchException.malformed("the body is not JSON: it starts with a byte order mark");
    }
    position += to - from;
    if (!utf8.accept(bytes, from, to)) {
      throw BatchException.malformed("the body is not JSON: it is not UTF-8");
    }
    try {
      feeder.feedInput(bytes, from, to);
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON");
    }
    JsonToken token = json.next();
    while (token != null && token != JsonToken.NOT_AVAILABLE) {
      follow(token);
      token = json.next();
    }
  }

  /** Ends the batch; everything was fed. */
  public ReplayHead finish() throws BatchException {
    feeder.endOfInput();
    JsonToken token = json.next();
    while (token != null) {
      if (token == JsonToken.NOT_AVAILABLE) {
        throw BatchException.malformed("the body is not JSON: it ends too early");
      }
      follow(token);
      token = json.next();
    }
    if (!ended || !utf8.complete()) {
      throw BatchException.malformed("the body is not JSON: it ends too early");
    }
    if (head == null) {
      throw BatchException.invalid("/events", "is required");
    }
    return head;
  }

  /** What stands before the events, once it was read. */
  public @Nullable ReplayHead head() {
    return head;
  }

  /** How many events the batch has. */
  public int events() {
    return events;
  }

  private void follow(JsonToken token) throws BatchException {
    if (ended) {
      throw BatchException.malformed("the body is not JSON: something follows the object");
    }
    int depth = json.depth();
    if (depth == 1 && position > 0 && head == null && token == JsonToken.START_ARRAY) {
      throw BatchException.invalid("", "must be an object");
    }
    if (inEvents) {
      followEvents(token, depth);
    } else if (head != null) {
      if (token == JsonToken.END_OBJECT && depth == 0) {
        ended = true;
      } else {
        throw BatchException.invalid(
            StrictParser.pointer(json.parser().getParsingContext()),
            "must stand before the events");
      }
    } else {
      followHead(token, depth);
    }
  }

  private void followEvents(JsonToken token, int depth) throws BatchException {
    if (events < 0) {
      if (token != JsonToken.START_ARRAY) {
        throw BatchException.invalid("/events", "must be a list");
      }
      events = 0;
    } else if (token == JsonToken.END_ARRAY && depth == 1) {
      inEvents = false;
    } else if (depth == 2 + (token.isStructStart() ? 1 : 0) && !token.isStructEnd()) {
      events++;
    }
  }

  private void followHead(JsonToken token, int depth) throws BatchException {
    if (depth == 1 && token == JsonToken.FIELD_NAME && "events".equals(json.name())) {
      write(JsonToken.END_OBJECT);
      head = head(headText.toString());
      inEvents = true;
      events = -1;
      return;
    }
    if (depth == 0 && !token.isStructEnd()) {
      throw BatchException.invalid("", "must be an object");
    }
    write(token);
    if (headText.getBuffer().length() > MAX_HEAD_CHARACTERS) {
      throw BatchException.tooLarge(
          "more than " + MAX_HEAD_CHARACTERS + " characters before the events");
    }
    if (depth == 0) {
      ended = true;
    }
  }

  private void write(JsonToken token) throws BatchException {
    try {
      switch (token) {
        case START_OBJECT -> headWriter.writeStartObject();
        case END_OBJECT -> headWriter.writeEndObject();
        case START_ARRAY -> headWriter.writeStartArray();
        case END_ARRAY -> headWriter.writeEndArray();
        case FIELD_NAME -> headWriter.writeFieldName(json.name());
        case VALUE_STRING -> headWriter.writeString(json.text());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> headWriter.writeNumber(json.text());
        case VALUE_TRUE -> headWriter.writeBoolean(true);
        case VALUE_FALSE -> headWriter.writeBoolean(false);
        default -> headWriter.writeNull();
      }
      headWriter.flush();
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON");
    }
  }

  private ReplayHead head(String text) throws BatchException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8); // lone surrogates become question marks
    try (JsonParser parser = StrictParser.JSON.createParser(bytes)) {
      return ReplayHead.read(new StrictParser(parser, MAX_HEAD_DEPTH), maxStringBytes, arrival);
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON");
    }
  }
}
