package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.event.Field;
import dev.observer.event.Json;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.sink.SpooledRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortLineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode line(StoredRecord.Builder record) throws Exception {
    SpooledRecord spooled = Records.spooled(record.build()).get(0);
    byte[] line = ShortLine.of(spooled);
    assertTrue(line.length <= ShortLine.MAX_BYTES, line.length + " bytes");
    assertEquals(
        new String(line, StandardCharsets.UTF_8),
        new String(ShortLine.of(spooled), StandardCharsets.UTF_8));
    StoredForm.read(line); // it is still a stored record
    return JSON.readTree(line);
  }

  private static List<String> shortened(JsonNode line) {
    List<String> names = new ArrayList<>();
    line.path("shortened").forEach(name -> names.add(name.asText()));
    return names;
  }

  private static Json list(int count, int size) {
    StringBuilder list = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      list.append(i == 0 ? "" : ",")
          .append("{\"message\":\"" + i + " " + "\\\"[{".repeat(size / 4) + "\"}");
    }
    return new Json(list.append(']').toString());
  }

  @Test
  void lineThatFits_isTheBytesOfTheSpool() {
    SpooledRecord spooled = Records.spooled(Records.event("a").build()).get(0);
    assertSame(spooled.json(), ShortLine.of(spooled));
  }

  @Test
  void stackTrace_isCutFirst() throws Exception {
    JsonNode line =
        line(
            Records.event("a")
                .set(Field.STACK_TRACE, "s".repeat(300_000))
                .set(Field.BREADCRUMBS, list(3, 20_000)));
    assertEquals(List.of("stack_trace"), shortened(line));
    assertEquals("s".repeat(16_384), line.get("stack_trace").asText());
    assertEquals(3, line.get("breadcrumbs").size());
  }

  @Test
  void breadcrumbs_keepTheNewest_andCausesTheFirst() throws Exception {
    JsonNode line =
        line(
            Records.event("a")
                .set(Field.STACK_TRACE, "s".repeat(100))
                .set(Field.BREADCRUMBS, list(40, 10_000))
                .set(Field.CAUSES, list(30, 10_000)));
    assertEquals(List.of("breadcrumbs", "causes"), shortened(line));
    assertTrue(line.at("/breadcrumbs/0/message").asText().startsWith("37 "));
    assertEquals(3, line.get("breadcrumbs").size());
    assertTrue(line.at("/causes/2/message").asText().startsWith("2 "));
    assertEquals(3, line.get("causes").size());
    assertEquals("s".repeat(100), line.get("stack_trace").asText());
  }

  @Test
  void everythingLong_isStillALine() throws Exception {
    StoredRecord.Builder record = Records.event("\u0001".repeat(60_000));
    for (Field field :
        List.of(
            Field.URL,
            Field.ROUTE,
            Field.TITLE,
            Field.REFERRER,
            Field.RELEASE,
            Field.MESSAGE,
            Field.STACK_TRACE,
            Field.ERROR_TYPE,
            Field.COMPONENT_PATH,
            Field.TRPC_PATH,
            Field.USER_AGENT,
            Field.LANGUAGE,
            Field.SDK_NAME,
            Field.SDK_VERSION)) {
      record.set(field, "\u0001".repeat(60_000));
    }
    record.set(Field.TITLE, "\u0001😀".repeat(20_000));
    record.set(Field.PROPERTIES, new Json("{\"a\":\"" + "x".repeat(400_000) + "\"}"));
    record.set(Field.FINGERPRINT, new Json("[\"" + "x".repeat(400_000) + "\"]"));
    JsonNode line = line(record);
    assertTrue(shortened(line).containsAll(List.of("properties", "fingerprint", "url", "title")));
    assertEquals("\u0001😀".repeat(170) + "\u0001", line.get("title").asText());
  }

  @Test
  void start_neverHasHalfACharacter() {
    assertEquals("a", ShortLine.start("a😀", 2));
    assertEquals("a😀", ShortLine.start("a😀", 3));
    assertEquals("?b?", ShortLine.start("\ud83db\ude00", 3));
    assertEquals("😀?", ShortLine.start("😀\ud83d", 9));
  }
}
