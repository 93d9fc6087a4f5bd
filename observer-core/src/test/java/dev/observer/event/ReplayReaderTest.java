package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayReaderTest {
  private static final String HEAD =
      """
      {"session_id":"session-1","recording_id":"recording-1","sequence":7,
       "start_time":"2026-11-22T09:59:58Z","initial_url":"https://shop.example/",\
      """;

  private static ReplayReader read(String body, int piece) throws BatchException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    ReplayReader reader = new ReplayReader(20, 1024, Golden.arrival());
    for (int at = 0; at < bytes.length; at += piece) {
      reader.accept(bytes, at, Math.min(bytes.length, at + piece));
    }
    return reader;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64, 100_000})
  void golden_isReadInPiecesOfAnySize(int piece) throws Exception {
    ReplayReader reader = read(Golden.text("replay.request.json"), piece);
    ReplayHead head = reader.finish();

    assertEquals("0193b1c2-7a00-7000-8000-000000000001", head.sessionId());
    assertEquals("0193b1c2-7a05-7000-8000-000000000006", head.recordingId());
    assertEquals(0, head.sequence());
    assertEquals("rrweb", head.encoding());
    assertEquals(2, reader.events());
    StoredRecord started = head.started();
    assertEquals("session_replay_started", started.text(Field.EVENT_TYPE));
    assertEquals("https://shop.example/", started.text(Field.INITIAL_URL));
    assertEquals("u-1", started.text(Field.USER_ID));
    assertEquals("shop-web", started.text(Field.SERVICE_NAME));
    assertEquals(Rfc3339.parse("2026-11-22T09:59:58Z"), started.number(Field.START_TIME));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void packedEvents_areCountedOneByOne(int piece) throws Exception {
    JsonNode golden = new ObjectMapper().readTree(Golden.text("replay-packed-2.json"));
    ReplayReader reader =
        read(HEAD + "\"encoding\":\"packed-2\",\"events\":" + golden.get("packed") + "}", piece);
    assertEquals("packed-2", reader.finish().encoding());
    assertEquals(golden.get("events").size(), reader.events());
  }

  @Test
  void started_isTheSameForEveryBatchOfARecording_andOtherForAnother() throws Exception {
    ReplayHead one = read(HEAD + "\"events\":[]}", 50).finish();
    ReplayHead two = read(HEAD.replace(":7,", ":8,") + "\"events\":[1]}", 50).finish();
    ReplayHead other =
        read(HEAD.replace("recording-1", "recording-2") + "\"events\":[]}", 50).finish();
    assertEquals(one.started().eventId(), two.started().eventId());
    assertNotEquals(one.started().eventId(), other.started().eventId());
  }

  @Test
  void heldBytes_growWithTheHead_andNotWithTheEvents() throws Exception {
    String head = HEAD + "\"x\":\"" + "x".repeat(100_000) + "\",";
    assertTrue(read(head, 1000).heldBytes() > 100_000);
    int begun = read(head + "\"events\":[", 1000).heldBytes();
    assertTrue(begun < 1000, begun + " bytes");
    assertEquals(begun, read(head + "\"events\":[" + "\"x\",".repeat(50_000), 1000).heldBytes());
    String names = "{\"events\":[{\"a\":{\"b\":1,\"c\":{";
    assertTrue(read(HEAD + names.substring(1), 10).heldBytes() > begun);
  }

  @Test
  void head_isKnownBeforeTheEventsEnd() throws Exception {
    ReplayReader reader = read(HEAD + "\"events\":[{\"type\":4", 10);
    assertEquals("session-1", Objects.requireNonNull(reader.head()).sessionId());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"recording_id":"recording-1","sequence":0,"start_time":"2026-11-22T09:59:58Z","events":[]} | /session_id
          {"session_id":"../secret","recording_id":"recording-1","sequence":0,"start_time":"2026-11-22T09:59:58Z","events":[]} | /session_id
          {"session_id":"session-1","recording_id":"a/b","sequence":0,"start_time":"2026-11-22T09:59:58Z","events":[]} | /recording_id
          {"session_id":"session-1","recording_id":"recording-1","sequence":1000000,"start_time":"2026-11-22T09:59:58Z","events":[]} | /sequence
          {"session_id":"session-1","recording_id":"recording-1","sequence":-1,"start_time":"2026-11-22T09:59:58Z","events":[]} | /sequence
          {"session_id":"session-1","recording_id":"recording-1","sequence":1.5,"start_time":"2026-11-22T09:59:58Z","events":[]} | /sequence
          {"session_id":"session-1","recording_id":"recording-1","sequence":0,"events":[]} | /start_time
          {"session_id":"session-1","recording_id":"recording-1","sequence":0,"start_time":"2026-11-22T09:59:58Z","encoding":"A","events":[]} | /encoding
          {"session_id":"session-1","recording_id":"recording-1","sequence":0,"start_time":"2026-11-22T09:59:58Z","events":{}} | /events
          {"session_id":"session-1","recording_id":"recording-1","sequence":0,"start_time":"2026-11-22T09:59:58Z"} | /events
          {"session_id":"session-1","recording_id":"recording-1","start_time":"2026-11-22T09:59:58Z","events":[],"sequence":0} | /sequence
          """)
  void badHead_isNamed(String body, String pointer) {
    BatchException e = assertThrows(BatchException.class, () -> read(body, 7).finish());
    assertEquals(BatchException.Reason.INVALID, e.reason());
    assertEquals(pointer, e.violations().get(0).pointer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"url\":\"\"",
        "\"feature_flags\":[]",
        "\"session_id\":\"a/b\"",
        "\"url\":\"\",\"user_id\":\"u-1\""
      })
  void wrongContext_doesNotMatter_whereAReplayHasNothingOfIt(String field) throws Exception {
    ReplayHead head = read(HEAD + "\"context\":{" + field + "},\"events\":[]}", 30).finish();
    assertEquals("session-1", head.started().text(Field.SESSION_ID));
    assertEquals(field.contains("user_id") ? "u-1" : null, head.started().text(Field.USER_ID));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"user_id\":7,\"url\":\"\"} | /context/user_id",
        "{\"visitor_id\":\"a\"} | /context/visitor_id",
        "{\"source\":\"server\"} | /context/source",
        "[] | /context",
      })
  void wrongContext_thatAReplayWouldHave_isRefused(String context, String pointer) {
    String body = HEAD + "\"context\":" + context + ",\"events\":[]}";
    BatchException e = assertThrows(BatchException.class, () -> read(body, 30).finish());
    assertEquals(pointer, e.violations().get(0).pointer());
  }

  @ParameterizedTest
  @CsvSource({"sdk, /sdk", "a/b~1, /a~1b~01"})
  void fieldAfterTheEvents_isRefused(String name, String pointer) {
    String body = HEAD + "\"events\":[],\"" + name + "\":{}}";
    BatchException e = assertThrows(BatchException.class, () -> read(body, 9).finish());
    assertEquals(pointer, e.violations().get(0).pointer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "1",
        "{",
        "{\"session_id\":\"session-1\"",
        "x",
        "\uFEFF{}",
      })
  void whatIsNoObject_isRefused(String body) {
    assertThrows(BatchException.class, () -> read(body, 5).finish());
  }

  @Test
  void truncatedTrailingDuplicateAndInvalidUtf8_areMalformed() {
    for (String body :
        new String[] {
          HEAD + "\"events\":[1,2",
          HEAD + "\"events\":[]} x",
          HEAD + "\"events\":[]}{}",
          HEAD + "\"events\":[{\"a\":1,\"a\":2}]}",
          HEAD + "\"events\":[NaN]}"
        }) {
      BatchException e = assertThrows(BatchException.class, () -> read(body, 11).finish(), body);
      assertEquals(BatchException.Reason.MALFORMED, e.reason(), body);
    }
    byte[] invalid = (HEAD + "\"events\":[\"\u00e9\"]}").getBytes(StandardCharsets.ISO_8859_1);
    ReplayReader reader = new ReplayReader(20, 1024, Golden.arrival());
    assertThrows(BatchException.class, () -> reader.accept(invalid, 0, invalid.length));
  }

  @Test
  void tooDeep_isTooLarge() {
    String body = HEAD + "\"events\":" + "[".repeat(30) + "]".repeat(30) + "}";
    BatchException e = assertThrows(BatchException.class, () -> read(body, 100).finish());
    assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
  }
}
