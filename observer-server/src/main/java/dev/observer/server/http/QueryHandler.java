package dev.observer.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.observer.event.Field;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.http.Problem.Refused;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.Page;
import dev.observer.server.query.QueryException;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.query.Session;
import dev.observer.server.query.SessionFilter;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reading: records, sessions and replays. Runs on worker threads; the caller has the token. */
final class QueryHandler {
  /**
   * So many of one answer are told: a recording of a single batch may claim that 999,999 are. What
   * is missing beyond shows in the numbers of the batches that are there.
   */
  private static final int MAX_MISSING = 10_000;

  private static final List<Field> OF_SESSIONS =
      List.of(Field.USER_ID, Field.SERVICE_NAME, Field.ENVIRONMENT);

  private static final List<Field> OF_RECORDS =
      List.of(
          Field.KIND,
          Field.EVENT_ID,
          Field.SESSION_ID,
          Field.VISITOR_ID,
          Field.USER_ID,
          Field.TRACE_ID,
          Field.SERVICE_NAME,
          Field.ENVIRONMENT);

  private final EventQuery query;
  private final ReplayStore replays;
  private final String cursorKey;

  QueryHandler(EventQuery query, ReplayStore replays, String cursorKey) {
    this.query = query;
    this.replays = replays;
    this.cursorKey = cursorKey;
  }

