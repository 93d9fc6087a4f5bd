package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchReaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ID = "0193b1c2-7a10-7000-8000-00000000000";
  private static final String TIME = "2026-11-22T10:00:00.123Z";

  private final BatchReader reader = new BatchReader(50, 8, 1024);

  private Batch read(Kind kind, String body) throws BatchException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return reader.read(kind, bytes, bytes.length, Golden.arrival());
  }

  private Batch event(String fields) throws BatchException {
    return read(Kind.EVENT, "{\"events\":[" + item(1, fields) + "]}");
  }

  private static String item(int number, String fields) {
    return """
        {"event_id":"%s%d","timestamp":"%s","event_type":"custom_event"%s}"""
        .formatted(ID, number, TIME, fields);
  }

  private static JsonNode stored(StoredRecord record) throws IOException {
    return JSON.readTree(StoredForm.write(record));
  }

  @Test
  void goldenEvents_becomeTheGoldenStoredForm() throws Exception {
    Batch batch = read(Kind.EVENT, Golden.text("events.request.json"));

    assertEquals(List.of(), batch.rejected());
    List<String> expected = Golden.text("events.stored.ndjson").lines().toList();
    assertEquals(expected.size(), batch.accepted().size());
    for (int i = 0; i < expected.size(); i++) {
      String line = new String(StoredForm.write(batch.accepted().get(i)), StandardCharsets.UTF_8);
      assertEquals(expected.get(i), line);
    }
  }

  @Test
  void goldenErrors_keepEverythingThatWasSent() throws Exception {
    Batch batch = read(Kind.ERROR, Golden.text("errors.request.json"));

    assertEquals(List.of(), batch.rejected());
    JsonNode stored = stored(batch.accepted().get(0));
    JsonNode sent = JSON.readTree(Golden.read("errors.request.json"));
    sent.get("context")
        .properties()
        .forEach(e -> assertEquals(e.getValue(), stored.get(e.getKey())));
    sent.get("errors")
        .get(0)
        .properties()
        .forEach(e -> assertEquals(e.getValue(), stored.get(e.getKey())));
    assertEquals("error", stored.get("kind").asText());
    assertEquals("client", stored.get("source").asText());
    assertEquals(32, stored.get("fingerprint").asText().length());
    assertEquals(1, stored.get("fingerprint_version").asInt());
  }

  @Test
  void stored_readsAsItWasWritten() throws Exception {
    for (Kind kind : List.of(Kind.EVENT, Kind.ERROR)) {
      String golden = kind == Kind.EVENT ? "events.request.json" : "errors.request.json";
      for (StoredRecord record : read(kind, Golden.text(golden)).accepted()) {
        byte[] line = StoredForm.write(record);
        assertEquals(
            new String(line, StandardCharsets.UTF_8),
            new String(StoredForm.write(StoredForm.read(line)), StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void receivedAt_canBeSetInALine() throws Exception {
    byte[] line = StoredForm.write(event(",\"event_name\":\"a\"").accepted().get(0));
    StoredForm.setReceivedAt(line, 1_800_000_000_000L);
    assertEquals(1_800_000_000_000L, StoredForm.read(line).receivedAt());
  }

  @Test
  void oneBadItem_isRefusedAlone_withItsPointer() throws Exception {
    String body =
        "{\"events\":["
            + item(0, ",\"event_name\":\"a\"")
            + ","
            + item(1, ",\"event_name\":\" \"")
            + ","
            + item(2, ",\"event_name\":\"c\"")
            + "]}";
    Batch batch = read(Kind.EVENT, body);
    assertEquals(2, batch.accepted().size());
    assertEquals(1, batch.refused());
    assertEquals(
        List.of(new Violation("/events/1/event_name", "must not be blank")), batch.rejected());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a"} | event_id | is required
          {"event_id":"1","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a"} | event_id | must be a UUID
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","event_type":"custom_event","event_name":"a"} | timestamp | is required
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"yesterday","event_type":"custom_event","event_name":"a"} | timestamp | must be a time as in RFC 3339
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"1999-12-31T23:59:59Z","event_type":"custom_event","event_name":"a"} | timestamp | must not be before the year 2000
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-24T10:00:00Z","event_type":"custom_event","event_name":"a"} | timestamp | must not be more than a day in the future
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_name":"a"} | event_type | is required
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"click"} | event_type | must be one of [custom_event, page_view]
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"page_view"} | url | is required
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event"} | event_name | is required
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":7} | event_name | must be a string
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a","session_id":"../../etc/passwd"} | session_id | must match [A-Za-z0-9_-]{8,64}
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a","service_name":"a b"} | service_name | must match [A-Za-z0-9._-]{1,64}
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a","kind":"error"} | kind | is set by the server and must not be sent
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a","properties":[1]} | properties | must be an object
          {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z","event_type":"custom_event","event_name":"a","screen_width":-1} | screen_width | must be a whole number from 0 to 1000000
          """)
  void badField_isNamed(String item, String field, String reason) throws Exception {
    Batch batch = read(Kind.EVENT, "{\"events\":[" + item + "]}");
    assertEquals(List.of(new Violation("/events/0/" + field, reason)), batch.rejected());
    assertEquals(List.of(), batch.accepted());
  }

  @Test
  void tooLongString_isNamedInDepth() throws Exception {
    String longText = "x".repeat(1025);
    assertEquals(
        List.of(new Violation("/events/0/properties/a~1b/1", "must have at most 1024 bytes")),
        event(",\"event_name\":\"a\",\"properties\":{\"a/b\":[1,\"" + longText + "\"]}")
            .rejected());
    assertEquals(
        List.of(new Violation("/events/0/event_name", "must have at most 1024 bytes")),
        event(",\"event_name\":\"" + "é".repeat(513) + "\"").rejected());
  }

  @Test
  void unknownFields_areDropped_andFreeDataIsKept() throws Exception {
    JsonNode stored =
        stored(
            event(
                    ",\"event_name\":\"a\",\"nonsense\":{\"x\":[1]},\"properties\":{\"n\":1e400,\"z\":null}")
                .accepted()
                .get(0));
    assertTrue(stored.path("nonsense").isMissingNode());
    String line =
        new String(
            StoredForm.write(
                event(",\"event_name\":\"a\",\"properties\":{\"n\":1e400,\"z\":null}")
                    .accepted()
                    .get(0)),
            StandardCharsets.UTF_8);
    assertTrue(line.contains("\"properties\":{\"n\":1e400,\"z\":null}"), line);
  }

  @Test
  void loneSurrogates_becomeQuestionMarks() throws Exception {
    StoredRecord record =
        event(
                ",\"event_name\":\"a\\ud800b\",\"properties\":{\"\\udc00k\":\"\\ud83d\\ude00\\ud83d\"}")
            .accepted()
            .get(0);
    assertEquals("a?b", record.text(Field.EVENT_NAME));
    assertEquals(new Json("{\"?k\":\"😀?\"}"), record.value(Field.PROPERTIES));
  }

  @Test
  void wrongClock_movesEveryTimeOfTheBatch() throws Exception {
    // The sender's clock is an hour behind.
    String body =
        "{\"sent_at\":\"2026-11-22T09:00:01.050Z\",\"events\":[{\"event_id\":\""
            + ID
            + "1\",\"timestamp\":\"2026-11-22T08:59:51.050Z\",\"event_type\":\"custom_event\",\"event_name\":\"a\"}]}";
    assertEquals(Golden.RECEIVED_AT - 10_000, read(Kind.EVENT, body).accepted().get(0).timestamp());
  }

  @Test
  void offset_isStoredAsUtc() throws Exception {
    String body =
        "{\"events\":[{\"event_id\":\""
            + ID.toUpperCase(java.util.Locale.ROOT)
            + "A\",\"timestamp\":\"2026-11-22T12:00:00.5+02:00\",\"event_type\":\"custom_event\",\"event_name\":\"a\"}]}";
    JsonNode stored = stored(read(Kind.EVENT, body).accepted().get(0));
    assertEquals("2026-11-22T10:00:00.500Z", stored.get("timestamp").asText());
    assertEquals(ID + "a", stored.get("event_id").asText());
  }

  @Test
  void context_appliesToEveryItem_andTheItemsOwnFieldWins() throws Exception {
    String body =
        "{\"context\":{\"route\":\"/a\",\"user_id\":\"u\"},\"events\":["
            + item(1, ",\"event_name\":\"a\"")
            + ","
            + item(2, ",\"event_name\":\"b\",\"route\":\"/b\"")
            + "]}";
    List<StoredRecord> records = read(Kind.EVENT, body).accepted();
    assertEquals("/a", records.get(0).text(Field.ROUTE));
    assertEquals("/b", records.get(1).text(Field.ROUTE));
    assertEquals("u", records.get(1).text(Field.USER_ID));
  }

  @Test
  void context_afterTheItems_appliesToo() throws Exception {
    String body =
        "{\"events\":[" + item(1, ",\"event_name\":\"a\"") + "],\"context\":{\"user_id\":\"u\"}}";
    assertEquals("u", read(Kind.EVENT, body).accepted().get(0).text(Field.USER_ID));
  }

  @Test
  void badContext_refusesTheItemsThatNeedIt_andIsSaidOnce() throws Exception {
    String body =
        "{\"context\":{\"session_id\":\"a b\"},\"events\":["
            + item(1, ",\"event_name\":\"a\"")
            + ","
            + item(2, ",\"event_name\":\"b\",\"session_id\":\"own-session\"")
            + ","
            + item(3, ",\"event_name\":\"c\"")
            + "]}";
    Batch batch = read(Kind.EVENT, body);
    assertEquals(1, batch.accepted().size());
    assertEquals(2, batch.refused());
    assertEquals(
        List.of(new Violation("/context/session_id", "must match [A-Za-z0-9_-]{8,64}")),
        batch.rejected());
  }

  @Test
  void oneServiceTooMany_isRefused_andTheServersOwnNever() throws Exception {
    Arrival arrival = Golden.arrival(); // room for three pairs, one is the server's
    for (int i = 0; i < 4; i++) {
      byte[] body =
          ("{\"context\":{\"service_name\":\"s"
                  + i
                  + "\"},\"events\":["
                  + item(i, ",\"event_name\":\"a\"")
                  + "]}")
              .getBytes(StandardCharsets.UTF_8);
      Batch batch = reader.read(Kind.EVENT, body, body.length, arrival);
      if (i < 2) {
        assertEquals(1, batch.accepted().size());
      } else {
        assertEquals("/context/service_name", batch.rejected().get(0).pointer());
      }
    }
    byte[] body =
        ("{\"events\":[" + item(9, ",\"event_name\":\"a\"") + "]}")
            .getBytes(StandardCharsets.UTF_8);
    Batch batch = reader.read(Kind.EVENT, body, body.length, arrival);
    assertEquals("server", batch.accepted().get(0).text(Field.SERVICE_NAME));
    assertEquals("test", batch.accepted().get(0).text(Field.ENVIRONMENT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "{",
        "[1]x",
        "{\"events\":[]} {}",
        "{\"events\":NaN}",
        "{\"a\":1,\"a\":2,\"events\":[]}",
        "\uFEFF{\"events\":[]}",
        "{\"events\":[{\"properties\":{\"a\":1,\"a\":2}}]}",
        "{\"a\":\"\u0000\"}",
        "{'events':[]}"
      })
  void whatIsNotStrictJson_isMalformed(String body) {
    BatchException e = assertThrows(BatchException.class, () -> read(Kind.EVENT, body));
    assertTrue(
        e.reason() == BatchException.Reason.MALFORMED || body.startsWith("[") || body.isEmpty(),
        e.getMessage());
  }

  @Test
  void otherEncodings_areMalformed() {
    for (byte[] body :
        List.of(
            "{\"events\":[]}".getBytes(StandardCharsets.UTF_16LE),
            "{\"events\":[]}".getBytes(StandardCharsets.UTF_16),
            new byte[] {'{', '"', (byte) 0xC0, (byte) 0xAF, '"', ':', '1', '}'},
            new byte[] {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'},
            new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'})) {
      BatchException e =
          assertThrows(
              BatchException.class,
              () -> reader.read(Kind.EVENT, body, body.length, Golden.arrival()));
      assertEquals(BatchException.Reason.MALFORMED, e.reason());
    }
  }

  @Test
  void tooDeep_tooManyItems_tooManyNames_areTooLarge() {
    String deep = "{\"events\":" + "[".repeat(8) + "]".repeat(8) + "}";
    StringBuilder items = new StringBuilder("{\"events\":[{}");
    items.append(",{}".repeat(50)).append("]}");
    StringBuilder names = new StringBuilder("{\"a\":1");
    for (int i = 0; i <= StrictParser.MAX_MEMBERS; i++) {
      names.append(",\"n").append(i).append("\":1");
    }
    for (String body : List.of(deep, items.toString(), names.append('}').toString())) {
      BatchException e = assertThrows(BatchException.class, () -> read(Kind.EVENT, body));
      assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
    }
  }

  @Test
  void missingOrEmptyItems_areNamed() {
    for (String body : List.of("{}", "{\"events\":[]}", "{\"events\":{}}", "{\"errors\":[{}]}")) {
      BatchException e = assertThrows(BatchException.class, () -> read(Kind.EVENT, body));
      assertEquals(BatchException.Reason.INVALID, e.reason());
      assertEquals("/events", e.violations().get(0).pointer());
    }
  }

  @Test
  void sameMistake_hasTheSameFingerprint_overLinesHashesAndIds() throws Exception {
    String one = fingerprint("TypeError", "x is 1", "    at pay (https://s/app-3fa9b2c1.js:1:2)");
    assertEquals(
        one, fingerprint("TypeError", "x is 2", "    at pay (https://s/app-99a9b2ff.js:7:9)"));
    assertTrue(
        !one.equals(
            fingerprint("TypeError", "x is 1", "    at other (https://s/app-3fa9b2c1.js:1:2)")));
    assertEquals(fingerprint("E", "order 17 failed", ""), fingerprint("E", "order 18 failed", ""));
    assertTrue(
        !fingerprint("E", "order 17 failed", "").equals(fingerprint("E", "user 17 failed", "")));
  }

  private String fingerprint(String type, String message, String stack) throws Exception {
    String body =
        "{\"errors\":[{\"event_id\":\""
            + ID
            + "1\",\"timestamp\":\""
            + TIME
            + "\",\"error_type\":\""
            + type
            + "\",\"message\":\""
            + message
            + "\",\"stack_trace\":\""
            + type
            + ": "
            + message
            + "\\n"
            + stack
            + "\"}]}";
    return String.valueOf(read(Kind.ERROR, body).accepted().get(0).text(Field.FINGERPRINT));
  }
}
