package dev.observer.event;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * The record that says that a recording ended, made from the one that says that it began. Its id
   * depends on the recording alone, so that it is stored once however often it is made.
   *
   * @param lastReceivedAt when the last batch arrived, in milliseconds since 1970
   */
  public static StoredRecord ended(StoredRecord started, long lastReceivedAt) {
    String type = "session_replay_ended";
    return started.toBuilder()
        .set(
            Field.EVENT_ID,
            id(
                String.valueOf(started.text(Field.SESSION_ID)),
                String.valueOf(started.text(Field.RECORDING_ID)),
                type))
        .set(Field.EVENT_TYPE, type)
        .set(Field.TIMESTAMP, lastReceivedAt)
        .build();
  }

  private static String id(String session, String recording, String type) {
    String name = session + "/" + recording + "/" + type;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** Reads the object that starts here. */
  static ReplayHead read(JsonCursor json, int maxStringBytes, Arrival arrival)
      throws BatchException {
    return new Reading(json, maxStringBytes, arrival).read();
  }

  /** The reading of one head. */
  private static final class Reading {
    private final JsonCursor json;
    private final Arrival arrival;
    private final Envelope envelope;
    private final JsonBytes own = new JsonBytes(512);
    private final FieldReader fields;
    private final List<Violation> violations = new ArrayList<>();
    private @Nullable Integer sequence;
    private String encoding = "rrweb";

    Reading(JsonCursor json, int maxStringBytes, Arrival arrival) {
      this.json = json;
      this.arrival = arrival;
      this.envelope = new Envelope(json, maxStringBytes);
      this.fields = new FieldReader(json, own, 0, "", maxStringBytes);
    }

    ReplayHead read() throws BatchException {
      json.peek();
      json.enterObject();
      while (json.nextName()) {
        String name = json.value();
        if (envelope.read(name)) {
          continue;
        }
        switch (name) {
          case "session_id" -> fields.read(Field.SESSION_ID);
          case "recording_id" -> fields.read(Field.RECORDING_ID);
          case "start_time" -> fields.read(Field.START_TIME);
          case "initial_url" -> fields.read(Field.INITIAL_URL);
          case "sequence" -> sequence = sequence();
          case "encoding" -> encoding();
          default -> json.skip();
        }
      }
      violations.addAll(fields.violations());
      long known = fields.sent() | fields.refused();
      require(Fields.has(known, Field.SESSION_ID), "session_id");
      require(Fields.has(known, Field.RECORDING_ID), "recording_id");
      require(sequence != null, "sequence");
      require(Fields.has(known, Field.START_TIME), "start_time");
      FieldReader context = envelope.context();
      long wrong = context.refused() & Fields.ofItems(Kind.REPLAY) & ~fields.sent();
      if (wrong != 0 || context.refusesAll()) {
        violations.addAll(context.violations());
      }
      StoredRecord started = violations.isEmpty() ? started() : null;
      if (started == null) {
        throw new BatchException(
            BatchException.Reason.INVALID, "the batch cannot be accepted", violations);
      }
      return new ReplayHead(
          fields.text(Field.SESSION_ID),
          fields.text(Field.RECORDING_ID),
          sequence == null ? 0 : sequence,
          encoding,
          started);
    }

    private void require(boolean there, String name) {
      if (!there) {
        violations.add(new Violation("/" + name, "is required"));
      }
    }

    private int sequence() throws BatchException {
      json.peek();
      int from = json.position();
      json.skip();
      int value = 0;
      for (int i = from; i < json.position(); i++) {
        int digit = json.bytes()[i] - '0';
        value = digit < 0 || digit > 9 ? MAX_SEQUENCE + 1 : value * 10 + digit;
        if (value > MAX_SEQUENCE) {
          violations.add(
              new Violation("/sequence", "must be a whole number from 0 to " + MAX_SEQUENCE));
          return 0;
        }
      }
      return value;
    }

    private void encoding() throws BatchException {
      byte first = json.peek();
      if (first == '"') {
        json.string();
        json.resolve();
        if (ENCODING.matches(json.text(), json.textFrom(), json.textTo())) {
          encoding = json.value();
          return;
        }
      } else {
        json.skip();
      }
      if (first != 'n') {
        violations.add(new Violation("/encoding", ENCODING.allowed()));
      }
    }

    private @Nullable StoredRecord started() {
      long started = fields.time() + envelope.correction(arrival.receivedAt());
      if (started < BatchReader.YEAR_2000
          || started > arrival.receivedAt() + BatchReader.MAX_AHEAD) {
        violations.add(
            new Violation(
                "/start_time", "must not be before the year 2000 or more than a day ahead"));
        return null;
      }
      if (!arrival.services().admit(envelope.service(arrival.services()))) {
        violations.add(new Violation("/context/service_name", ServiceNames.TOO_MANY));
        return null;
      }
      String type = "session_replay_started";
      own.putName(Field.EVENT_ID)
          .putString(id(fields.text(Field.SESSION_ID), fields.text(Field.RECORDING_ID), type))
          .putName(Field.EVENT_TYPE)
          .putString(type)
          .putName(Field.START_TIME)
          .putTime(started);
      byte[] line =
          new StoredLines(Kind.REPLAY, envelope, arrival)
              .line(started, own.bytes(), 0, own.length(), fields.sent());
      try {
        return StoredForm.read(line);
      } catch (IOException e) {
        throw new IllegalStateException("what was just written cannot be read", e);
      }
    }
  }
}
