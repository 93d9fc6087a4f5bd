package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  private static String errorItem(int number, String fields) {
    return """
        {"event_id":"%s%d","timestamp":"%s","message":"m"%s}"""
        .formatted(ID, number, TIME, fields);
  }

  private static List<JsonNode> stored(Batch batch) throws IOException {
    List<JsonNode> trees = new ArrayList<>();
    for (byte[] line : batch.lines()) {
      trees.add(JSON.readTree(line));
    }
    return trees;
  }

  private static List<StoredRecord> records(Batch batch) throws IOException {
    List<StoredRecord> records = new ArrayList<>();
    for (byte[] line : batch.lines()) {
      records.add(StoredForm.read(line));
    }
    return records;
  }

  @Test
  void goldenEvents_becomeTheGoldenStoredForm() throws Exception {
    Batch batch = read(Kind.EVENT, Golden.text("events.request.json"));

    assertEquals(List.of(), batch.rejected());
    List<String> expected = Golden.text("events.stored.ndjson").lines().toList();
    assertEquals(expected.size(), batch.lines().size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(JSON.readTree(expected.get(i)), stored(batch).get(i));
    }
    assertEquals(Map.of("page_view", 1, "custom_event", 1), batch.types());
  }

  @Test
  void goldenErrors_keepEverythingThatWasSent() throws Exception {
    Batch batch = read(Kind.ERROR, Golden.text("errors.request.json"));

    assertEquals(List.of(), batch.rejected());
    JsonNode stored = stored(batch).get(0);
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
    assertEquals(2, stored.get("fingerprint_version").asInt());
  }

  @Test
  void stored_readsAsItWasWritten() throws Exception {
    for (Kind kind : List.of(Kind.EVENT, Kind.ERROR)) {
      String golden = kind == Kind.EVENT ? "events.request.json" : "errors.request.json";
      for (byte[] line : read(kind, Golden.text(golden)).lines()) {
        byte[] again = StoredForm.write(StoredForm.read(line));
        assertEquals(JSON.readTree(line), JSON.readTree(again));
        assertEquals(
            new String(again, StandardCharsets.UTF_8),
            new String(StoredForm.write(StoredForm.read(again)), StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void receivedAt_canBeSetInALine() throws Exception {
    byte[] line = event(",\"event_name\":\"a\"").lines().get(0);
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
    assertEquals(2, batch.lines().size());
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
    assertEquals(List.of(), batch.lines());
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
                    ",\"event_name\":\"a\",\"nonsense\":{\"x\":[1]},\"properties\":{\"n\":1e400,\"z\":null}"))
            .get(0);
    assertTrue(stored.path("nonsense").isMissingNode());
    String line =
        new String(
            event(",\"event_name\":\"a\",\"properties\":{\"n\":1e400,\"z\":null}").lines().get(0),
            StandardCharsets.UTF_8);
    assertTrue(line.contains("\"properties\":{\"n\":1e400,\"z\":null}"), line);
  }

  @Test
  void loneSurrogates_becomeQuestionMarks() throws Exception {
    StoredRecord record =
        records(
                event(
                    ",\"event_name\":\"a\\ud800b\",\"properties\":{\"\\udc00k\":\"\\ud83d\\ude00\\ud83d\"}"))
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
    assertEquals(Golden.RECEIVED_AT - 10_000, records(read(Kind.EVENT, body)).get(0).timestamp());
  }

  @Test
  void wrongClock_movesTheTimesOfBreadcrumbs_asFarAsThereAreSuchTimes() throws Exception {
    // Refused members before and after: their times are no longer where they were read.
    String crumbs =
        "[{\"timestamp\":\"2026-11-22T08:59:41.050Z\",\"category\":\"click\"},"
            + "{\"category\":\"custom\",\"timestamp\":\"2026-11-22T10:59:42.050+02:00\"},"
            + "{\"timestamp\":\"9999-12-31T23:59:59.999Z\",\"category\":\"http\"}]";
    String body =
        "{\"errors\":["
            + errorItem(1, ",\"breadcrumbs\":[{\"timestamp\":\"2026-11-22T08:00:00.000Z\"},7]")
            + ","
            + errorItem(2, ",\"breadcrumbs\":" + crumbs)
            + "],\"sent_at\":\"2026-11-22T09:00:01.050Z\"}";
    JsonNode stored = stored(read(Kind.ERROR, body)).get(0).get("breadcrumbs");
    assertEquals("2026-11-22T09:59:41.050Z", stored.get(0).get("timestamp").asText());
    assertEquals("2026-11-22T09:59:42.050Z", stored.get(1).get("timestamp").asText());
    assertEquals("9999-12-31T23:59:59.999Z", stored.get(2).get("timestamp").asText());
  }

  @Test
  void emptyFingerprint_isNone() throws Exception {
    String body =
        "{\"errors\":["
            + errorItem(1, ",\"fingerprint\":[]")
            + ","
            + errorItem(2, "")
            + ","
            + errorItem(3, ",\"fingerprint\":[\"\"]")
            + "]}";
    List<JsonNode> stored = stored(read(Kind.ERROR, body));
    assertEquals(stored.get(1).get("fingerprint"), stored.get(0).get("fingerprint"));
    assertNotEquals(stored.get(1).get("fingerprint"), stored.get(2).get("fingerprint"));
  }

  @Test
  void whateverDepthIsAllowed_isReadBack() throws Exception {
    int depth = 5_000;
    String nested = "[".repeat(depth) + "]".repeat(depth);
    String body =
        "{\"events\":["
            + item(1, ",\"event_name\":\"a\",\"properties\":{\"a\":" + nested + "}")
            + "]}";
    BatchReader deep = new BatchReader(1_000, depth + 10, 64 << 10);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Batch batch = deep.read(Kind.EVENT, bytes, bytes.length, Golden.arrival());
    String again =
        new String(StoredForm.write(StoredForm.read(batch.lines().get(0))), StandardCharsets.UTF_8);
    assertTrue(again.contains("{\"a\":" + nested + "}"));
  }

  @Test
  void sdkThatSaysNull_saysNothing() throws Exception {
    String body =
        "{\"sdk\":{\"name\":\"x\",\"version\":null},\"events\":["
            + item(1, ",\"event_name\":\"a\"")
            + "]}";
    JsonNode stored = stored(read(Kind.EVENT, body)).get(0);
    assertEquals("x", stored.get("sdk_name").asText());
    assertFalse(stored.has("sdk_version"));
  }

  @Test
  void offset_isStoredAsUtc() throws Exception {
    String body =
        "{\"events\":[{\"event_id\":\""
            + ID.toUpperCase(java.util.Locale.ROOT)
            + "A\",\"timestamp\":\"2026-11-22T12:00:00.5+02:00\",\"event_type\":\"custom_event\",\"event_name\":\"a\"}]}";
    JsonNode stored = stored(read(Kind.EVENT, body)).get(0);
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
    List<StoredRecord> records = records(read(Kind.EVENT, body));
    assertEquals("/a", records.get(0).text(Field.ROUTE));
    assertEquals("/b", records.get(1).text(Field.ROUTE));
    assertEquals("u", records.get(1).text(Field.USER_ID));
  }

  @Test
  void escapesInNamesAndValues_meanTheSame() throws Exception {
    String body =
        """
        {"\\u0065vents":[{"event\\u005fid":"0193B1C2-7a10-7000-8000-00000000000\\u0031",
         "timest\\u0061mp":"2026-11-22T10:00:00.123\\u005a","event_type":"custom\\u005fevent",
         "event_n\\u0061me":"\\u0061\\"\\n","session_id":"session\\u002d1"}]}""";
    StoredRecord record = records(read(Kind.EVENT, body)).get(0);
    assertEquals(ID + "1", record.eventId());
    assertEquals(Rfc3339.parse(TIME), record.timestamp());
    assertEquals("custom_event", record.text(Field.EVENT_TYPE));
    assertEquals("a\"\n", record.text(Field.EVENT_NAME));
    assertEquals("session-1", record.text(Field.SESSION_ID));
    assertThrows(
        BatchException.class, () -> event(",\"event_name\":\"a\",\"event_n\\u0061me\":\"b\""));
  }

  @Test
  void escapes_areCountedAsWhatTheyMean() throws Exception {
    String exact = "\\u00e9".repeat(512);
    assertEquals(
        "é".repeat(512), // 1,024 bytes
        records(event(",\"event_name\":\"" + exact + "\"")).get(0).text(Field.EVENT_NAME));
    assertEquals(
        List.of(new Violation("/events/0/event_name", "must have at most 1024 bytes")),
        event(",\"event_name\":\"" + exact + "x\"").rejected());
    assertEquals(
        1, event(",\"event_name\":\"a\",\"properties\":{\"a\":\"" + exact + "\"}").lines().size());
    assertEquals(
        1, event(",\"event_name\":\"a\",\"user_id\":\"" + "\\n".repeat(256) + "\"").lines().size());
    assertEquals(
        List.of(new Violation("/events/0/user_id", "must have at most 256 characters")),
        event(",\"event_name\":\"a\",\"user_id\":\"" + "\\n".repeat(257) + "\"").rejected());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\u0020\"", "\"\\n\\t\"", "\"\u2003\"", "\"\""})
  void blankName_isBlank_howeverItIsWritten(String name) throws Exception {
    assertEquals(
        List.of(new Violation("/events/0/event_name", "must not be blank")),
        event(",\"event_name\":" + name).rejected());
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\n", "\r\n", "\t \n"})
  void whiteSpace_mayStandEverywhere_andALineStaysOneLine(String space) throws Exception {
    String tight =
        "{\"sdk\":{\"name\":\"n\"},\"context\":{\"screen_width\":7},\"events\":["
            + item(1, ",\"event_name\":\"a b\",\"properties\":{\"a\":[1,{\"b\":[]},{}],\"c\":null}")
            + "]}";
    StringBuilder wide = new StringBuilder(space);
    boolean inString = false;
    for (int i = 0; i < tight.length(); i++) {
      char c = tight.charAt(i);
      inString ^= c == '"';
      boolean token = !inString && "{}[],:".indexOf(c) >= 0;
      wide.append(token ? space : "").append(c).append(token ? space : "");
    }
    byte[] line = read(Kind.EVENT, wide.append(space).toString()).lines().get(0);
    for (byte b : line) {
      assertTrue(b < 0 || b >= ' ', "a line of the spool ends at a line break");
    }
    assertEquals(stored(read(Kind.EVENT, tight)).get(0), JSON.readTree(line));
  }

  @Test
  void contextFields_areOverriddenOneByOne() throws Exception {
    String context =
        "\"context\":{\"service_name\":\"s\",\"environment\":\"e\",\"release\":\"1\","
            + "\"user_id\":\"u\",\"language\":\"de\",\"viewport_height\":5,\"url\":\"/u\"}";
    String items =
        "\"events\":["
            + item(1, ",\"event_name\":\"a\",\"service_name\":\"t\",\"viewport_height\":6")
            + ","
            + item(2, ",\"event_name\":\"b\",\"url\":\"/v\",\"release\":null,\"user_agent\":\"x\"")
            + "]}";
    for (String body : List.of("{" + context + "," + items, "{" + items)) {
      String whole = body.contains("context") ? body : body.replace("]}", "]," + context + "}");
      List<JsonNode> stored = stored(read(Kind.EVENT, whole));
      JsonNode one = stored.get(0);
      JsonNode two = stored.get(1);
      assertEquals("t e 1 u de 6 /u", values(one));
      assertEquals("s e 1 u de 5 /v", values(two));
      assertEquals("Mozilla/5.0 (golden)", one.get("user_agent").asText());
      assertEquals("x", two.get("user_agent").asText());
      assertEquals(one.size(), two.size());
    }
  }

  @Test
  void addresses_areKeptWithoutTheirSecrets() throws Exception {
    String body =
        "{\"context\":{\"url\":\"/in?to\\u006ben=a\"},\"events\":["
            + item(1, ",\"event_name\":\"a\",\"referrer\":\"/x?q=1&code=\\\"b\\\"#c\"")
            + ","
            + item(2, ",\"event_name\":\"token=b\",\"url\":\"/?q=\\\"\"")
            + "]}";
    List<JsonNode> stored = stored(read(Kind.EVENT, body));
    assertEquals("/in?token=*", stored.get(0).get("url").asText());
    assertEquals("/x?q=1&code=*#c", stored.get(0).get("referrer").asText());
    assertEquals("token=b", stored.get(1).get("event_name").asText());
    assertEquals("/?q=\"", stored.get(1).get("url").asText());
  }

  private static String values(JsonNode stored) {
    StringBuilder values = new StringBuilder();
    for (String name :
        "service_name environment release user_id language viewport_height url".split(" ", -1)) {
      values.append(values.isEmpty() ? "" : " ").append(stored.path(name).asText("none"));
    }
    return values.toString();
  }

  @Test
  void fieldsOfOneItem_doNotReachTheNext() throws Exception {
    String body =
        "{\"errors\":[{\"event_id\":\""
            + ID
            + "1\",\"timestamp\":\""
            + TIME
            + "\",\"level\":\"fatal\",\"message\":\"a\",\"fingerprint\":[\"f\"],\"service_name\":\"s\"},"
            + "{\"event_id\":\""
            + ID
            + "2\",\"timestamp\":\""
            + TIME
            + "\",\"level\":null,\"message\":\"b\"},{\"message\":\"c\"}]}";
    Batch batch = read(Kind.ERROR, body);
    List<StoredRecord> records = records(batch);
    assertEquals("error", records.get(1).text(Field.LEVEL));
    assertEquals("manual", records.get(1).text(Field.MECHANISM));
    assertEquals("server", records.get(1).text(Field.SERVICE_NAME));
    assertNotEquals(records.get(0).text(Field.FINGERPRINT), records.get(1).text(Field.FINGERPRINT));
    assertEquals(Map.of("fatal", 1, "error", 1), batch.types());
    assertEquals(
        List.of(
            new Violation("/errors/2/event_id", "is required"),
            new Violation("/errors/2/timestamp", "is required")),
        batch.rejected());
  }

  @Test
  void breadcrumbsAndCauses_areReadMemberByMember() throws Exception {
    Batch batch =
        error(
            "\"breadcrumbs\":[{\"timestamp\":\"2026-11-22T12:00:00+02:00\",\"x\":[1],"
                + "\"message\":null,\"category\":\"click\",\"properties\":{ \"a\":\n1}},{}],"
                + "\"causes\":[{\"y\":1,\"message\":\"m\",\"error_type\":\"E\"}]");
    JsonNode stored = stored(batch).get(0);
    assertEquals(
        "[{\"timestamp\":\"2026-11-22T10:00:00.000Z\",\"category\":\"click\",\"properties\":{\"a\":1}},{}]",
        stored.get("breadcrumbs").toString());
    assertEquals("[{\"message\":\"m\",\"error_type\":\"E\"}]", stored.get("causes").toString());
    assertEquals(
        List.of(
            new Violation("/errors/0/breadcrumbs/0", "must be an object"),
            new Violation("/errors/0/breadcrumbs/1/timestamp", "must be a time as in RFC 3339"),
            new Violation(
                "/errors/0/breadcrumbs/1/properties/a~1b/0", "must have at most 400 digits"),
            new Violation("/errors/0/causes", "must be a list of objects"),
            new Violation("/errors/0/fingerprint/1", "must be a string")),
        error(
                "\"breadcrumbs\":[7,{\"timestamp\":\"no\",\"properties\":{\"a/b\":["
                    + "1".repeat(401)
                    + "]}}],\"causes\":{},\"fingerprint\":[\"a\",null]")
            .rejected());
  }

  private Batch error(String fields) throws BatchException {
    return read(
        Kind.ERROR,
        "{\"errors\":[{\"event_id\":\""
            + ID
            + "1\",\"timestamp\":\""
            + TIME
            + "\",\"message\":\"m\","
            + fields
            + "}]}");
  }

  @Test
  void givenFingerprint_isHashedAlone_howeverItIsWritten() throws Exception {
    String one = fingerprintGiven("[\"a\",\"\\u0062\\n\"]");
    assertEquals(one, fingerprintGiven(" [ \"\\u0061\" ,\n\"b\\u000a\" ] "));
    assertNotEquals(one, fingerprintGiven("[\"a\",\"b\"]"));
    assertNotEquals(one, fingerprintGiven("[\"a\\\",\\\"b\\n\"]"));
  }

  private String fingerprintGiven(String list) throws Exception {
    StoredRecord record = records(error("\"fingerprint\":" + list)).get(0);
    return String.valueOf(record.text(Field.FINGERPRINT));
  }

  @Test
  void largeContext_isRefused_whereItWouldMultiply() throws Exception {
    BatchReader roomy = new BatchReader(1000, 8, 65_536);
    String context = "{\"context\":{\"release\":\"" + "x".repeat(60_000) + "\"},\"events\":[";
    StringBuilder items = new StringBuilder(item(0, ",\"event_name\":\"a\""));
    byte[] one = (context + items + "]}").getBytes(StandardCharsets.UTF_8);
    assertEquals(1, roomy.read(Kind.EVENT, one, one.length, Golden.arrival()).lines().size());
    for (int i = 1; i < 300; i++) {
      items.append(',').append(item(0, ",\"event_name\":\"a\""));
    }
    byte[] many = (context + items + "]}").getBytes(StandardCharsets.UTF_8);
    BatchException e =
        assertThrows(
            BatchException.class,
            () -> roomy.read(Kind.EVENT, many, many.length, Golden.arrival()));
    assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
  }

  @Test
  void context_afterTheItems_appliesToo() throws Exception {
    String body =
        "{\"events\":[" + item(1, ",\"event_name\":\"a\"") + "],\"context\":{\"user_id\":\"u\"}}";
    assertEquals("u", records(read(Kind.EVENT, body)).get(0).text(Field.USER_ID));
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
    assertEquals(1, batch.lines().size());
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
        assertEquals(1, batch.lines().size());
      } else {
        assertEquals("/context/service_name", batch.rejected().get(0).pointer());
      }
    }
    byte[] body =
        ("{\"events\":[" + item(9, ",\"event_name\":\"a\"") + "]}")
            .getBytes(StandardCharsets.UTF_8);
    Batch batch = reader.read(Kind.EVENT, body, body.length, arrival);
    assertEquals("server", records(batch).get(0).text(Field.SERVICE_NAME));
    assertEquals("test", records(batch).get(0).text(Field.ENVIRONMENT));
  }

  @Test
  void oneServiceTooMany_isRefused_whereItIsNamed() throws Exception {
    String[] own = {
      "",
      ",\"service_name\":\"other\"",
      ",\"environment\":\"other\"",
      ",\"environment\":\"other\",\"service_name\":\"other\""
    };
    StringBuilder items = new StringBuilder();
    for (int i = 0; i < own.length; i++) {
      items.append(i == 0 ? "" : ",").append(item(i, ",\"event_name\":\"a\"" + own[i]));
    }
    byte[] body =
        ("{\"context\":{\"service_name\":\"third\"},\"events\":[" + items + "]}")
            .getBytes(StandardCharsets.UTF_8);
    Arrival arrival = Golden.arrival();
    assertTrue(arrival.services().admit(new ServiceNames.Service("first", "test")));
    assertTrue(arrival.services().admit(new ServiceNames.Service("second", "test")));
    assertEquals(
        List.of(
            "/context/service_name",
            "/events/1/service_name",
            "/events/2/environment",
            "/events/3/service_name"),
        reader.read(Kind.EVENT, body, body.length, arrival).rejected().stream()
            .map(Violation::pointer)
            .toList());
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
    for (int i = 0; i <= Nesting.MAX_MEMBERS; i++) {
      names.append(",\"n").append(i).append("\":1");
    }
    for (String body : List.of(deep, items.toString(), names.append('}').toString())) {
      BatchException e = assertThrows(BatchException.class, () -> read(Kind.EVENT, body));
      assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
    }
  }

  @Test
  void room_isAskedForTheContextOfAllItems_andWithoutItNothingIsTaken() throws Exception {
    String item =
        "{\"event_id\":\"0193b1c2-7a10-7000-8000-00000000000%d\",\"timestamp\":"
            + "\"2026-11-22T10:00:00Z\",\"event_type\":\"custom_event\",\"event_name\":\"a\"}";
    byte[] body =
        ("{\"context\":{\"release\":\""
                + "r".repeat(900)
                + "\"},\"events\":["
                + item.formatted(1)
                + ","
                + item.formatted(2)
                + "]}")
            .getBytes(StandardCharsets.UTF_8);
    long[] asked = new long[1];
    Batch batch =
        reader.read(
            Kind.EVENT,
            body.clone(),
            body.length,
            Golden.arrival(),
            bytes -> {
              asked[0] += bytes;
              return true;
            });
    long stored = batch.lines().stream().mapToLong(line -> line.length).sum();
    assertEquals(2, batch.lines().size());
    assertTrue(asked[0] > 1800 && asked[0] + body.length >= stored, asked[0] + " of " + stored);
    BatchException e =
        assertThrows(
            BatchException.class,
            () -> reader.read(Kind.EVENT, body, body.length, Golden.arrival(), bytes -> false));
    assertEquals(BatchException.Reason.NO_ROOM, e.reason());
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

  @Test
  void hashWithoutDigits_isOneToo_andAnOrdinaryNameIsNone() throws Exception {
    assertEquals(of("index-DiwrgTda.js"), of("index-CEoGIBoU.js"));
    assertEquals(of("index-DiwrgTda.js"), of("index-3fa9b2c1.js"));
    assertNotEquals(of("vendor-components.js"), of("vendor-polyfills.js"));
    assertNotEquals(of("order-details-DiwrgTda.js"), of("order-summary-CEoGIBoU.js"));
    assertEquals(of("order-details-DiwrgTda.js"), of("order-details-Dp3-Rg_a.js"));
  }

  private String of(String file) throws Exception {
    return fingerprint("TypeError", "x", "    at pay (https://s/" + file + ":1:2)");
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
    return String.valueOf(records(read(Kind.ERROR, body)).get(0).text(Field.FINGERPRINT));
  }
}
