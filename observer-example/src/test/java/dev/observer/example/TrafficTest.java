package dev.observer.example;

import static dev.observer.example.Reading.text;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.example.traffic.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A crowd of the day before and of now, and everything that a shop knows of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TrafficTest {
  private static final int FULL_SNAPSHOT = 2;
  private static final int META = 4;

  private final Instant opened = Instant.now();
  private final Shop shop;
  private final Reading reading;
  private Traffic.Report report = new Traffic.Report(0, 0, 0);
  private String metrics = "";

  TrafficTest(@TempDir Path data) {
    shop = Shops.open(data);
    reading = Reading.of(shop.uri(), shop.observer());
  }

  @BeforeAll
  void letThemIn() throws Exception {
    Traffic.Options options =
        Traffic.Options.DEFAULT.withShop(shop.uri()).withVisitors(6).withDays(1).withHaste(1_000);
    try (Traffic traffic = Traffic.start(options)) {
      metrics =
          Eventually.get(
              "a failure of the kiln, an order and one that was wrong",
              () -> reading.metrics("text/plain"),
              said ->
                  said.contains("outcome=\"success\",procedure=\"orders.place\"")
                      && said.contains("outcome=\"bad_request\",procedure=\"orders.place\"")
                      && said.contains(
                          "outcome=\"internal_server_error\",procedure=\"kiln.restock\""));
      report = traffic.report();
    }
    Eventually.get("delivery", reading::delivered, delivered -> delivered);
  }

  @AfterAll
  void close() {
    shop.close();
  }

  @Test
  void nothing_isRefusedOrLost() throws Exception {
    assertEquals(0, report.refused(), report::toString);
    assertTrue(report.visits() >= 40, report::toString);
    JsonNode health = reading.json("/health");
    assertAll(
        () -> assertEquals("up", health.path("status").asText()),
        () -> assertTrue(health.path("losses").isEmpty(), health::toPrettyString),
        () -> assertTrue(health.path("client_losses").isEmpty(), health::toPrettyString));
  }

  @Test
  void visitors_cameYesterdayAndToday_andSomeAgain() throws Exception {
    List<JsonNode> sessions = sessions();
    assertTrue(sessions.size() >= report.visits(), sessions::toString);
    long before =
        sessions.stream()
            .filter(session -> Instant.parse(text(session, "last_time")).isBefore(opened))
            .count();
    assertAll(
        () -> assertEquals(40, before),
        () -> assertTrue(distinct(sessions, "visitor_id").size() < sessions.size()),
        () -> assertTrue(distinct(sessions, "user_id").size() > 3),
        () -> assertTrue(sessions.stream().allMatch(one -> one.path("page_views").asInt() > 0)));
  }

  @Test
  void everyKindOfRecord_isThere() throws Exception {
    List<JsonNode> events = records("event");
    Set<String> names = distinct(events, "event_name");
    for (String name :
        List.of(
            "collection_opened",
            "add_to_cart",
            "checkout_completed",
            "signup_started",
            "signup_details_completed",
            "signup_completed",
            "pair_opened",
            "observer.page_leave",
            "observer.web_vital",
            "observer.rage_click",
            "observer.dead_click",
            "observer.long_tasks")) {
      assertTrue(names.contains(name), () -> name + " is not among " + names);
    }
    assertEquals(
        Set.of("session_replay_started"),
        distinct(records("replay"), "event_type").stream()
            .filter(type -> type.equals("session_replay_started"))
            .collect(Collectors.toSet()));
    assertEquals(Set.of("0.9.0", "1.0.0"), distinct(events, "release"));
    assertEquals(Set.of("development", "staging"), distinct(events, "environment"));
    Set<String> referrers = distinct(events, "referrer");
    assertTrue(referrers.contains("https://www.google.com/"), referrers::toString);
    assertTrue(
        events.stream().anyMatch(event -> !text(event.path("properties"), "utm_source").isEmpty()));
  }

  @Test
  void fewerSignUp_withEachStep() throws Exception {
    List<JsonNode> events = records("event");
    long started = count(events, "signup_started");
    long detailed = count(events, "signup_details_completed");
    long completed = count(events, "signup_completed");
    assertTrue(
        started > detailed && detailed >= completed && completed > 0,
        () -> started + ", " + detailed + ", " + completed);
  }

  @Test
  void errors_areOfSeveralKinds_ofBothSides() throws Exception {
    List<JsonNode> errors = records("error");
    List<JsonNode> ofBrowsers =
        errors.stream().filter(error -> text(error, "source").equals("client")).toList();
    assertAll(
        () -> assertEquals(Set.of("client", "server"), distinct(errors, "source")),
        () -> assertTrue(distinct(ofBrowsers, "fingerprint").size() >= 4, errors::toString),
        () -> assertTrue(distinct(ofBrowsers, "mechanism").size() >= 3),
        () ->
            assertTrue(
                ofBrowsers.stream()
                    .allMatch(error -> error.path("feature_flags").has("pairs-well-with"))));
  }

  @Test
  void failureOfTheKiln_isInOneTrace_onBothSides() throws Exception {
    List<JsonNode> errors = records("error");
    List<JsonNode> ofKiln =
        errors.stream().filter(error -> text(error, "trpc_path").equals("kiln.restock")).toList();
    assertFalse(ofKiln.isEmpty());
    // And of nothing else: no visitor's thread ended with an exception.
    assertEquals(
        ofKiln.size(),
        errors.stream().filter(error -> text(error, "source").equals("server")).count(),
        errors::toString);
    JsonNode server = ofKiln.get(0);
    assertTrue(
        errors.stream()
            .anyMatch(
                error ->
                    text(error, "source").equals("client")
                        && text(error, "trace_id").equals(text(server, "trace_id"))
                        && text(error, "session_id").equals(text(server, "session_id"))),
        server::toPrettyString);
  }

  @Test
  void replays_areWhole_andBeginWithASnapshot() throws Exception {
    int recorded = 0;
    for (JsonNode session : sessions()) {
      if (!session.path("has_replay").asBoolean()) {
        continue;
      }
      recorded++;
      JsonNode known = reading.json("/sessions/" + text(session, "session_id"));
      for (JsonNode recording : known.path("recordings")) {
        assertTrue(recording.path("missing").isEmpty(), recording::toPrettyString);
      }
      List<JsonNode> events = new ArrayList<>();
      for (JsonNode batch : reading.replayBatches(known)) {
        batch.path("events").forEach(events::add);
      }
      assertEquals(META, events.get(0).path("type").asInt());
      assertEquals(FULL_SNAPSHOT, events.get(1).path("type").asInt());
      assertTrue(events.get(1).at("/data/node/childNodes").size() > 0);
      assertFalse(events.get(1).toString().contains("{origin}"));
      for (int i = 1; i < events.size(); i++) {
        assertTrue(
            events.get(i - 1).path("timestamp").asLong()
                <= events.get(i).path("timestamp").asLong() + 500,
            "in order");
      }
    }
    assertTrue(recorded > 10, String.valueOf(recorded));
  }

  @Test
  void procedures_areCounted() {
    for (String procedure : List.of("products.list", "products.byId", "orders.place")) {
      assertTrue(
          metrics.contains("outcome=\"success\",procedure=\"" + procedure + "\""), procedure);
    }
  }

  private List<JsonNode> sessions() throws IOException, InterruptedException {
    return pages("/sessions?limit=1000", "sessions");
  }

  private List<JsonNode> records(String kind) throws IOException, InterruptedException {
    return pages("/records?limit=1000&kind=" + kind, "records");
  }

  private List<JsonNode> pages(String path, String list) throws IOException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    String cursor = "";
    while (!cursor.equals("null")) {
      JsonNode page = reading.json(path + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
      page.path(list).forEach(all::add);
      cursor = page.path("next_cursor").asText("null");
    }
    return all;
  }

  private static long count(List<JsonNode> events, String name) {
    return events.stream().filter(event -> text(event, "event_name").equals(name)).count();
  }

  private static Set<String> distinct(List<JsonNode> records, String field) {
    return records.stream()
        .map(record -> text(record, field))
        .filter(value -> !value.isEmpty() && !value.equals("null"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
