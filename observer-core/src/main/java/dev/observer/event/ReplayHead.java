package dev.observer.event;

import com.fasterxml.jackson.core.JsonToken;
import dev.observer.event.ItemReader.Item;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the events of a replay batch.
 *
 * @param sessionId as every id of this kind {@code [A-Za-z0-9_-]{8,64}}, fit for a file name
 * @param recordingId likewise
 * @param sequence 0 to {@value #MAX_SEQUENCE}
 * @param encoding the form of the events; {@code rrweb} is rrweb's own
 * @param started the record that says that this recording began. It is the same, id included,
 *     whichever batch of the recording it is made from and however often, so that it is stored once
 */
public record ReplayHead(
    String sessionId, String recordingId, int sequence, String encoding, StoredRecord started) {
  /** The name of a stored batch has six digits. */
  public static final int MAX_SEQUENCE = 999_999;

  private static final FieldType.Token ENCODING = new FieldType.Token(1, 32, false, "-");

  /** Reads the object that a parser is about to begin. */
  static ReplayHead read(StrictParser json, int maxStringBytes, Arrival arrival)
      throws BatchException {
    return new Reading(json, maxStringBytes, arrival).read();
  }

  /** The reading of one head. */
  private static final class Reading {
    private final StrictParser json;
    private final Arrival arrival;
    private final Envelope envelope;
    private final ItemReader items;
    private final List<Violation> violations = new ArrayList<>();

    private @Nullable Object sessionId;
    private @Nullable Object recordingId;
    private @Nullable Object startTime;
    private @Nullable Object initialUrl;
    private @Nullable Integer sequence;
    private String encoding = "rrweb";

    Reading(StrictParser json, int maxStringBytes, Arrival arrival) {
      this.json = json;
      this.arrival = arrival;
      this.envelope = new Envelope(json, maxStringBytes);
      this.items = new ItemReader(json, Kind.REPLAY, maxStringBytes);
    }

    ReplayHead read() throws BatchException {
      json.next();
      while (json.next() == JsonToken.FIELD_NAME) {
        String name = json.name();
        JsonToken token = json.next();
        if (envelope.read(name, token)) {
          continue;
        }
        switch (name) {
          case "session_id" -> sessionId = items.value(Field.SESSION_ID, violations);
          case "recording_id" -> recordingId = items.value(Field.RECORDING_ID, violations);
          case "start_time" -> startTime = items.value(Field.START_TIME, violations);
          case "initial_url" -> initialUrl = items.value(Field.INITIAL_URL, violations);
          case "sequence" -> sequence = sequence(token);
          case "encoding" -> encoding(token);
          default -> json.skip();
        }
      }
      require(sessionId, "session_id");
      require(recordingId, "recording_id");
      require(sequence, "sequence");
      require(startTime, "start_time");
      violations.addAll(envelope.context().violations());
      StoredRecord started = violations.isEmpty() ? started() : null;
      if (started == null || !violations.isEmpty()) {
        throw new BatchException(
            BatchException.Reason.INVALID, "the batch cannot be accepted", violations);
      }
      return new ReplayHead(
          String.valueOf(sessionId),
          String.valueOf(recordingId),
          sequence == null ? 0 : sequence,
          encoding,
          started);
    }

    private void require(@Nullable Object value, String name) {
      if (value == null) {
        violations.add(new Violation("/" + name, "is required"));
      }
    }

    private @Nullable Integer sequence(@Nullable JsonToken token) throws BatchException {
      if (token == JsonToken.VALUE_NUMBER_INT) {
        String digits = json.text();
        if (!digits.startsWith("-") && digits.length() <= 6) {
          return Integer.valueOf(digits);
        }
      }
      violations.add(
          new Violation("/sequence", "must be a whole number from 0 to " + MAX_SEQUENCE));
      json.skip();
      return 0;
    }

    private void encoding(@Nullable JsonToken token) throws BatchException {
      if (token == JsonToken.VALUE_NULL) {
        return;
      }
      if (token == JsonToken.VALUE_STRING && ENCODING.matches(json.text())) {
        encoding = json.text();
      } else {
        violations.add(new Violation("/encoding", ENCODING.allowed()));
        json.skip();
      }
    }

    private @Nullable StoredRecord started() {
      StoredRecord.Builder record = StoredRecord.builder(Kind.REPLAY);
      Item context = envelope.context();
      for (Field field : Field.values()) {
        if (field.origin() == Field.Origin.CONTEXT && field.in(Kind.REPLAY)) {
          record.set(field, context.get(field));
        }
      }
      long started = envelope.corrected((Long) requireNonNull(startTime), arrival.receivedAt());
      if (started < BatchReader.YEAR_2000
          || started > arrival.receivedAt() + BatchReader.MAX_AHEAD) {
        violations.add(
            new Violation(
                "/start_time", "must not be before the year 2000 or more than a day ahead"));
        return null;
      }
      if (!arrival.services().admitOrDefault(record)) {
        violations.add(new Violation("/context/service_name", ServiceNames.TOO_MANY));
        return null;
      }
      String name = sessionId + "/" + recordingId + "/session_replay_started";
      return record
          .set(
              Field.EVENT_ID,
              UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString())
          .set(Field.EVENT_TYPE, "session_replay_started")
          .set(Field.RECEIVED_AT, arrival.receivedAt())
          .set(Field.SOURCE, arrival.source().wireName())
          .set(Field.TIMESTAMP, started)
          .set(Field.START_TIME, started)
          .set(Field.SESSION_ID, sessionId)
          .set(Field.RECORDING_ID, recordingId)
          .set(Field.INITIAL_URL, initialUrl)
          .set(Field.SDK_NAME, envelope.sdkName())
          .set(Field.SDK_VERSION, envelope.sdkVersion())
          .build();
    }

    private static Object requireNonNull(@Nullable Object value) {
      return Objects.requireNonNull(value);
    }
  }
}
