package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When a recording is sent, when it is not, and the ways in which recordings get lost elsewhere.
 */
@WithChromium
final class ReplayArrivalIT {
  private static final int FULL_SNAPSHOT = 2;
  private static final int KEPT_SECONDS = 30;

  @Test
  void onError_withoutAnError_sendsNothingOfAReplay(@TempDir Path data, Browser browser)
      throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      List<String> asked = new CopyOnWriteArrayList<>();
      page.onRequest(request -> asked.add(request.url()));
      page.navigate(site.uri("ticking.html?replay=on-error").toString());
      page.waitForFunction("() => window.observer !== undefined");
      page.getByText("tick 3 end").waitFor();
      page.evaluate("() => { observer.track('done'); return observer.flush(); }");
      page.close(new Page.CloseOptions().setRunBeforeUnload(true));

      Reading reading = site.reading();
      Eventually.get("the event", () -> reading.records("event").size(), count -> count >= 2);
      assertTrue(
          asked.stream().anyMatch(url -> url.contains("/replay-")), "the recorder was loaded");
      assertFalse(asked.stream().anyMatch(url -> url.contains("/replay-events")), asked::toString);
      assertEquals(List.of(), reading.records("replay"));
      try (Stream<Path> files = Files.walk(data)) {
        assertEquals(0, files.filter(file -> file.toString().endsWith(".json.gz")).count());
      }
    }
  }

  @Test
  void onError_anErrorsReplay_beginsAtLeastThePromisedTimeBeforeIt(
      @TempDir Path data, Browser browser) throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.clock().install();
      page.waitForRequestFinished(
          new Page.WaitForRequestFinishedOptions()
              .setPredicate(request -> request.url().contains("/replay-")),
          () -> page.navigate(site.uri("ticking.html?replay=on-error").toString()));
      int seconds = 0;
      for (; seconds < 100; seconds++) {
        page.clock().runFor(1_000);
      }
      page.locator("button").click();
      page.clock().runFor(5_000);
      page.evaluate("() => observer.flush()");

      Reading reading = site.reading();
      JsonNode session =
          Eventually.get(
              "the replay", reading::onlySession, found -> found.path("has_replay").asBoolean());
      String shown = events(reading, session).toString();
      for (int tick = seconds - KEPT_SECONDS; tick <= seconds; tick++) {
        assertTrue(shown.contains("\"tick " + tick + " end\""), "tick " + tick);
      }
      assertFalse(shown.contains("\"tick 10 end\""), "and is bounded");
    }
  }

  @Test
  void whatHappensRightBeforeThePageIsGone_isInTheReplay(@TempDir Path data, Browser browser)
      throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = site.visit(context, "ticking.html?replay=always");
      page.evaluate("() => { document.querySelector('h1').textContent = 'The last words'; }");
      page.close(new Page.CloseOptions().setRunBeforeUnload(true));
      assertArrives(site.reading(), "The last words");
    }
  }

  /** From then on a page may be frozen, and later thrown away without a word. */
  @Test
  void whatHappensRightBeforeTheTabIsSwitched_isInTheReplay_withoutATimer(
      @TempDir Path data, Browser browser) throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.clock().install();
      page.waitForResponse(
          answer -> answer.url().contains("/replay-events"),
          () -> page.navigate(site.uri("ticking.html?replay=always").toString()));
      page.clock().pauseAt(System.currentTimeMillis() + 60_000);
      page.evaluate(
          """
          () => {
            document.querySelector("h1").textContent = "Before the switch";
            Object.defineProperty(document, "visibilityState", { value: "hidden" });
            Object.defineProperty(document, "hidden", { value: true });
            document.dispatchEvent(new Event("visibilitychange"));
            document.querySelector("h1").textContent = "After it";
          }
          """);
      assertArrives(site.reading(), "Before the switch");
    }
  }

  @Test
  void aSnapshotOfAPageOfManyMegabytes_arrivesWhole(@TempDir Path data, Browser browser)
      throws Exception {
    int many = 60_000;
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = site.visit(context, "ticking.html?replay=always&many=" + many);
      page.evaluate("() => observer.flush()");
      Reading reading = site.reading();
      JsonNode session =
          Eventually.get(
              "the replay", reading::onlySession, found -> found.path("has_replay").asBoolean());
      JsonNode snapshot =
          events(reading, session).stream()
              .filter(event -> event.path("type").asInt() == FULL_SNAPSHOT)
              .findFirst()
              .orElseThrow();
      String text = snapshot.toString();
      assertTrue(text.length() > 10_000_000, text.length() + " characters as rrweb's JSON");
      assertEquals(many, text.split("\"class\":\"one\"", -1).length - 1);
      assertTrue(text.contains("\"number " + (many - 1) + "\""));
      assertEquals("{}", page.evaluate("() => JSON.stringify(observer.drops())"));
    }
  }

  @Test
  void aUserWhoIsIdentifiedWhileTheRecordingRuns_isTheSessionsAndItGoesOn(
      @TempDir Path data, Browser browser) throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      Page page = site.visit(context, "ticking.html?replay=always");
      page.evaluate("() => observer.identify('user-7')");
      page.evaluate("() => { document.querySelector('h1').textContent = 'After the login'; }");
      page.evaluate("() => { observer.track('after'); return observer.flush(); }");
      Reading reading = site.reading();
      assertArrives(reading, "After the login");
      JsonNode session =
          Eventually.get(
              "the user",
              reading::onlySession,
              found -> found.path("user_id").asText().equals("user-7"));
      assertEquals(1, session.path("recordings").size(), session::toPrettyString);
    }
  }

  @Test
  void aPageThatComesBackFromTheBackForwardCache_isStillRecorded(
      @TempDir Path data, @TempDir Path profile) throws Exception {
    List<String> command = new ArrayList<>(ChromiumExtension.ARGUMENTS);
    command.add(0, ChromiumExtension.executable().orElseThrow().toString());
    command.add("--user-data-dir=" + profile);
    try (RecordedSite site = RecordedSite.open(data)) {
      command.add(site.uri("leaving.html").toString());
      // Nobody drives it: a browser that is driven caches no page.
      Process browser =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        assertArrives(site.reading(), "Back again");
        assertEquals(1, site.reading().onlySession().path("recordings").size());
      } finally {
        browser.destroy();
        browser.waitFor();
      }
    }
  }

  private static void assertArrives(Reading reading, String words) throws Exception {
    Eventually.get(
        "a replay that shows '" + words + "'",
        () -> {
          JsonNode session = reading.onlySession();
          return session.isEmpty() ? "" : reading.recorded(session);
        },
        recorded -> recorded.contains(words));
    for (JsonNode recording : reading.onlySession().path("recordings")) {
      assertEquals(0, recording.path("missing").size(), recording::toPrettyString);
    }
  }

  private static List<JsonNode> events(Reading reading, JsonNode session) throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (JsonNode batch : reading.replayBatches(session)) {
      events.addAll(Packed.events(batch));
    }
    return events;
  }
}