  void records(HttpServerExchange exchange) throws Refused, QueryException {
    Parameters given = new Parameters(exchange, OF_RECORDS);
    RecordFilter filter =
        new RecordFilter(given.values(), given.time("since"), given.time("until"));
    String question = given.question("records");
    Page<StoredRecord> page = query.records(filter, given.limit(), position(given, question));
    JsonBody.send(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("records");
          for (StoredRecord record : page.items()) {
            StoredForm.write(record, json);
          }
          json.writeEndArray();
          json.writeStringField("next_cursor", Cursor.write(page.next(), question, cursorKey));
          json.writeEndObject();
        });
  }

  private Page.@Nullable Position position(Parameters given, String question) throws Refused {
    String cursor = given.text("cursor");
    if (cursor == null) {
      return null;
    }
    Page.Position position = Cursor.read(cursor, question, cursorKey);
    if (position == null) {
      throw Parameters.bad("cursor", "is not one of this list");
    }
    return position;
  }

  void sessions(HttpServerExchange exchange) throws Refused, QueryException {
    Parameters given = new Parameters(exchange, OF_SESSIONS);
    SessionFilter filter =
        new SessionFilter(given.values(), given.time("since"), given.time("until"));
    String question = given.question("sessions");
    Page<Session> page = query.sessions(filter, given.limit(), position(given, question));
    JsonBody.send(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("sessions");
          for (Session session : page.items()) {
            json.writeStartObject();
            write(session, json);
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeStringField("next_cursor", Cursor.write(page.next(), question, cursorKey));
          json.writeEndObject();
        });
  }

  void session(HttpServerExchange exchange) throws Refused, QueryException, SinkException {
    String sessionId = sessionId(exchange);
    Session session = query.session(sessionId);
    if (session == null) {
      throw notFound("there is no such session");
    }
    List<Recording> recordings = recordings(sessionId);
    JsonBody.send(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          write(session, json);
          write(recordings, json);
          json.writeEndObject();
        });
  }

  private static void write(Session session, JsonGenerator json) throws IOException {
    json.writeStringField("session_id", session.sessionId());
    json.writeStringField("visitor_id", session.visitorId());
    json.writeStringField("user_id", session.userId());
    JsonBody.time(json, "first_time", session.firstTime());
    JsonBody.time(json, "last_time", session.lastTime());
    json.writeNumberField("page_views", session.pageViews());
    json.writeNumberField("custom_events", session.customEvents());
    json.writeNumberField("errors", session.errors());
    json.writeStringField("entry_url", session.entryUrl());
    json.writeBooleanField("has_replay", session.hasReplay());
  }

  void replay(HttpServerExchange exchange) throws Refused, QueryException, SinkException {
    String sessionId = sessionId(exchange);
    List<Recording> recordings = recordings(sessionId);
    if (recordings.isEmpty()) {
      throw notFound("there is no replay of this session");
    }
    JsonBody.send(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeStringField("session_id", sessionId);
          write(recordings, json);
          json.writeEndObject();
        });
  }

  /**
   * A recording and what of it is stored.
   *
   * @param started null while the record of its start is not delivered
   */
  private record Recording(
      String id, @Nullable StoredRecord started, List<ReplayStore.Batch> batches) {
    long startTime() {
      return started == null ? Long.MAX_VALUE : started.timestamp();
    }
  }

  private List<Recording> recordings(String sessionId) throws QueryException, SinkException {
    Map<String, StoredRecord> started = new LinkedHashMap<>();
    for (StoredRecord record : query.recordings(sessionId)) {
      started.put(String.valueOf(record.text(Field.RECORDING_ID)), record);
    }
    Map<String, List<ReplayStore.Batch>> batches = new LinkedHashMap<>();
    for (ReplayStore.Batch batch : replays.list(sessionId)) {
      batches.computeIfAbsent(batch.key().recordingId(), id -> new ArrayList<>()).add(batch);
    }
    List<Recording> recordings = new ArrayList<>();
    batches.forEach((id, list) -> recordings.add(new Recording(id, started.get(id), list)));
    recordings.sort(
        (a, b) -> {
          int time = Long.compare(a.startTime(), b.startTime());
          return time != 0 ? time : a.id().compareTo(b.id());
        });
    return recordings;
  }

  private static void write(List<Recording> recordings, JsonGenerator json) throws IOException {
    int missing = 0;
    json.writeArrayFieldStart("recordings");
    for (Recording recording : recordings) {
      StoredRecord started = recording.started();
      json.writeStartObject();
      json.writeStringField("recording_id", recording.id());
      JsonBody.time(json, "start_time", started == null ? null : started.timestamp());
      json.writeStringField(
          "initial_url", started == null ? null : started.text(Field.INITIAL_URL));
      json.writeStringField("user_id", started == null ? null : started.text(Field.USER_ID));
      json.writeArrayFieldStart("batches");
      for (ReplayStore.Batch batch : recording.batches()) {
        json.writeStartObject();
        json.writeNumberField("sequence", batch.key().sequence());
        json.writeNumberField("bytes", batch.bytes());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("missing");
      int next = 0;
      for (ReplayStore.Batch batch : recording.batches()) {
        for (; next < batch.key().sequence() && missing < MAX_MISSING; next++) {
          json.writeNumber(next);
          missing++;
        }
        next = batch.key().sequence() + 1;
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  void replayBatch(HttpServerExchange exchange) throws Refused, SinkException, IOException {
    String recordingId = Parameters.ofPath(exchange, "recording_id");
    String sequence = Parameters.ofPath(exchange, "sequence");
    if (!ReplayKey.isId(recordingId) || !sequence.matches("0|[1-9]\\d{0,5}")) {
      throw notFound("there is no such batch");
    }
    ReplayKey key = new ReplayKey(sessionId(exchange), recordingId, Integer.parseInt(sequence));
    try (InputStream stored = replays.open(key)) {
      if (stored == null) {
        throw notFound("there is no such batch");
      }
      byte[] bytes = stored.readAllBytes(); // bounded by what an upload may have
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange.getResponseHeaders().put(Headers.CONTENT_ENCODING, "gzip");
      exchange.setResponseContentLength(bytes.length);
      exchange.getResponseSender().send(ByteBuffer.wrap(bytes));
    }
  }

  private static String sessionId(HttpServerExchange exchange) throws Refused {
    String id = Parameters.ofPath(exchange, "session_id");
    if (!ReplayKey.isId(id)) {
      throw notFound("there is no such session");
    }
    return id;
  }

  private static Refused notFound(String detail) {
    return new Problem(404, detail).refused();
  }
}
