package dev.observer.example;

import static dev.observer.example.Reading.text;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.microsoft.playwright.Browser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One visit, and all that can be read about it afterwards. */
@WithChromium
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShopVisitIT {
  /** Numbers of rrweb's event format. */
  private static final int FULL_SNAPSHOT = 2;

  private static final int INCREMENTAL = 3;
  private static final int INPUT = 5;

  private final Path data;
  private final Shop shop;
  private final Reading reading;
  private final Visit visit;
  private JsonNode session = MissingNode.getInstance();

  ShopVisitIT(@TempDir Path data, Browser browser) {
    this.data = data;
    shop = Shops.open(data);
    reading = Reading.of(shop.uri(), shop.observer());
    visit = Visit.to(shop, browser);
  }

  @BeforeAll
  void waitForTheLastOfIt() throws Exception {
    session = Visit.session(reading);
  }

  @AfterAll
  void close() {
    shop.close();
  }

  @Test
  void pageViews_areInOrderEachOnce_withTheirRoute() throws Exception {
    List<String> views =
        events("page_view").stream()
            .map(view -> text(view, "route") + " " + path(view) + " " + text(view, "title"))
            .toList();
    assertEquals(
        List.of(
            "/ / Handmade stoneware · Loam",
            "/products/:id /products/ember-teapot Ember teapot · Loam",
            "/cart /cart Cart · Loam",
            "/checkout /checkout Checkout · Loam",
            "/orders/:id /orders/L-1001 Thank you · Loam",
            "/broken /broken Things that break · Loam"),
        views);
  }

  @Test
  void customEvents_areInOrderEachOnce_withTheirProperties() throws Exception {
    List<JsonNode> events = events("custom_event");
    assertEquals(
        List.of("collection_opened /", "add_to_cart /products/:id", "checkout_completed /checkout"),
        events.stream()
            .map(event -> text(event, "event_name") + " " + text(event, "route"))
            .toList());
    assertEquals(
        "{\"product_id\":\"ember-teapot\",\"quantity\":1,\"value\":126,\"currency\":\"EUR\"}",
        events.get(1).path("properties").toString());
    JsonNode bought = events.get(2).path("properties");
    assertEquals("L-1001", text(bought, "order_id"));
    assertEquals(126, bought.path("value").asInt());
  }

  @Test
  void errors_areInOrderEachOnce_withTheirMechanism() throws Exception {
    assertEquals(
        List.of(
            "onerror unhandled TypeError: Cannot read properties of undefined (reading 'map')",
            "unhandledrejection unhandled Error: The kiln is booked out",
            "error_boundary handled Error: A review has no author",
            "manual handled ApiError: The kiln is too hot to open."),
        clientErrors().stream()
            .map(
                error ->
                    text(error, "mechanism")
                        + (error.path("handled").asBoolean() ? " handled " : " unhandled ")
                        + text(error, "error_type")
                        + ": "
                        + text(error, "message"))
            .toList());
  }

  @Test
  void everyError_saysWhereAndInWhichRelease() throws Exception {
    for (JsonNode error : clientErrors()) {
      String stack = text(error, "stack_trace");
      assertTrue(stack.contains("at ") && stack.contains("/assets/index-"), stack);
      assertAll(
          () -> assertEquals("/broken", text(error, "route")),
          () -> assertEquals("shop-web", text(error, "service_name")),
          () -> assertEquals("1.0.0", text(error, "release")),
          () -> assertEquals("client", text(error, "source")),
          () -> assertEquals(text(session, "session_id"), text(error, "session_id")),
          () -> assertEquals(text(session, "user_id"), text(error, "user_id")),
          () -> assertFalse(text(error, "fingerprint").isEmpty()),
          () -> assertTrue(text(error, "user_agent").contains("Chrome"), error::toPrettyString));
    }
  }

  @Test
  void rejection_keepsItsCause() throws Exception {
    JsonNode cause = clientErrors().get(1).path("causes").path(0);
    assertEquals("RangeError", text(cause, "error_type"));
    assertEquals("week 14 has no free slot", text(cause, "message"));
  }

  @Test
  void renderingError_namesItsBoundaries() throws Exception {
    assertEquals("Page > Reviews", text(clientErrors().get(2), "component_path"));
  }

  @Test
  void breadcrumbs_tellWhatHappenedBefore() throws Exception {
    List<String> crumbs = new ArrayList<>();
    for (JsonNode crumb : clientErrors().get(3).path("breadcrumbs")) {
      crumbs.add(text(crumb, "category") + " " + text(crumb, "message"));
    }
    assertTrue(crumbs.contains("navigation /orders/L-1001 → /broken"), crumbs::toString);
    assertTrue(crumbs.contains("http POST /api/trpc/kiln.restock 500"), crumbs::toString);
  }

  @Test
  void session_countsWhatItHeld() {
    assertAll(
        () -> assertEquals(6, session.path("page_views").asInt()),
        () -> assertEquals(3, session.path("custom_events").asInt()),
        // Four of the page, and the one of its server that is in the session by its baggage.
        () -> assertEquals(5, session.path("errors").asInt()),
        () -> assertTrue(session.path("has_replay").asBoolean()),
        () -> assertEquals(shop.uri().toString(), text(session, "entry_url")),
        () -> assertTrue(text(session, "user_id").startsWith("customer-"), session::toString),
        () -> assertFalse(text(session, "visitor_id").isEmpty()));
  }

  @Test
  void replay_isOneRecordingWithoutGaps_thatStartsWithAFullSnapshot() throws Exception {
    JsonNode recordings = session.path("recordings");
    assertEquals(1, recordings.size(), recordings::toPrettyString);
    JsonNode recording = recordings.get(0);
    assertEquals(0, recording.path("missing").size(), recording::toPrettyString);
    assertEquals(shop.uri().toString(), text(recording, "initial_url"));

    List<JsonNode> batches = reading.replayBatches(session);
    for (int sequence = 0; sequence < batches.size(); sequence++) {
      assertEquals(sequence, batches.get(sequence).path("sequence").asInt());
    }
    List<Integer> types =
        events(batches).stream().map(event -> event.path("type").asInt()).toList();
    assertTrue(types.indexOf(FULL_SNAPSHOT) >= 0, types::toString);
    assertTrue(types.indexOf(FULL_SNAPSHOT) < types.indexOf(INCREMENTAL), types::toString);
  }

  @Test
  void replay_reachesToTheEndOfTheVisit() throws Exception {
    assertTrue(reading.recorded(session).contains(Visit.LAST_SHOWN));
  }

  @Test
  void replay_showsThatSomethingWasTypedButNotWhat() throws Exception {
    Set<String> shown = new TreeSet<>();
    for (JsonNode event : events(reading.replayBatches(session))) {
      JsonNode change = event.path("data");
      if (event.path("type").asInt() == INCREMENTAL && change.path("source").asInt() == INPUT) {
        shown.add(text(change, "text"));
      }
    }
    assertTrue(shown.contains("*".repeat(Visit.NAME.length())), shown::toString);
    assertTrue(shown.contains("*".repeat(Visit.EMAIL.length())), shown::toString);
    for (String text : shown) {
      assertTrue(text.matches("\\**"), text);
    }
  }

  @Test
  void nothingTyped_isInAnyRecord() throws Exception {
    for (String kind : List.of("event", "error", "replay")) {
      List<JsonNode> records = reading.records(kind);
      assertFalse(records.isEmpty(), kind);
      for (JsonNode record : records) {
        assertNoTrace(record.toString(), kind);
      }
    }
  }

  @Test
  void nothingTyped_isInAnyReplayObject() throws Exception {
    List<Path> objects;
    try (Stream<Path> files = Files.walk(data.resolve("replays"))) {
      objects = files.filter(Files::isRegularFile).toList();
    }
    assertEquals(reading.replayBatches(session).size(), objects.size(), objects::toString);
    for (Path object : objects) {
      byte[] body = Reading.gunzip(Files.readAllBytes(object));
      assertNoTrace(new String(body, StandardCharsets.UTF_8), object.toString());
    }
  }

  @Test
  void shop_worksUnderItsStrictPolicy() {
    assertEquals(List.of(), visit.complaintsOfSelling());
  }

  @Test
  void brokenThings_complainAsTheyWouldWithoutObserver() {
    assertEquals(
        List.of(
            "Failed to load resource: the server responded with a status of 500"
                + " (Internal Server Error)"),
        visit.complaintsOfBreaking());
    assertEquals(
        List.of(
            "TypeError: Cannot read properties of undefined (reading 'map')",
            "Error: The kiln is booked out"),
        visit.uncaught());
  }

  private List<JsonNode> clientErrors() throws IOException, InterruptedException {
    return reading.records("error").stream()
        .filter(error -> text(error, "source").equals("client"))
        .toList();
  }

  private List<JsonNode> events(String type) throws IOException, InterruptedException {
    return reading.records("event").stream()
        .filter(event -> text(event, "event_type").equals(type))
        .toList();
  }

  private static List<JsonNode> events(List<JsonNode> batches) {
    List<JsonNode> events = new ArrayList<>();
    for (JsonNode batch : batches) {
      events.addAll(Packed.events(batch));
    }
    return events;
  }

  private String path(JsonNode record) {
    return text(record, "url").replace(shop.uri().toString(), "/");
  }

  private static void assertNoTrace(String text, String where) {
    String lower = text.toLowerCase(Locale.ROOT);
    for (String trace : Visit.tracesOfTyping()) {
      int at = lower.indexOf(trace);
      assertTrue(
          at < 0,
          () ->
              "'%s' is in %s: …%s…"
                  .formatted(
                      trace,
                      where,
                      lower.substring(Math.max(0, at - 60), Math.min(lower.length(), at + 60))));
    }
  }
}
