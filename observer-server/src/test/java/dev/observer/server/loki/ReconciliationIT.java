package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.observer.config.ObserverConfig;
import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.Records;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.sink.SpooledRecord;
import dev.observer.testserver.LokiServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes into Loki where it was read before, or is no longer in the store, is found. */
@Timeout(120)
class ReconciliationIT {
  private static final String TENANT = "reconciliation";
  private static final RecordFilter ALL = new RecordFilter(Map.of(), null, null);

  @TempDir Path directory;
  private long now = System.currentTimeMillis();
  private LokiServer loki;
  private ObserverConfig.Loki settings;
  private DuckDbEventStore writing;
  private DuckDbEventStore store;
  private LokiSink sink;
  private LokiFollower follower;

  @BeforeEach
  void start() throws Exception {
    loki = LokiServer.start(directory);
    settings = new ObserverConfig.Loki(loki.uri(), TENANT, null, null, null);
    writing = DuckDbEventStore.open(directory.resolve("writer.duckdb"), "64MB");
    store = DuckDbEventStore.open(directory.resolve("reader.duckdb"), "64MB");
    sink = LokiSink.open(loki.uri(), settings, "writer", writing);
    follower = follower("reader");
  }

  @AfterEach
  void stop() {
    writing.close();
    store.close();
    loki.close();
  }

  private LokiFollower follower(String instance) {
    InstantSource clock = () -> Instant.ofEpochMilli(now);
    Duration retention = Duration.ofDays(2);
    return new LokiFollower(loki.uri(), settings, instance, retention, store, store, clock);
  }

  private SpooledRecord event(String name, long receivedAt) {
    return Records.spooled(Records.event(name).set(Field.RECEIVED_AT, receivedAt).build()).get(0);
  }

  private void write(SpooledRecord... records) throws Exception {
    writing.append(List.of(records));
    sink.append(List.of(records));
  }

  private List<String> names() throws Exception {
    return store.records(ALL, 100, null).items().stream()
        .map(record -> String.valueOf(record.text(Field.EVENT_NAME)))
        .toList();
  }

  @Test
  void whatAnotherWroteBehindWhatWasRead_isFoundWithinMinutes() throws Exception {
    write(event("a", now - 60_000), event("c", now - 1_000));
    follower.follow();
    assertEquals(List.of("c", "a"), names());
    SpooledRecord late = event("b", now - 30_000);
    sink.restore(List.of(late));
    follower.follow();
    assertEquals(List.of("c", "a"), names());
    now += Duration.ofMinutes(2).toMillis();
    follower.follow();
    assertEquals(List.of("c", "b", "a"), names());
  }

  @Test
  void ownRecordThatTheStoreLost_isFound_howeverOldItIs() throws Exception {
    StoredRecord oldest = event("a", now - Duration.ofHours(40).toMillis()).record();
    store.append(Records.spooled(oldest));
    write(event("b", now - Duration.ofHours(30).toMillis()), event("c", now - 1_000));
    follower = follower("writer");
    store.follow(List.of(), java.util.Map.of("", Long.MAX_VALUE)); // it caught up before
    for (int i = 0; i < 10 && names().size() < 3; i++) {
      follower.follow();
      now += Duration.ofMinutes(11).toMillis();
    }
    assertEquals(List.of("c", "b", "a"), names());
  }

  @Test
  void whatRetentionDeleted_doesNotComeBack() throws Exception {
    write(event("a", now - Duration.ofHours(5).toMillis()), event("b", now - 1_000));
    follower.follow();
    assertEquals(List.of("b", "a"), names());
    assertEquals(1, store.deleteOldest(1));
    for (int i = 0; i < 5; i++) {
      now += Duration.ofMinutes(11).toMillis();
      follower.follow();
    }
    assertEquals(List.of("b"), names());
  }

  @Test
  void linesThatAreNoRecords_areLeftOut_andHoldNothingUp() throws Exception {
    String ours =
        """
        {"received_at":"2026-01-01T00:00:00.000Z","kind":"event","event_id":"%s",\
        "timestamp":"2026-01-01T00:00:00.000Z","event_type":"custom_event","event_name":%s}""";
    String id = "01890000-0000-7000-8000-000000000000";
    List<String> lines =
        List.of(
            "hello",
            "{}",
            "{\"received_at\":{},\"kind\":[]}",
            ours.formatted(id, "5"),
            ours.formatted(id, "{\"a\":1}"),
            ours.formatted("no-uuid", "\"x\""),
            ours.formatted(id, "\"x\"").replace("\"" + id + "\"", "7"),
            ours.formatted(id, "\"x\",\"session_id\":true"),
            ours.formatted(id.toUpperCase(java.util.Locale.ROOT).replace('0', 'A'), "\"x\""),
            ours.formatted(id, "\"last\""));
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replace("\\", "\\\\").replace("\"", "\\\"");
      values.append(i == 0 ? "" : ",");
      values.append("[\"%d\",\"%s\"]".formatted((now - 1_000) * 1_000_000 + i, line));
    }
    push(
        "{\"streams\":[{\"stream\":{\"kind\":\"event\",\"instance\":\"x\"},\"values\":[%s]}]}"
            .formatted(values));
    follower.follow();
    assertEquals(List.of("last"), names());
    write(event("ours", now));
    follower.follow();
    assertEquals(List.of("ours", "last"), names());
    now += Duration.ofMinutes(2).toMillis();
    follower.follow();
    assertEquals(List.of("ours", "last"), names());
  }

  private void push(String json) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(loki.uri() + "/loki/api/v1/push"))
                    .header("Content-Type", "application/json")
                    .header("X-Scope-OrgID", TENANT)
                    .POST(HttpRequest.BodyPublishers.ofString(json))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(204, answer.statusCode(), answer::body);
  }

  @Test
  void newStream_isReadFromItsBeginning() throws Exception {
    write(event("a", now - 1_000));
    follower.follow();
    LokiSink other = LokiSink.open(loki.uri(), settings, "other", writing);
    SpooledRecord old = event("b", now - Duration.ofHours(30).toMillis());
    SpooledRecord recent = event("c", now);
    writing.append(List.of(old, recent));
    other.append(List.of(old, recent));
    follower.follow();
    assertEquals(List.of("c", "a", "b"), names());
  }

  @Test
  void recordsOfSeveralStreams_areStoredInTheOrderOfTheirArrival() throws Exception {
    write(event("0", now - 20_000));
    follower.follow();
    SpooledRecord[] records = new SpooledRecord[2_000];
    for (int i = 0; i < records.length; i++) {
      StoredRecord.Builder record = Records.event(Integer.toString(i));
      record.set(Field.SERVICE_NAME, "s-" + i % 50).set(Field.RECEIVED_AT, now - 10_000);
      records[i] = Records.spooled(record.build()).get(0);
    }
    write(records);
    follower.follow();
    List<String> newest = names(); // of one millisecond, the last that came is first
    assertEquals("1999", newest.get(0));
    assertEquals("1900", newest.get(99));
  }
}
