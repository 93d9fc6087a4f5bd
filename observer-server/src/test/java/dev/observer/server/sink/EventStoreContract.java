package dev.observer.server.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.observer.event.Field;
import dev.observer.event.Json;
import dev.observer.event.Kind;
import dev.observer.event.ServiceNames;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.Page;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.query.Session;
import dev.observer.server.query.SessionFilter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every place that records are delivered to and asked from must do. */
public abstract class EventStoreContract {
  private static final RecordFilter ALL = new RecordFilter(Map.of(), null, null);

  /** When records of long ago arrived; not in 1970, where a store may have no place for them. */
  private static final long OLD = System.currentTimeMillis() - Duration.ofDays(9).toMillis();

  @TempDir protected Path directory;
  private Store store;

  /** A store and how it is asked. */
  public record Store(EventSink sink, EventQuery query) {}

  /** Opens the store of this directory; called again for a restart. */
  protected abstract Store open(Path directory) throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open(directory);
  }

  @AfterEach
  void closeStore() {
    store.sink().close();
  }

  private List<StoredRecord> all() throws Exception {
    return store.query().records(ALL, 1000, null).items();
  }

  private static List<String> names(List<StoredRecord> records) {
    return records.stream().map(record -> String.valueOf(record.text(Field.EVENT_NAME))).toList();
  }

  @Test
  void record_comesBackAsItWas() throws Exception {
    String nasty = "é😀\u0000\"\\\n\u2028 'x' {=~}";
    StoredRecord record =
        Records.event(nasty)
            .set(Field.URL, "https://s/?q='; DROP TABLE records; --")
            .set(Field.USER_ID, nasty)
            .set(Field.LANGUAGE, "en")
            .set(Field.SCREEN_WIDTH, 1920L)
            .set(Field.PROPERTIES, new Json("{\"n\":1e400,\"s\":\"\\u0000\",\"a\":[null,{}]}"))
            .build();
    store.sink().append(Records.spooled(record));
    assertEquals(
        new String(StoredForm.write(record), StandardCharsets.UTF_8),
        new String(StoredForm.write(all().get(0)), StandardCharsets.UTF_8));
  }

  @Test
  void error_comesBackAsItWas() throws Exception {
    StoredRecord record =
        StoredRecord.builder(Kind.ERROR)
            .set(Field.EVENT_ID, UUID.randomUUID().toString())
            .set(Field.TIMESTAMP, 1L)
            .set(Field.RECEIVED_AT, OLD)
            .set(Field.SOURCE, "server")
            .set(Field.MESSAGE, "")
            .set(Field.HANDLED, false)
            .set(Field.FINGERPRINT, "f")
            .set(Field.FINGERPRINT_VERSION, 1L)
            .set(Field.BREADCRUMBS, new Json("[{\"category\":\"click\"}]"))
            .build();
    store.sink().append(Records.spooled(record));
    assertEquals(
        new String(StoredForm.write(record), StandardCharsets.UTF_8),
        new String(StoredForm.write(all().get(0)), StandardCharsets.UTF_8));
  }

  @Test
  void sameIdAgain_leavesTheFirst_inOneBatch_inAnother_afterRestart() throws Exception {
    String id = UUID.randomUUID().toString();
    StoredRecord first = Records.event("first").set(Field.EVENT_ID, id).build();
    StoredRecord again = Records.event("again").set(Field.EVENT_ID, id).build();
    store.sink().append(Records.spooled(first, again));
    store.sink().append(Records.spooled(again, Records.event("other").build()));
    store.sink().close();
    store = open(directory);
    store.sink().append(Records.spooled(again));
    assertEquals(List.of("other", "first"), names(all()));
  }

  @Test
  void idsOfEveryForm_areRecognised() throws Exception {
    // The extremes of unsigned and signed order of both halves.
    List<StoredRecord> records = new ArrayList<>();
    for (String id :
        List.of(
            "00000000-0000-0000-0000-000000000000",
            "7fffffff-ffff-ffff-7fff-ffffffffffff",
            "80000000-0000-0000-8000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff")) {
      records.add(Records.event(id).set(Field.EVENT_ID, id).build());
    }
    store.sink().append(Records.spooled(records));
    store.sink().append(Records.spooled(records));
    assertEquals(4, all().size());
  }

  @Test
  void idsOfManyTimes_areRecognised() throws Exception {
    List<StoredRecord> records = new ArrayList<>();
    for (int day = 0; day < 30; day++) {
      UUID id = new UUID((day * 86_400_000L) << 16 | 0x7000, Long.MIN_VALUE | day);
      records.add(Records.event("day " + day).set(Field.EVENT_ID, id.toString()).build());
    }
    store.sink().append(Records.spooled(records));
    for (StoredRecord record : records) {
      store.sink().append(Records.spooled(record));
    }
    store.sink().append(Records.spooled(records));
    assertEquals(30, all().size());
  }

  @Test
  void idOfARecording_isRecognised_howeverLateItComesAgain() throws Exception {
    UUID id = UUID.nameUUIDFromBytes("a recording".getBytes(StandardCharsets.UTF_8));
    for (long day : new long[] {0, 1, 8}) {
      StoredRecord started =
          StoredRecord.builder(Kind.REPLAY)
              .set(Field.EVENT_ID, id.toString())
              .set(Field.TIMESTAMP, 1L)
              .set(Field.RECEIVED_AT, OLD + day * 86_400_000L)
              .set(Field.EVENT_TYPE, "session_replay_started")
              .build();
      store.sink().append(Records.spooled(started));
    }
    assertEquals(1, all().size());
    assertEquals(OLD, all().get(0).receivedAt());
  }

  @Test
  void records_areNewestFirst_byReceivedAtThenArrival_inPages() throws Exception {
    List<String> expected = new ArrayList<>();
    for (int batch = 0; batch < 5; batch++) {
      List<StoredRecord> records = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        String name = batch + "/" + i;
        records.add(Records.event(name).set(Field.RECEIVED_AT, OLD + batch / 2).build());
        expected.add(0, name);
      }
      store.sink().append(Records.spooled(records));
    }
    List<String> read = new ArrayList<>();
    Page.Position next = null;
    do {
      Page<StoredRecord> page = store.query().records(ALL, 4, next);
      read.addAll(names(page.items()));
      next = page.next();
      store.sink().append(Records.spooled(Records.event("later").build()));
    } while (next != null);
    assertEquals(expected, read);
  }

  @Test
  void records_areFiltered() throws Exception {
    String id = "0193b1c2-7a10-7000-8000-00000000000a";
    store
        .sink()
        .append(
            Records.spooled(
                Records.event("a")
                    .set(Field.EVENT_ID, id)
                    .set(Field.TRACE_ID, "trace-1")
                    .set(Field.RECEIVED_AT, OLD)
                    .set(Field.TIMESTAMP, 1000L)
                    .set(Field.SESSION_ID, "session-1")
                    .set(Field.VISITOR_ID, "visitor-1")
                    .build(),
                Records.event("b")
                    .set(Field.TIMESTAMP, 2000L)
                    .set(Field.SESSION_ID, "session-2")
                    .set(Field.USER_ID, "u")
                    .set(Field.SERVICE_NAME, "other")
                    .set(Field.ENVIRONMENT, "live")
                    .build()));
    assertEquals(List.of("a"), filtered(Map.of(Field.SESSION_ID, "session-1"), null, null));
    assertEquals(List.of("a"), filtered(Map.of(Field.VISITOR_ID, "visitor-1"), null, null));
    assertEquals(List.of("b"), filtered(Map.of(Field.USER_ID, "u"), null, null));
    assertEquals(List.of("a"), filtered(Map.of(Field.EVENT_ID, id), null, null));
    assertEquals(
        List.of("a"), filtered(Map.of(Field.EVENT_ID, id.toUpperCase(Locale.ROOT)), null, null));
    assertEquals(
        List.of(), filtered(Map.of(Field.EVENT_ID, UUID.randomUUID().toString()), null, null));
    assertEquals(List.of("a"), filtered(Map.of(Field.TRACE_ID, "trace-1"), null, null));
    assertEquals(List.of("b"), filtered(Map.of(Field.SERVICE_NAME, "other"), null, null));
    assertEquals(List.of("b"), filtered(Map.of(Field.ENVIRONMENT, "live"), null, null));
    assertEquals(
        List.of(), filtered(Map.of(Field.TRACE_ID, "trace-1", Field.USER_ID, "u"), null, null));
    assertEquals(List.of("b"), filtered(Map.of(), 1001L, null));
    assertEquals(List.of("b", "a"), filtered(Map.of(), 1000L, 2001L));
    assertEquals(List.of("a"), filtered(Map.of(Field.KIND, "event"), null, 2000L));
    assertEquals(List.of(), filtered(Map.of(Field.KIND, "error"), null, null));
  }

  private List<String> filtered(
      Map<Field, String> values, @Nullable Long since, @Nullable Long until) throws Exception {
    return names(store.query().records(new RecordFilter(values, since, until), 10, null).items());
  }

  @Test
  void sessions_areThoseWithARecordOfEachValue() throws Exception {
    store
        .sink()
        .append(
            Records.spooled(
                inSession("session-1").set(Field.USER_ID, "u").build(),
                inSession("session-1").set(Field.SERVICE_NAME, "other").build(),
                inSession("session-2").set(Field.ENVIRONMENT, "live").build()));
    assertEquals(List.of("session-1"), sessions(Map.of(Field.USER_ID, "u")));
    assertEquals(List.of("session-1"), sessions(Map.of(Field.SERVICE_NAME, "other")));
    assertEquals(
        List.of("session-1"), sessions(Map.of(Field.SERVICE_NAME, "other", Field.USER_ID, "u")));
    assertEquals(List.of("session-2"), sessions(Map.of(Field.ENVIRONMENT, "live")));
    assertEquals(
        List.of(), sessions(Map.of(Field.SERVICE_NAME, "other", Field.ENVIRONMENT, "live")));
  }

  private static StoredRecord.Builder inSession(String id) {
    return Records.event("a").set(Field.SESSION_ID, id);
  }

  private List<String> sessions(Map<Field, String> values) throws Exception {
    SessionFilter filter = new SessionFilter(values, null, null);
    return store.query().sessions(filter, 10, null).items().stream()
        .map(Session::sessionId)
        .toList();
  }

  @Test
  void sessions_arePagedByTheirFirstTime() throws Exception {
    for (int i = 0; i < 5; i++) {
      store
          .sink()
          .append(
              Records.spooled(
                  Records.event("a")
                      .set(Field.SESSION_ID, "session-" + i)
                      .set(Field.TIMESTAMP, 1000L + i / 2)
                      .build()));
    }
    List<String> read = new ArrayList<>();
    Page.Position next = null;
    do {
      var page = store.query().sessions(new SessionFilter(Map.of(), null, null), 2, next);
      page.items().forEach(session -> read.add(session.sessionId()));
      next = page.next();
    } while (next != null);
    assertEquals(List.of("session-4", "session-3", "session-2", "session-1", "session-0"), read);
    assertNull(store.query().session("session-9"));
    assertEquals(1, Objects.requireNonNull(store.query().session("session-1")).customEvents());
  }

  @Test
  void session_countsTheEventsOfTheApp_notThoseOfTheSdk() throws Exception {
    for (String name : List.of("observer.page_leave", "observers_met", "signed_up")) {
      store
          .sink()
          .append(Records.spooled(Records.event(name).set(Field.SESSION_ID, "session-1").build()));
    }
    assertEquals(2, Objects.requireNonNull(store.query().session("session-1")).customEvents());
    assertEquals(3, store.query().records(ALL, 10, null).items().size());
  }

  @Test
  void sessions_areNotMetTwice_whenOlderRecordsArriveMeanwhile() throws Exception {
    for (int i = 0; i < 4; i++) {
      append("session-" + i, 1000L + i);
    }
    SessionFilter all = new SessionFilter(Map.of(), null, null);
    var first = store.query().sessions(all, 2, null);
    append("session-3", 1L);
    append("session-1", 2L);
    append("session-9", 3L);
    var second = store.query().sessions(all, 2, first.next());
    assertEquals(
        List.of("session-3", "session-2"), first.items().stream().map(Session::sessionId).toList());
    assertEquals(
        List.of("session-1", "session-0"),
        second.items().stream().map(Session::sessionId).toList());
    assertNull(second.next());
    assertEquals(5, store.query().sessions(all, 10, null).items().size());
  }

  private void append(String session, long time) throws Exception {
    store
        .sink()
        .append(
            Records.spooled(
                Records.event("a")
                    .set(Field.SESSION_ID, session)
                    .set(Field.TIMESTAMP, time)
                    .build()));
  }

  @Test
  void tenThousandAtOnce_areAllThere() throws Exception {
    List<StoredRecord> records = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      StoredRecord record = Records.event("e" + i).build();
      records.add(record);
      ids.add(record.eventId());
    }
    store.sink().append(Records.spooled(records));
    Page.Position next = null;
    do {
      Page<StoredRecord> page = store.query().records(ALL, 1000, next);
      page.items().forEach(record -> ids.remove(record.eventId()));
      next = page.next();
    } while (next != null);
    assertEquals(Set.of(), ids);
  }

  @Test
  void services_areThoseOfStoredRecords_theNewestFirst() throws Exception {
    assertEquals(List.of(), store.query().services(10));
    List<StoredRecord> records = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "a")) {
      records.add(Records.event("any").set(Field.SERVICE_NAME, name).build());
    }
    records.add(Records.event("any").set(Field.SERVICE_NAME, null).build());
    records.add(
        Records.event("any").set(Field.SERVICE_NAME, "b").set(Field.ENVIRONMENT, "live").build());
    store.sink().append(Records.spooled(records));
    assertEquals(
        List.of(
            new ServiceNames.Service("b", "live"),
            new ServiceNames.Service("a", "test"),
            new ServiceNames.Service("c", "test")),
        store.query().services(3));
  }

  @Test
  void arrivals_areThoseOfTheFirstCopies() throws Exception {
    assertEquals(Map.of(), store.query().arrivals(List.of()));
    StoredRecord first = Records.event("a").set(Field.RECEIVED_AT, OLD + 1).build();
    StoredRecord other = Records.event("b").set(Field.RECEIVED_AT, OLD + 2).build();
    StoredRecord again = first.toBuilder().set(Field.RECEIVED_AT, OLD + 3).build();
    store.sink().append(Records.spooled(first, other));
    store.sink().append(Records.spooled(again));
    StoredRecord never = Records.event("c").build();
    assertEquals(
        Map.of(first.eventId(), OLD + 1, other.eventId(), OLD + 2),
        store.query().arrivals(List.of(first, never, other)));
  }
}
