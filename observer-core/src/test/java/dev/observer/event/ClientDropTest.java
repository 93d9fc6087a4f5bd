package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientDropTest {
  private static final String ITEM =
      """
      {"event_id":"0193b1c2-7a10-7000-8000-000000000001","timestamp":"2026-11-22T10:00:00Z",\
      "event_type":"custom_event","event_name":"a"}""";

  private static Batch read(String body) throws BatchException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new BatchReader(50, 8, 1024).read(Kind.EVENT, bytes, bytes.length, Golden.arrival());
  }

  private static Batch dropped(String list) throws BatchException {
    return read("{\"dropped\":" + list + ",\"events\":[" + ITEM + "]}");
  }

  @Test
  void goldenDrops_areRead_andNameEveryReason() throws Exception {
    String body = Golden.text("dropped.request.json");
    Batch batch = read(body);
    assertEquals(List.of(), batch.rejected());
    assertEquals(1, batch.lines().size());
    List<String> sent = new ArrayList<>();
    for (JsonNode drop : new ObjectMapper().readTree(body).get("dropped")) {
      sent.add(drop.get("reason").asText() + " " + drop.get("kind").asText() + drop.get("count"));
    }
    assertEquals(
        sent,
        batch.dropped().stream()
            .map(drop -> drop.reason().wireName() + " " + drop.kind().wireName() + drop.count())
            .toList());
    assertEquals(
        Arrays.asList(ClientDrop.Reason.values()),
        batch.dropped().stream().map(ClientDrop::reason).toList());
  }

  @Test
  void batchWithoutDrops_hasNone() throws Exception {
    assertEquals(List.of(), read("{\"events\":[" + ITEM + "]}").dropped());
    assertEquals(List.of(), dropped("null").dropped());
    assertEquals(List.of(), dropped("[]").dropped());
  }

  @Test
  void unknownReason_isOther_howeverItIsWritten() throws Exception {
    for (String reason : List.of("", "QUEUE_FULL", "a\\u0000\\nb", "x".repeat(900), "☃")) {
      Batch batch = dropped("[{\"reason\":\"" + reason + "\",\"kind\":\"event\",\"count\":1}]");
      assertEquals(
          List.of(new ClientDrop(ClientDrop.Reason.OTHER, Kind.EVENT, 1)), batch.dropped());
      assertEquals(List.of(), batch.rejected());
    }
    assertEquals(
        List.of(new ClientDrop(ClientDrop.Reason.QUEUE_FULL, Kind.ERROR, 1_000_000)),
        dropped(
                "[{\"count\":1000000,\"kind\":\"\\u0065rror\",\"x\":[{}],\"reason\":\"queue\\u005ffull\"}]")
            .dropped());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          7 | /dropped | must be a list
          {} | /dropped | must be a list
          [7] | /dropped/0 | must be an object
          [{"kind":"event","count":1}] | /dropped/0/reason | is required
          [{"reason":"closed","count":1}] | /dropped/0/kind | is required
          [{"reason":"closed","kind":"event"}] | /dropped/0/count | is required
          [{"reason":7,"kind":"event","count":1}] | /dropped/0/reason | must be a string
          [{"reason":"closed","kind":"page","count":1}] | /dropped/0/kind | must be one of [error, event, replay]
          [{"reason":"closed","kind":{},"count":1}] | /dropped/0/kind | must be one of [error, event, replay]
          [{"reason":"closed","kind":"event","count":0}] | /dropped/0/count | must be a whole number from 1 to 1000000
          [{"reason":"closed","kind":"event","count":-1}] | /dropped/0/count | must be a whole number from 1 to 1000000
          [{"reason":"closed","kind":"event","count":1.5}] | /dropped/0/count | must be a whole number from 1 to 1000000
          [{"reason":"closed","kind":"event","count":1e3}] | /dropped/0/count | must be a whole number from 1 to 1000000
          [{"reason":"closed","kind":"event","count":"1"}] | /dropped/0/count | must be a whole number from 1 to 1000000
          [{"reason":"closed","kind":"event","count":1000001}] | /dropped/0/count | must be a whole number from 1 to 1000000
          [{"reason":"closed","kind":"event","count":99999999999999999999999}] | /dropped/0/count | must be a whole number from 1 to 1000000
          """)
  void malformedEntry_isNamed_andCostsNothingElse(String list, String pointer, String reason)
      throws Exception {
    Batch batch = dropped(list);
    assertEquals(List.of(new Violation(pointer, reason)), batch.rejected());
    assertEquals(List.of(), batch.dropped());
    assertEquals(1, batch.lines().size());
    assertEquals(0, batch.refused());
  }

  @Test
  void entriesBesideAMalformedOne_areRead() throws Exception {
    Batch batch =
        dropped(
            """
            [{"reason":"closed","kind":"event","count":1},{"reason":"closed"},\
            {"reason":"expired","kind":"error","count":2}]""");
    assertEquals(
        List.of(
            new ClientDrop(ClientDrop.Reason.CLOSED, Kind.EVENT, 1),
            new ClientDrop(ClientDrop.Reason.EXPIRED, Kind.ERROR, 2)),
        batch.dropped());
    assertEquals(List.of(new Violation("/dropped/1/kind", "is required")), batch.rejected());
  }

  @Test
  void entriesBeyondTheBound_areNotRead_andThatIsSaidOnce() throws Exception {
    String entry = "{\"reason\":\"closed\",\"kind\":\"event\",\"count\":1},";
    String list = "[" + entry.repeat(199) + entry.substring(0, entry.length() - 1) + "]";
    Batch batch = dropped(list);
    assertEquals(64, batch.dropped().size());
    assertEquals(
        List.of(new Violation("/dropped", "must have at most 64 entries")), batch.rejected());
    assertEquals(1, batch.lines().size());
  }
}
