package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * After an outage of hours, a Loki takes only what is not an hour behind the newest of its stream.
 */
class LokiBacklogTest extends LokiSinkFixture {
  /** Stores what it takes of a push and not the rest, as Loki does. */
  private Judge likeLoki(List<SpooledRecord> records, String bad) {
    Map<String, Long> times = new HashMap<>();
    for (SpooledRecord record : records) {
      times.put(
          String.valueOf(record.record().text(Field.EVENT_NAME)), record.record().receivedAt());
    }
    long[] newest = {0};
    return (names, bytes) -> {
      List<String> taken = new ArrayList<>();
      for (String name : names) {
        long time = times.getOrDefault(name, newest[0]);
        if (!name.equals(bad) && time >= newest[0] - LokiPush.ORDER.toMillis()) {
          newest[0] = Math.max(newest[0], time);
          taken.add(name);
        }
      }
      if (taken.equals(names)) {
        return new Reply(204, "");
      }
      stored.addAll(taken);
      return new Reply(400, "entry too far behind");
    };
  }

  private static List<SpooledRecord> backlog(int count, Duration apart) {
    return Records.spooled(
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    Records.event("e" + i)
                        .set(Field.RECEIVED_AT, NOW - (count - i) * apart.toMillis())
                        .build())
            .toList());
  }

  /** As delivery does; the names of those that are refused. */
  private static List<String> refused(LokiSink sink, List<SpooledRecord> records) {
    try {
      sink.append(records);
      return List.of();
    } catch (SinkException e) {
      assertFalse(e.retryable(), e.getMessage());
      if (records.size() == 1) {
        return List.of(String.valueOf(records.get(0).record().text(Field.EVENT_NAME)));
      }
      int half = records.size() / 2;
      List<String> refused = new ArrayList<>(refused(sink, records.subList(0, half)));
      refused.addAll(refused(sink, records.subList(half, records.size())));
      return refused;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2M", "PT1H"})
  void backlogOfManyHours_losesOnlyTheBadRecord(Duration apart) {
    LokiSink sink = open();
    List<SpooledRecord> records = backlog(100, apart);
    judge = likeLoki(records, "e50");
    assertEquals(List.of("e50"), refused(sink, records));
    Set<String> others = new HashSet<>(names(100));
    others.remove("e50");
    assertEquals(others, Set.copyOf(stored));
  }

  @Test
  void backlogOfManyHours_isTakenAgain_afterALostAnswer_inNoMorePushesThanItNeeds()
      throws Exception {
    LokiSink sink = open();
    List<SpooledRecord> records = backlog(120, Duration.ofMinutes(1));
    Judge loki = likeLoki(records, "none");
    int[] pushes = {0};
    judge =
        (names, bytes) -> {
          Reply reply = loki.of(names, bytes);
          return ++pushes[0] == 2 && reply.status() == 204 ? new Reply(500, "no") : reply;
        };
    assertEquals(1, appendUntilTaken(sink, records));
    assertEquals(names(120), stored);
    assertEquals(5, pushes[0], "four of half an hour each, and one again");
  }

  @Test
  void recordMoreThanAnHourBehindItsStream_isNotGivenAgain_whereItMayBeHidden() throws Exception {
    LokiSink sink = open();
    List<SpooledRecord> records = backlog(6, Duration.ofMinutes(30));
    assertTrue(sink.wouldTakeAgain(records.get(0)), "nothing is known yet");
    sink.append(records.subList(0, 2));
    assertTrue(sink.wouldTakeAgain(records.get(0)), "it is not far behind");
    sink.append(records);
    assertFalse(sink.wouldTakeAgain(records.get(0)));
    assertTrue(sink.wouldTakeAgain(records.get(1)), "it is lost, and is to be set aside");
    StoredRecord other =
        records.get(0).record().toBuilder().set(Field.SERVICE_NAME, "other").build();
    assertTrue(sink.wouldTakeAgain(Records.spooled(other).get(0)));
  }

  @Test
  void hiddenBacklog_isNotGivenAgain_afterARestartEither() throws Exception {
    server.createContext(
        "/base/loki/api/v1/query_range",
        exchange -> {
          try (exchange) {
            byte[] nothing = "{\"data\":{\"result\":[]}}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, nothing.length);
            exchange.getResponseBody().write(nothing);
          }
        });
    List<SpooledRecord> records = backlog(6, Duration.ofMinutes(30));
    LokiSink sink = open();
    assertEquals(records, sink.missing(records));
    assertFalse(sink.wouldTakeAgain(records.get(0)));
  }
}
